// One connection of either side, without I/O: bytes in by receive(), bytes out into
// an Output, what happened by poll_event(). Time is a parameter. Broker and client
// library use the same; role_ makes the few differences.
//
//   opening  nothing but CONNECT (server) or CONNACK (client) is understood
//   open     after accept() or a good CONNACK
//   closed   DISCONNECT was sent or received, or the peer broke a rule
//
// A CONNECT stays unread until accept() or refuse(): its owner may answer later
// (keep_unread()) or carry the connection to another thread (take_unread()), where
// the same bytes are received again. While an authentication method takes its steps it
// is held (hold_connect()), and only AUTH and DISCONNECT are understood.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "base/output.h"
#include "base/time.h"
#include "mqtt/encode.h"
#include "mqtt/framer.h"
#include "mqtt/packet.h"
#include "session/session.h"
#include "session/topic_alias.h"
#include "session/traffic.h"

namespace gaon {

// What we announce to the peer. Must outlive the endpoints that are made with it.
struct EndpointOptions {
  std::uint32_t maximum_packet_size = mqtt::kPacketSizeMax;
  std::uint16_t receive_maximum = 65'535;
  std::uint16_t topic_alias_maximum = 0;
  // Not announced: how many QoS 1 and 2 we leave unfinished, and how many topic aliases
  // we set, even if the peer takes more.
  std::uint16_t inflight_max = 65'535;
  std::uint16_t topic_aliases_set_max = 64;
};

// The peer finished with a copy of ours.
struct Finished {
  Copy copy;
  mqtt::Reason reason;
};

// The peer has a QoS 2 copy of a session that is recorded (Outbound::hold_sends):
// release() when that is safe.
struct Received {
  std::uint16_t packet_id;
  std::uint32_t sequence;
};

// The peer released a QoS 2 packet id: settle_pubcomp() when that is safe.
struct Released {
  std::uint16_t packet_id;
};

// The peer broke a rule. It was told where the protocol has a way to; close.
struct Violation {
  mqtt::Reason reason;
  mqtt::PacketType packet;
  const char* what;
};

// Packets are views on what was received: valid until the next poll_event().
using Event = std::variant<mqtt::Connect, mqtt::Connack, mqtt::Publish, mqtt::Subscribe, mqtt::Suback,
                           mqtt::Unsubscribe, mqtt::Unsuback, mqtt::Disconnect, mqtt::Auth, Finished,
                           Received, Released, Violation>;

// A copy that left the queue without the peer's word.
struct Gone {
  enum class Why : std::uint8_t {
    sent,  // QoS 0
    expired,
    too_large,
    not_supported,  // its QoS or RETAIN, by a server that said so in CONNACK
    refused,        // by the owner of the session
    // Only with hold_sends: QoS 2 that was sent and is too large for the peer of now, who
    // may hold its id. Not gone, goes on as Received does; copy has but its numbers.
    as_received,
    // Only with hold_sends: sent with another packet id than its own. Not gone; copy has but
    // its numbers.
    named,
  };
  Copy copy;
  Why why;
};

class Endpoint {
 public:
  enum class Role : std::uint8_t { server, client };
  enum class State : std::uint8_t { opening, open, closed };

  Endpoint(Role role, const EndpointOptions& options, Traffic& traffic, Output& output)
      : options_(&options), traffic_(&traffic), output_(&output), role_(role) {}

  State state() const { return state_; }
  mqtt::Version version() const { return version_; }
  std::uint16_t peer_receive_maximum() const { return peer_receive_maximum_; }

  // --- bytes in. After receive(), poll until nullopt; bytes must live until then.
  void receive(ByteView bytes, Time now);
  std::optional<Event> poll_event();
  // Copies what is not read yet, so that the received bytes may go. A CONNECT that waits
  // for its answer is shown again by the next poll_event().
  void keep_unread();
  // Hands over everything not read yet, a CONNECT that waits included.
  Buffer take_unread();

  // A PUBLISH that the next poll_event() would begin with, as far as it is here.
  struct NextPublish {
    std::size_t size = 0;  // of the packet
    bool whole = false;    // all of it is here
    bool at_most_once = false;
  };
  std::optional<NextPublish> next_publish() const;
  // From now on poll_event() also returns behind a packet that it only handles, with nothing
  // and stopped_short(), so that nothing comes in front of what next_publish() tells.
  void step() { steps_ = true; }
  bool stopped_short() const { return stopped_short_; }

  // --- opening, server: answers the CONNECT that poll_event() gave.
  void accept(Session& session, const mqtt::Connect& connect, const mqtt::Connack& connack);
  void refuse(const mqtt::Connect& connect, mqtt::Reason reason, mqtt::Properties properties = {});
  // Puts a CONNECT of MQTT 5 aside, so that AUTH may follow; its views end.
  void hold_connect(const mqtt::Connect& connect);
  bool connect_held() const { return !held_.empty(); }
  // The next poll_event() gives it again, in front of what is unread.
  void show_connect();
  // --- opening, client: sends CONNECT.
  void connect(Session& session, const mqtt::Connect& connect, Time now);

  // --- open
  // Writes a packet that has no state here (SUBACK, SUBSCRIBE, ...). What the peer's
  // maximum packet size forbids is first stripped of its properties, unless it is AUTH,
  // then not sent: false. AUTH may be sent while opening too.
  bool send(const mqtt::Packet& packet);

  enum class Sending : std::uint8_t {
    sent,
    blocked,    // it must be queued
    too_large,  // for this peer; it counts as delivered  [MQTT-3.1.2-25]
  };
  // A copy that goes out at once if queue, window and output_high allow.
  Sending publish(const Delivery& delivery, Time now, std::size_t output_high);
  // True: the peer may not have this copy, which was not sent yet for all we know.
  using Refuses = std::function<bool(const Copy& copy)>;
  // Sends what the session has waiting, as far as window and output_high allow.
  void pump(Time now, std::size_t output_high, std::vector<Gone>& gone, const Refuses& refuses = {});

  // The message behind PUBACK, PUBREC is safe (or refused, by reason); writes every
  // acknowledgement that may leave.
  void settle(mqtt::PacketType type, std::uint16_t packet_id, mqtt::Reason reason);
  // Writes those that were settled past this endpoint.
  void write_acks();

  // The Received copy with this id is recorded: writes its PUBREL.
  void release(std::uint16_t packet_id);

  // Says goodbye, where the version can and it does not take back the will, and is closed.
  // A CONNECT that is held is refused.
  void disconnect(mqtt::Reason reason, mqtt::Properties properties = {});

  // --- keep alive
  void set_keep_alive(std::uint16_t keep_alive_s) { keep_alive_s_ = keep_alive_s; }
  // Server: when the peer has been silent for 1.5 times the keep alive. Client: when
  // a PINGREQ is due, or its answer overdue.  kNever without keep alive.
  Time deadline() const;
  // Server: counts again from now, for a peer that was not read.
  void heard(Time now) { last_received_ = now; }
  // Client: sends the PINGREQ, or closes because no answer came (false).
  bool handle_timeout(Time now);

 private:
  std::optional<Event> handle_frame(const mqtt::Frame& frame);
  std::optional<Event> handle_short_ack(std::uint16_t packet_id);  // of the type packet_
  std::optional<Event> handle(mqtt::Connack& packet);
  std::optional<Event> handle(mqtt::Publish& packet);
  std::optional<Event> handle(mqtt::Puback& packet);
  std::optional<Event> handle(mqtt::Pubrec& packet);
  std::optional<Event> handle(mqtt::Pubrel& packet);
  std::optional<Event> handle(mqtt::Pubcomp& packet);
  std::optional<Event> handle(mqtt::Pingreq& packet);
  std::optional<Event> handle(mqtt::Pingresp& packet);
  std::optional<Event> handle(mqtt::Disconnect& packet);
  // CONNECT, SUBSCRIBE, SUBACK, UNSUBSCRIBE, UNSUBACK, AUTH: only shown.
  template <class Packet>
  std::optional<Event> handle(Packet& packet) {
    return packet;
  }

  Event fail(mqtt::Reason reason, const char* what);
  Event fail_connect(const mqtt::Frame& frame, const mqtt::Fault& fault);
  void give_up(const Outbound::Due& due, Gone::Why why, std::vector<Gone>& gone);
  void write_pubrel(std::uint16_t packet_id, mqtt::Reason reason);
  std::optional<Event> finished(Outbound::Answer&& answer, mqtt::Reason reason);
  std::optional<mqtt::Fault> resolve_alias(mqtt::Publish& packet);
  void take_peer_limits(const mqtt::Properties& properties);
  mqtt::PublishHead head_of(const Delivery& delivery, Time now) const;
  bool fits(mqtt::PublishHead& head) const;
  void write(mqtt::PublishHead& head, const Message& message);
  ByteView unread() const { return kept_.empty() ? received_ : kept_.view(); }
  void consume(std::size_t size);

  const EndpointOptions* options_;
  Traffic* traffic_;
  Output* output_;
  Session* session_ = nullptr;
  Buffer held_;        // the CONNECT that is held
  Buffer kept_;        // unread bytes of earlier calls, whole packets excepted
  ByteView received_;  // unread bytes of this call, when kept_ is empty
  std::unique_ptr<InboundAliases> inbound_aliases_;
  std::unique_ptr<OutboundAliases> outbound_aliases_;
  Time last_received_{};
  Time last_sent_{};
  std::uint32_t frame_size_ = 0;  // of the packet that the last event shows
  std::uint32_t peer_maximum_packet_size_ = mqtt::kPacketSizeMax;
  std::uint16_t peer_receive_maximum_ = 65'535;
  mqtt::QoS peer_maximum_qos_ = mqtt::QoS::exactly_once;
  bool peer_retain_available_ = true;
  std::uint16_t keep_alive_s_ = 0;
  Role role_;
  State state_ = State::opening;
  mqtt::Version version_ = mqtt::Version::v5;
  mqtt::PacketType packet_ = mqtt::PacketType::reserved;  // the one being handled
  bool steps_ = false;
  bool stopped_short_ = false;
  bool ping_waits_ = false;
  bool clean_start_ = false;  // of the CONNECT that was sent
};

}  // namespace gaon
