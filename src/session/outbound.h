// What one side must get acknowledged: the sending half of QoS 0, 1 and 2.
// Belongs to a session and outlives its connections; broker and client use the
// same. No I/O, no clock: whoever owns the connection asks what is next().
//
// Two rings, both in order of sequence. queue_ holds copies not sent yet. flight_ holds
// what was sent and is not finished; a copy moves over when sent() is said of it:
//
//   waiting --sent, QoS 0--> gone
//   waiting --sent, QoS 1--> publish_sent --PUBACK--> done
//   waiting --sent, QoS 2--> publish_sent --PUBREC--> pubrel_sent --PUBCOMP--> done
//                                 |--PUBREC with a reason >= 0x80--> done
//                                 \--PUBREC, hold_sends--> received --release()--> pubrel_sent
//
// After connected() everything in flight_ is due once more, in its order and before
// anything new: PUBLISH with DUP, or PUBREL.  [MQTT-4.4.0-1] [MQTT-4.6.0-1]
// What is received and not released is passed over: its PUBREL comes with release().
//
// A session that its owner records (hold_sends) has a gate: a queued copy of QoS 1 or 2
// is sent only when it was recorded that it may have been, open_to() its sequence. So
// after a crash what may have been sent goes out with DUP, and nothing else does.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/ring.h"
#include "mqtt/reason.h"
#include "session/copy.h"
#include "session/packet_id_set.h"

namespace gaon {

class Outbound {
 public:
  // What is to be written now.
  struct Due {
    enum class Kind : std::uint8_t { publish, pubrel };
    Kind kind;
    bool dup;
    // 0 for QoS 0. A copy of QoS 1 whose own id, packet_id_of(sequence), is still in use
    // by one 65,535 numbers older has another one: who records copies records that.
    std::uint16_t packet_id;
    const Copy* copy;  // valid until the next call
  };

  // How the peer's answer ended (or did not end) a copy.
  struct Answer {
    enum class Kind : std::uint8_t {
      unknown,   // no such packet id
      wrong,     // an id of ours, but another answer was due: a protocol error
      pubrel,    // QoS 2 goes on: PUBREL must be sent for this id
      received,  // QoS 2 goes on with release(packet_id), when the owner has recorded it
      repeat,    // the same answer again, before release(): nothing to do
      finished,
    };
    Kind kind;
    Copy copy = {};              // when finished
    std::uint32_t sequence = 0;  // when received
  };

  // A connection is there; its peer takes receive_maximum unfinished QoS 1 and 2
  // at once. At most inflight_max of ours are used of them.
  void connected(std::uint16_t receive_maximum);

  // The peer has no session any more: what was sent and not finished becomes new
  // again, before what waits; what had its PUBREC was received and goes. Numbers,
  // and so the packet ids, stay.
  void session_lost();

  void enqueue(const Delivery& delivery);

  // What goes out next; nullopt: nothing waits, the window is full, the gate is closed,
  // the message is absent, or a copy of QoS 2 waits until its packet id is free.
  std::optional<Due> next();
  // What next() gave was written. For QoS 0 the copy is gone with it.
  void sent();
  // What next() gave cannot be sent (expired, too large): it is given up.
  Copy give_up();

  // Quick way for a copy that need not wait in queue_: allowed when nothing waits
  // before it and the window has room; with hold_sends() never for QoS 2, which must be
  // recorded first. Gives the packet id to send it with. It passes the gate.
  bool may_send_now(mqtt::QoS qos) const;
  std::uint16_t send_now(const Delivery& delivery);

  // The copy of QoS 1 or 2 that send_now() sent last. Valid until the next call.
  Copy& latest_sent() { return flight_.back(); }

  // The number that enqueue() or send_now() gave last; 0 before the first.
  std::uint32_t last_sequence() const { return last_sequence_; }

  Answer handle_puback(std::uint16_t packet_id);
  Answer handle_pubrec(std::uint16_t packet_id, mqtt::Reason reason);
  Answer handle_pubcomp(std::uint16_t packet_id);
  // That this copy was received is recorded: its PUBREL may leave. True: write it now;
  // else it comes by next() in its turn, or no received copy has this id.
  bool release(std::uint16_t packet_id);

  // Takes away the oldest copy that was not sent. Only when waiting() > 0.
  Copy drop_oldest_waiting();
  // Takes out every copy of that share that was not sent, in order; with
  // and_unacknowledged also QoS 1 that was sent: when the session ends, another
  // member gets those.  [MQTT-4.8.2-5]
  std::vector<Copy> take_share(ShareTag share, bool and_unacknowledged);

  // A packet id for SUBSCRIBE or UNSUBSCRIBE; nullopt if all 65,535 are in use. It takes
  // a number as a copy does, and is free again after the connection.
  std::optional<std::uint16_t> reserve_packet_id();
  bool release_packet_id(std::uint16_t packet_id);

  // --- the gate
  // Off by default: for a client, and for sessions that are not kept.
  void hold_sends(bool hold) { hold_ = hold; }
  bool holds_sends() const { return hold_; }
  // Queued copies up to this sequence may go out. Opens, never closes.
  void open_to(std::uint32_t sequence);
  std::uint32_t open_to() const { return open_to_; }
  // If something would go out now but for the gate: the sequence to record and open to,
  // that of the copy ahead - 1 places behind the front of the queue, or of the last one.
  std::optional<std::uint32_t> gate_wants(std::size_t ahead) const;

  // --- messages that are not in memory
  // The absent copies that are due next, in order: resends, then the front of the queue
  // as far as the gate is open; at most max, and none behind one that is present. Empty
  // with a full window. Valid until a call that changes anything here.
  std::size_t absent_next(std::vector<Copy*>& out, std::size_t max);
  // The unfinished copy of QoS 1 or 2 with this number; nullptr if there is none (any
  // more). Valid as above. make_absent() and restore() may be used on it.
  Copy* find_sequence(std::uint32_t sequence);
  // f(const Copy&) for every unfinished copy of QoS 1 and 2, in order.
  template <class F>
  void for_each(F&& f) const {
    for (std::size_t i = 0; i < flight_.size(); ++i) {
      if (flight_[i].state != Copy::State::done) f(flight_[i]);
    }
    for (std::size_t i = 0; i < queue_.size(); ++i) {
      if (queue_[i].qos() != mqtt::QoS::at_most_once) f(queue_[i]);
    }
  }

  // f(Copy&) for the n copies in flight for which is(copy) holds, in order: no more do, and
  // they are looked for from the latest on.
  template <class Is, class F>
  void for_each_latest(std::size_t n, Is&& is, F&& f) {
    std::size_t at = flight_.size();
    while (n > 0) {
      CHECK(at > 0);
      if (is(flight_[--at])) --n;
    }
    for (; at < flight_.size(); ++at) {
      if (is(flight_[at])) f(flight_[at]);
    }
  }

  // --- restoring, into an empty Outbound: the numbers first, then the copies by sequence.
  void restore_numbers(std::uint32_t last_sequence, std::uint32_t open_to);
  void restore(const RestoredCopy& restored);

  bool empty() const { return queue_.empty() && in_flight() == 0; }
  std::size_t waiting() const { return queue_.size(); }
  // Of the messages that wait. An absent copy counts on with the size it had; as nobody
  // knows that any more when it is dropped, it is then taken for an average one. So with
  // absent copies this is an estimate: never negative, and 0 when nothing waits.
  std::size_t waiting_bytes() const { return waiting_bytes_; }
  std::size_t in_flight() const { return flight_.size() - done_ + reserved(); }
  bool has_queued_next() const { return resend_ < flight_.size() || !queue_.empty(); }

 private:
  static constexpr std::size_t kNotThere = SIZE_MAX;

  bool window_open() const { return in_window_ < receive_maximum_; }
  bool id_left() const { return in_flight() < 65'535; }
  bool gate_open(const Copy& waiting) const;
  std::size_t reserved() const { return reserved_ ? reserved_->size() : 0; }
  std::size_t find(std::uint16_t packet_id) const;
  Answer not_there(std::uint16_t packet_id) const;
  bool in_use(std::uint16_t packet_id, std::uint32_t sequence) const;
  std::uint16_t other_packet_id(std::uint32_t sequence) const;
  std::uint16_t packet_id_for(const Copy& waiting) const;
  std::uint32_t next_sequence();
  std::uint32_t free_sequence();
  std::size_t next_resend(std::size_t from) const;
  void into_flight(Copy&& copy);
  void restore_into_flight(Copy&& copy, std::uint16_t packet_id);
  Copy take_waiting();
  void count_gone(const Copy& waiting, std::size_t average);
  Answer finish(std::size_t at);  // end(), and its place may go
  Copy end(std::size_t at);
  void forget_done();

  Ring<Copy> queue_;
  Ring<Copy> flight_;
  std::unique_ptr<PacketIdSet> reserved_;  // made for the first request
  std::size_t waiting_bytes_ = 0;
  std::uint32_t resend_ = 0;  // flight_[resend_...] is due once more
  std::uint32_t done_ = 0;    // copies in flight_ that are done
  std::uint32_t in_window_ = 0;
  std::uint32_t last_sequence_ = 0;
  std::uint32_t open_to_ = 0;
  std::uint32_t other_ids_ = 0;  // copies in flight_ with another id than their own
  std::uint16_t receive_maximum_ = 0;
  bool hold_ = false;
};

}  // namespace gaon
