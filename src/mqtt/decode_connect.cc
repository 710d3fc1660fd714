#include "base/result.h"
#include "mqtt/decode_each.h"
#include "mqtt/field.h"
#include "mqtt/property.h"

namespace gaon::mqtt {

namespace {

constexpr std::uint8_t kReserved = 0x01;
constexpr std::uint8_t kCleanStart = 0x02;
constexpr std::uint8_t kWill = 0x04;
constexpr std::uint8_t kWillQoS = 0x18;
constexpr std::uint8_t kWillRetain = 0x20;
constexpr std::uint8_t kPassword = 0x40;
constexpr std::uint8_t kUserName = 0x80;

struct Protocol {
  std::string_view name;
  Version version;
};

// [MQTT-3.1.2-1] [MQTT-3.1.2-2]
constexpr Protocol kProtocols[] = {{"MQTT", Version::v5}, {"MQTT", Version::v311}, {"MQIsdp", Version::v31}};

Decoded<Version> read_version(Reader& reader) {
  const std::string_view name = as_text(reader.prefixed());
  const std::uint8_t level = reader.u8();
  if (reader.failed()) return malformed("CONNECT ends before its protocol version");
  for (const Protocol& protocol : kProtocols) {
    // U311-3.1.2.3-a [MQTT-3.1.2-2@311]
    if (name == protocol.name && level == static_cast<std::uint8_t>(protocol.version)) {
      return protocol.version;
    }
  }
  return fault(Reason::unsupported_protocol_version, "protocol name and version are not ours");
}

Decoded<void> check_flags(std::uint8_t flags, Version version) {
  if ((flags & kReserved) != 0) return malformed("reserved connect flag is set");  // [MQTT-3.1.2-3]
  if ((flags & kWillQoS) == kWillQoS) return malformed("will QoS is 3");           // [MQTT-3.1.2-12]
  if ((flags & kWill) == 0 && (flags & (kWillQoS | kWillRetain)) != 0) {
    return malformed("will QoS or will retain without a will");  // [MQTT-3.1.2-11] [MQTT-3.1.2-13]
  }
  if (version != Version::v5 && (flags & kPassword) != 0 && (flags & kUserName) == 0) {
    return malformed("password without user name");  // [MQTT-3.1.2-22@311]; v5 allows it.
  }
  return {};
}

Decoded<Will> read_will(Reader& reader, std::uint8_t flags, Version version) {
  Will will;
  will.qos = static_cast<QoS>((flags & kWillQoS) >> 3);
  will.retain = (flags & kWillRetain) != 0;
  if (version == Version::v5) {
    TRY_SET(will.properties, decode_properties(reader, PropertyOwner::will));
  }
  TRY_SET(will.topic, read_text(reader, "will topic is not valid UTF-8"));  // [MQTT-3.1.3-11]
  if (will.topic.empty()) return malformed("will topic is empty");          // [MQTT-4.7.3-1]
  if (has_wildcards(will.topic)) return malformed("will topic has wildcards");
  TRY_SET(will.payload, read_binary(reader));
  return will;
}

// 3.1 wants 1 to 23 characters; later versions leave it to the server.
Decoded<void> check_client_id(std::string_view client_id, Version version) {
  if (version != Version::v31) return {};
  if (client_id.empty() || utf8_length(client_id) > 23) {
    return fault(Reason::client_identifier_not_valid, "client identifier has not 1 to 23 characters");
  }
  return {};
}

}  // namespace

// body = name:string level:u8 flags:u8 keep_alive:u16 [properties] client_id:string
//        [[properties] will_topic:string will_payload:binary] [user_name:string]
//        [password:binary]                                           [MQTT-3.1.3-1]
Decoded<Connect> decode_connect(const Frame& frame) {
  Reader reader(frame.body);
  Connect connect;
  TRY_SET(connect.version, read_version(reader));
  const std::uint8_t flags = reader.u8();
  connect.keep_alive_s = reader.u16();
  if (reader.failed()) return malformed("CONNECT ends before its client identifier");
  TRY(check_flags(flags, connect.version));
  connect.clean_start = (flags & kCleanStart) != 0;
  if (connect.version == Version::v5) {
    TRY_SET(connect.properties, decode_properties(reader, PropertyOwner::connect));
  }
  // [MQTT-3.1.3-3] [MQTT-3.1.3-4]
  TRY_SET(connect.client_id, read_text(reader, "client identifier is not valid UTF-8"));
  if ((flags & kWill) != 0) {  // [MQTT-3.1.2-9] [MQTT-3.1.2-11@311]
    TRY_SET(connect.will, read_will(reader, flags, connect.version));
  }
  if ((flags & kUserName) != 0) {  // [MQTT-3.1.2-16] [MQTT-3.1.2-17]
    TRY_SET(connect.user_name, read_text(reader, "user name is not valid UTF-8"));  // [MQTT-3.1.3-12]
  }
  if ((flags & kPassword) != 0) {  // [MQTT-3.1.2-18] [MQTT-3.1.2-19]
    TRY_SET(connect.password, read_binary(reader));
  }
  TRY(read_end(reader));
  TRY(check_client_id(connect.client_id, connect.version));
  return connect;
}

std::optional<Version> connect_version(const Frame& frame) {
  if (frame.type != PacketType::connect) return std::nullopt;
  Reader reader(frame.body);
  if (const auto version = read_version(reader)) return *version;
  Reader again(frame.body);
  const std::string_view name = as_text(again.prefixed());
  again.u8();
  if (again.failed() || name != "MQTT") return std::nullopt;
  return Version::v311;
}

}  // namespace gaon::mqtt
