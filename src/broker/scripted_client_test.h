// A client for tests: says what it is told to say, keeps what the broker answers in
// values of its own and, unless told not to, acknowledges what it gets.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "mqtt/packet.h"
#include "net/memory_network.h"

namespace gaon::broker {

// Properties made in place: Props().number(...).text(...). Must outlive the packet.
class Props {
 public:
  Props() = default;
  Props(const Props& other) { bytes_.append(other.bytes_.view()); }
  Props& number(mqtt::Property id, std::uint32_t value);
  Props& text(mqtt::Property id, std::string_view value);
  Props& data(mqtt::Property id, std::string_view value);
  Props& user(std::string_view name, std::string_view value);
  operator mqtt::Properties() const { return mqtt::Properties(bytes_.view()); }

 private:
  Buffer bytes_;
};

// One packet from the broker.
struct Got {
  mqtt::PacketType type{};
  mqtt::Reason reason{};
  mqtt::QoS qos{};
  std::uint16_t packet_id = 0;
  bool session_present = false;
  bool dup = false;
  bool retain = false;
  std::string topic;
  std::string payload;
  std::vector<std::uint8_t> reasons;  // SUBACK, UNSUBACK
  std::vector<std::uint8_t> property_bytes;

  mqtt::Properties properties() const { return mqtt::Properties(property_bytes); }
  // As tests quote it: "CONNACK 00 present", "a/b=payload q1 retain dup id7 id8",
  // "PUBACK 1 10", "SUBACK 1 00 80", "DISCONNECT 8e".
  std::string text() const;
};

struct PublishOptions {
  mqtt::QoS qos = mqtt::QoS::at_most_once;
  bool retain = false;
  bool dup = false;
  std::uint16_t packet_id = 0;  // 0: the next
  mqtt::Properties properties{};
};

class ScriptedClient {
 public:
  ScriptedClient(net::MemoryPeer to, mqtt::Version version) : wire(to), version_(version) {}

  void send(const mqtt::Packet& packet);
  void send_bytes(ByteView bytes) { wire.write(bytes); }
  // Both give the packet id.
  std::uint16_t publish(std::string_view topic, std::string_view payload, const PublishOptions& options = {});
  std::uint16_t subscribe(std::string_view filter, mqtt::QoS qos = mqtt::QoS::exactly_once);
  std::uint16_t subscribe(const std::vector<mqtt::Subscription>& wanted, mqtt::Properties properties = {});
  std::uint16_t unsubscribe(const std::vector<std::string_view>& filters);
  void disconnect(mqtt::Reason reason = mqtt::Reason::normal_disconnection, mqtt::Properties properties = {});
  // Ends without a word.
  void hang_up() {
    acks = false;
    wire.close();
  }

  // Reads what came. True if there was something.
  bool poll();
  // What came since the last time.
  std::vector<Got> take();
  // The same as text, ", " between packets and "closed" at the end; without PUBRELs that
  // were answered.
  std::string told();
  const std::vector<Got>& inbox() const { return inbox_; }

  net::MemoryPeer wire;
  bool acks = true;  // answers PUBLISH, PUBREC and PUBREL by itself

 private:
  void answer(const Got& got);

  mqtt::Version version_;
  std::vector<std::uint8_t> unread_;
  std::vector<Got> inbox_;
  std::uint16_t last_packet_id_ = 0;
};

// What told() gave, put in alphabetical order: for tests that do not care.
std::string in_any_order(const std::string& told);

}  // namespace gaon::broker
