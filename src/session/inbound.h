// What one side owes acknowledgements for: the receiving half of QoS 1 and 2.
// Belongs to a session; broker and client use the same. No I/O, no clock.
//
// Acknowledgements are owed, not sent: each waits in order of receipt until its
// owner says settle() (the message is safe), and leaves only when all before it
// have left.  [MQTT-4.6.0-2] [MQTT-4.6.0-3] [MQTT-4.6.0-4]
//
// A QoS 2 packet id is held from its PUBLISH to the PUBREL, across connections: a
// PUBLISH with an id that is held is a repeat and not a message. It counts against the
// receive maximum of the connections on which it was published, since the peer's count
// starts afresh with each.  [MQTT-4.3.3-10], U5-4.3.3-a, U5-4.9-a
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "base/ring.h"
#include "mqtt/reason.h"
#include "mqtt/version.h"
#include "session/packet_id_set.h"

namespace gaon {

class Inbound {
 public:
  enum class Arrival : std::uint8_t {
    fresh,     // hand it on; settle() when it is safe
    repeat,    // QoS 2 seen before: nothing to hand on, the answer is arranged
    too_many,  // more unfinished than announced: 0x93  [MQTT-3.3.4-9]
  };

  struct Ack {
    mqtt::PacketType type;  // puback, pubrec or pubcomp
    std::uint16_t packet_id;
    mqtt::Reason reason;
  };

  // A new connection: what was owed to the old one is forgotten (the peer will
  // repeat), the QoS 2 ids stay. receive_maximum is what was announced to the peer.
  void connected(std::uint16_t receive_maximum);

  // The peer has no session any more: the held ids go.
  void session_lost() { held_.reset(); }

  // PUBLISH of QoS 1 or 2.
  Arrival handle_publish(std::uint16_t packet_id, mqtt::QoS qos);
  // So much is owed that no PUBREL may be added: its peer does not read our answers.
  bool full() const { return owed_.size() >= kOwedMax; }
  // PUBREL, unless full(). True: the id was held; PUBCOMP is owed, and the caller settles it.
  // False: unknown; PUBCOMP with 0x92 is arranged.  U5-3.6-a
  bool handle_pubrel(std::uint16_t packet_id);

  // The oldest acknowledgement of this type owed for this id may leave, and with a
  // PUBREC those owed to repeats of the same message. A reason of 0x80 or more on a
  // PUBREC gives the id free again.  [MQTT-4.3.3-9]
  void settle(mqtt::PacketType type, std::uint16_t packet_id, mqtt::Reason reason);

  // Next acknowledgement to write, in order; it is written when this returns it.
  std::optional<Ack> poll_ack();

  // The owner has recorded that this QoS 2 id is free: its message was not taken, and
  // settle() with a reason of 0x80 or more follows. Until then repeats wait for that.
  void refuse(std::uint16_t packet_id);
  // A QoS 2 id that the owner recorded: its message is safe, its PUBREL did not come.
  void restore_held(std::uint16_t packet_id);
  bool holds(std::uint16_t packet_id) const { return held_ && held_->all.contains(packet_id); }
  // f(packet_id) for every QoS 2 id that is held and not refused, in no order.
  template <class F>
  void for_each_held(F&& f) const {
    if (!held_) return;
    held_->all.for_each([&](std::uint16_t id) {
      if (!held_->refused.contains(id)) f(id);
    });
  }

  // Which connection this is, so that a late settle() for an older one can be told.
  std::uint16_t connection() const { return connection_; }
  // QoS 1 and 2 that count against the receive maximum of this connection.
  std::size_t unfinished() const { return owed_qos1_ + (held_ ? held_->counted.size() : 0); }

 private:
  struct Owed {
    std::uint16_t packet_id = 0;
    mqtt::PacketType type{};
    mqtt::Reason reason{};
    bool settled = false;
    bool repeat = false;
  };

  // QoS 2 ids whose PUBLISH came and PUBREL not yet.
  struct Held {
    PacketIdSet all;
    PacketIdSet unsettled;  // of those: the message is not safe yet
    PacketIdSet refused;    // of those: its PUBREC will say so
    PacketIdSet counted;    // of those: published on this connection
  };

  // A peer that repeats itself without waiting gets no further than this.
  static constexpr std::size_t kOwedMax = 131'072;

  Ring<Owed> owed_;
  std::unique_ptr<Held> held_;  // made for the first QoS 2
  std::uint32_t owed_qos1_ = 0;
  std::uint32_t repeats_ = 0;  // repeats in owed_ that are not settled
  std::uint16_t receive_maximum_ = 65'535;
  std::uint16_t connection_ = 0;
};

}  // namespace gaon
