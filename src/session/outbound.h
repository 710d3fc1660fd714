// What one side must get acknowledged: the sending half of QoS 0, 1 and 2.
// Belongs to a session and outlives its connections; broker and client use the
// same. No I/O, no clock: whoever owns the connection asks what is next().
//
// Two rings in order of arrival. queue_ holds copies not sent yet. flight_ holds
// what was sent and is not finished; a copy moves over when sent() is said of it:
//
//   waiting --sent, QoS 0--> gone
//   waiting --sent, QoS 1--> publish_sent --PUBACK--> done
//   waiting --sent, QoS 2--> publish_sent --PUBREC--> pubrel_sent --PUBCOMP--> done
//                                 \--PUBREC with a reason >= 0x80--> done
//
// After connected() everything in flight_ is due once more, in its order and before
// anything new: PUBLISH with DUP, or PUBREL.  [MQTT-4.4.0-1] [MQTT-4.6.0-1]
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/ring.h"
#include "mqtt/reason.h"
#include "session/copy.h"

namespace gaon {

class Outbound {
 public:
  // What is to be written now.
  struct Due {
    enum class Kind : std::uint8_t { publish, pubrel };
    Kind kind;
    bool dup;
    std::uint16_t packet_id;  // 0 for QoS 0
    const Copy* copy;         // valid until the next call
  };

  // How the peer's answer ended (or did not end) a copy.
  struct Answer {
    enum class Kind : std::uint8_t {
      unknown,  // no such packet id
      wrong,    // an id of ours, but another answer was due: a protocol error
      pubrel,   // QoS 2 goes on: PUBREL must be sent for this id
      finished,
    };
    Kind kind;
    Copy copy = {};  // when finished
  };

  // A connection is there; its peer takes receive_maximum unfinished QoS 1 and 2
  // at once. At most inflight_max of ours are used of them.
  void connected(std::uint16_t receive_maximum);

  // The peer has no session any more: what was sent and not finished becomes new
  // again, before what waits; what had its PUBREC was received and goes.
  void session_lost();

  void enqueue(const Delivery& delivery);

  // What goes out next; nullopt: nothing waits, or the window is full.
  std::optional<Due> next();
  // What next() gave was written. For QoS 0 the copy is gone with it.
  void sent();
  // What next() gave cannot be sent (expired, too large): it is given up.
  Copy give_up();

  // Quick way for a copy that need not wait in queue_: allowed when nothing waits
  // before it and the window has room. Gives the packet id to send it with.
  bool may_send_now(mqtt::QoS qos) const;
  std::uint16_t send_now(const Delivery& delivery);

  Answer handle_puback(std::uint16_t packet_id);
  Answer handle_pubrec(std::uint16_t packet_id, mqtt::Reason reason);
  Answer handle_pubcomp(std::uint16_t packet_id);

  // Takes away the oldest copy that was not sent. Only when waiting() > 0.
  Copy drop_oldest_waiting();
  // Takes out every copy of that share that was not sent, in order; with
  // and_unacknowledged also QoS 1 that was sent: when the session ends, another
  // member gets those.  [MQTT-4.8.2-5]
  std::vector<Message> take_share(ShareTag share, bool and_unacknowledged);

  // A packet id for SUBSCRIBE or UNSUBSCRIBE; nullopt if all 65,535 are in use.
  std::optional<std::uint16_t> reserve_packet_id();
  bool release_packet_id(std::uint16_t packet_id);

  bool empty() const { return queue_.empty() && flight_.empty(); }
  std::size_t waiting() const { return queue_.size(); }
  std::size_t waiting_bytes() const { return waiting_bytes_; }
  std::size_t in_flight() const { return flight_.size() - done_; }
  bool has_queued_next() const { return resend_ < flight_.size() || !queue_.empty(); }

 private:
  static constexpr std::size_t kNotThere = SIZE_MAX;

  bool window_open() const { return in_window_ < receive_maximum_ && flight_.size() - done_ < 65'535; }
  std::size_t find(std::uint16_t packet_id) const;
  std::uint16_t free_packet_id();
  void skip_finished_resends();
  Answer finish(std::size_t at);  // end(), and its place may go
  Copy end(std::size_t at);
  void forget_done();

  Ring<Copy> queue_;
  Ring<Copy> flight_;
  std::size_t waiting_bytes_ = 0;
  std::uint32_t resend_ = 0;  // flight_[resend_...] is due once more
  std::uint32_t done_ = 0;    // copies in flight_ that are done
  std::uint32_t in_window_ = 0;
  std::uint16_t receive_maximum_ = 0;
  std::uint16_t last_packet_id_ = 0;
  bool wrapped_ = false;  // an id of flight_ lies ahead of the counter
};

}  // namespace gaon
