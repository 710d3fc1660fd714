// One end of a connection in memory for tests: an Endpoint with its session and the
// least that an owner does. It keeps a protocol of what happened; what it writes can
// be read as text.
#pragma once

#include <cstdio>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "base/buffer.h"
#include "mqtt/decode.h"
#include "mqtt/encode.h"
#include "session/endpoint.h"

namespace gaon {

using Texts = std::vector<std::string>;

inline std::string code(mqtt::Reason reason) {
  char text[8];
  std::snprintf(text, sizeof text, "%02X", static_cast<unsigned>(reason));
  return text;
}

inline std::string as_bytes_of(const mqtt::Packet& packet, mqtt::Version version) {
  Buffer to;
  mqtt::encode(packet, version, to);
  return std::string(as_text(to.view()));
}

// "PUBLISH q1 dup #7 a=x", "PUBREC #7", "PUBCOMP #7 92", "DISCONNECT 82", "PINGREQ".
inline std::string told(const mqtt::Packet& packet) {
  std::string text(mqtt::name(mqtt::type_of(packet)));
  std::visit(
      [&](const auto& p) {
        if constexpr (std::is_same_v<std::decay_t<decltype(p)>, mqtt::Publish>) {
          text += " q" + std::to_string(static_cast<int>(p.qos));
          if (p.dup) text += " dup";
        }
        if constexpr (requires { p.packet_id; }) {
          if (p.packet_id != 0) text += " #" + std::to_string(p.packet_id);
        }
        if constexpr (requires { p.reason; }) {
          if (p.reason != mqtt::Reason::success) text += " " + code(p.reason);
        }
        if constexpr (std::is_same_v<std::decay_t<decltype(p)>, mqtt::Publish>) {
          const auto alias = p.properties.number(mqtt::Property::topic_alias);
          text += " " + std::string(p.topic) + (alias ? "~" + std::to_string(*alias) : "") + "=" +
                  std::string(as_text(p.payload));
        }
      },
      packet);
  return text;
}

// Packets in a stream of bytes, as they become complete.
class Listener {
 public:
  template <class Found>
  void hear(ByteView bytes, mqtt::Version version, Found&& found) {
    waiting_.append(bytes);
    for (;;) {
      const auto frame = mqtt::frame(waiting_.view(), mqtt::kPacketSizeMax);
      if (!frame || !*frame) return;
      if (const auto packet = mqtt::decode(**frame, version)) found(*packet, (*frame)->size);
      waiting_.consume((*frame)->size);
    }
  }

 private:
  Buffer waiting_;
};

struct Side {
  explicit Side(Endpoint::Role role_of_it) : role(role_of_it) {}
  Side(const Side&) = delete;
  Side& operator=(const Side&) = delete;

  // What it knows of a message it got.
  struct Got {
    std::string topic;
    std::string payload;
    mqtt::QoS qos;
    std::optional<std::uint32_t> expiry;
    std::vector<std::uint32_t> subscription_ids;
  };
  struct Owed {
    mqtt::PacketType type;
    std::uint16_t packet_id;
    std::uint16_t connection;
  };

  void open() {
    output = Output();
    waits = false;
    endpoint.emplace(role, options, traffic, output);
  }

  void receive(ByteView bytes, Time now) {
    endpoint->receive(bytes, now);
    while (auto event = endpoint->poll_event()) {
      std::visit([this](auto& e) { on(e); }, *event);
      if (waits) break;
    }
    if (waits) endpoint->keep_unread();
    pump(now);
  }
  void receive(const std::string& bytes, Time now) { receive(as_bytes(bytes), now); }

  // A message for the other side: at once if it can be, else by the queue.
  void publish(const Delivery& delivery, Time now) {
    if (endpoint && endpoint->publish(delivery, now, output_high) != Endpoint::Sending::blocked) return;
    session.outbound.enqueue(delivery);
    pump(now);
  }
  void publish(std::string_view topic, std::string_view payload, mqtt::QoS qos, Time now) {
    const Message message = Message::make({.qos = qos, .topic = topic, .payload = as_bytes(payload)});
    publish({.message = message, .qos = qos}, now);
  }

  void pump(Time now) {
    if (!endpoint || endpoint->state() != Endpoint::State::open) return;
    std::vector<Gone> gone;
    endpoint->pump(now, output_high, gone);
    for (const Gone& one : gone) {
      if (one.why == Gone::Why::expired) expired.emplace_back(as_text(one.copy.message().payload()));
      if (one.why == Gone::Why::as_received) received.push_back({one.copy.packet_id, one.copy.sequence});
      if (one.why == Gone::Why::too_large) too_large.emplace_back(as_text(one.copy.message().payload()));
    }
  }

  // Says of what is owed that it is safe, as the owner of a connection would: what is
  // late for its connection matters for QoS 2 only.
  void settle(std::size_t at, mqtt::Reason reason = mqtt::Reason::success) {
    const Owed what = owed[at];
    owed.erase(owed.begin() + static_cast<std::ptrdiff_t>(at));
    const bool open = endpoint && endpoint->state() == Endpoint::State::open;
    if (open && session.inbound.connection() == what.connection) {
      endpoint->settle(what.type, what.packet_id, reason);
    } else if (what.type == mqtt::PacketType::pubrec) {
      session.inbound.settle(what.type, what.packet_id, reason);
      if (open) endpoint->write_acks();
    }
  }
  void settle_all() {
    while (!owed.empty()) settle(0);
  }

  // Everything it has to write, by pieces as writev takes them.
  std::string take_output() {
    std::string bytes;
    while (!output.empty()) {
      iovec pieces[3];
      const int count = output.gather(pieces, 3);
      std::size_t size = 0;
      for (int i = 0; i < count; ++i) {
        bytes.append(static_cast<const char*>(pieces[i].iov_base), pieces[i].iov_len);
        size += pieces[i].iov_len;
      }
      output.consume(size);
    }
    return bytes;
  }
  // The same as packets.
  Texts say() {
    Texts texts;
    Listener listener;
    listener.hear(as_bytes(take_output()), endpoint->version(),
                  [&](const mqtt::Packet& packet, std::size_t) { texts.push_back(told(packet)); });
    return texts;
  }

  Texts payloads() const {
    Texts texts;
    for (const Got& one : got) texts.push_back(one.payload);
    return texts;
  }

  Endpoint::Role role;
  EndpointOptions options;
  Session session;
  Traffic traffic;
  Output output;
  std::optional<Endpoint> endpoint;

  bool settles = true;         // at once
  bool answers = true;         // a CONNECT, at once
  bool has_session = false;    // server: something to resume
  mqtt::Properties announced;  // server: of the CONNACK
  std::size_t output_high = 1 << 20;

  bool waits = false;  // a CONNECT, for its answer
  std::vector<Got> got;
  std::deque<Owed> owed;
  Texts finished;   // payload, and its reason if it is not success
  Texts expired;    // payloads
  Texts too_large;  // payloads
  Texts others;     // packets shown that are none of these
  std::vector<Received> received;
  std::vector<Violation> violations;

 private:
  void on(mqtt::Connect& packet) {
    others.push_back(told(packet));
    waits = !answers;
    if (!answers) return;
    const bool present = has_session && !packet.clean_start;
    if (!present) session = Session();
    has_session = true;
    endpoint->accept(session, packet, {.session_present = present, .properties = announced});
  }
  void on(mqtt::Publish& packet) {
    Got& one = got.emplace_back(Got{std::string(packet.topic),
                                    std::string(as_text(packet.payload)),
                                    packet.qos,
                                    packet.properties.number(mqtt::Property::message_expiry_interval),
                                    {}});
    for (const mqtt::PropertyItem& item : packet.properties) {
      if (item.id == mqtt::Property::subscription_identifier) one.subscription_ids.push_back(item.number);
    }
    if (packet.qos == mqtt::QoS::at_most_once) return;
    owe(packet.qos == mqtt::QoS::at_least_once ? mqtt::PacketType::puback : mqtt::PacketType::pubrec,
        packet.packet_id);
  }
  void on(Received& one) { received.push_back(one); }
  void on(Released& released) { owe(mqtt::PacketType::pubcomp, released.packet_id); }
  void on(Finished& one) {
    std::string text(one.copy.absent() ? "(absent)" : as_text(one.copy.message().payload()));
    if (one.reason != mqtt::Reason::success) text += " " + code(one.reason);
    finished.push_back(text);
  }
  void on(Violation& violation) { violations.push_back(violation); }
  template <class Packet>
  void on(Packet& packet) {
    others.push_back(told(packet));
  }

  void owe(mqtt::PacketType type, std::uint16_t packet_id) {
    owed.push_back({type, packet_id, session.inbound.connection()});
    if (settles) settle_all();
  }
};

}  // namespace gaon
