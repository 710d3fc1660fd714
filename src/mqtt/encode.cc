// What a packet's body consists of is written once, in body(), for two kinds of sink:
// Size counts the bytes, Buffer takes them.
#include "mqtt/encode.h"

#include <type_traits>
#include <variant>

#include "base/check.h"
#include "mqtt/framer.h"
#include "mqtt/varint.h"

namespace gaon::mqtt {

namespace {

struct Size {
  std::size_t value = 0;

  void u8(std::uint8_t) { value += 1; }
  void u16(std::uint16_t) { value += 2; }
  void append(ByteView bytes) { value += bytes.size(); }
  void prefixed(ByteView bytes) {
    CHECK(bytes.size() <= 0xFFFF);
    value += 2 + bytes.size();
  }
};

void put_varint(Size& to, std::uint32_t number) { to.value += varint_size(number); }
void put_varint(Buffer& to, std::uint32_t number) { append_varint(to, number); }

template <class Sink>
void put_packet_id(std::uint16_t packet_id, Sink& to) {
  CHECK(packet_id != 0);  // [MQTT-2.2.1-3]
  to.u16(packet_id);
}

template <class Sink>
void put_reason(Reason reason, Sink& to) {
  to.u8(static_cast<std::uint8_t>(reason));
}

template <class Sink>
void put_properties(const Properties& properties, Version version, Sink& to) {
  if (version != Version::v5) return;  // U311-x-a
  CHECK(properties.bytes().size() <= kVarintMax);
  put_varint(to, static_cast<std::uint32_t>(properties.bytes().size()));  // [MQTT-2.2.2-1]
  to.append(properties.bytes());
}

std::uint8_t connect_flags(const Connect& connect) {
  int flags = connect.clean_start ? 0x02 : 0;
  if (connect.will) {
    flags |= 0x04 | static_cast<int>(connect.will->qos) << 3 | (connect.will->retain ? 0x20 : 0);
  }
  if (connect.password) flags |= 0x40;
  if (connect.user_name) flags |= 0x80;
  CHECK(connect.version == Version::v5 || connect.user_name || !connect.password);
  return static_cast<std::uint8_t>(flags);
}

// [MQTT-3.1.3-1] [MQTT-3.1.3-3]
template <class Sink>
void body(const Connect& connect, Version, Sink& to) {
  const Version version = connect.version;
  to.prefixed(as_bytes(version == Version::v31 ? "MQIsdp" : "MQTT"));
  to.u8(static_cast<std::uint8_t>(version));
  to.u8(connect_flags(connect));
  to.u16(connect.keep_alive_s);
  put_properties(connect.properties, version, to);
  to.prefixed(as_bytes(connect.client_id));
  if (connect.will) {
    put_properties(connect.will->properties, version, to);
    to.prefixed(as_bytes(connect.will->topic));
    to.prefixed(connect.will->payload);
  }
  if (connect.user_name) to.prefixed(as_bytes(*connect.user_name));
  if (connect.password) to.prefixed(*connect.password);
}

template <class Sink>
void body(const Connack& connack, Version version, Sink& to) {
  const bool flag = connack.session_present && connack.reason == Reason::success;  // [MQTT-3.2.2-6]
  to.u8(flag && version != Version::v31 ? 1 : 0);                                  // [MQTT-3.2.2-1]
  if (version == Version::v5) {
    put_reason(connack.reason, to);
  } else {
    const auto code = connect_return_code(connack.reason);  // U311-3.2.2-a
    CHECK(code.has_value());
    to.u8(*code);
  }
  put_properties(connack.properties, version, to);
}

template <class Sink>
void body(const Publish& publish, Version version, Sink& to) {
  to.prefixed(as_bytes(publish.topic));
  if (publish.qos != QoS::at_most_once) put_packet_id(publish.packet_id, to);  // [MQTT-2.2.1-2]
  put_properties(publish.properties, version, to);
  to.append(publish.payload);
}

// PUBACK, PUBREC, PUBREL and PUBCOMP, in the shortest of their three forms. (U5-3.4.2-a)
template <class Ack, class Sink>
requires std::is_same_v<Ack, Puback> || std::is_same_v<Ack, Pubrec> || std::is_same_v<Ack, Pubrel> ||
    std::is_same_v<Ack, Pubcomp>
void body(const Ack& ack, Version version, Sink& to) {
  put_packet_id(ack.packet_id, to);
  if (version != Version::v5) return;
  if (ack.reason != Reason::success || !ack.properties.empty()) put_reason(ack.reason, to);
  if (!ack.properties.empty()) put_properties(ack.properties, version, to);
}

template <class Sink>
void body(const Subscribe& subscribe, Version version, Sink& to) {
  CHECK(!subscribe.subscriptions.empty());  // [MQTT-3.8.3-2]
  put_packet_id(subscribe.packet_id, to);
  put_properties(subscribe.properties, version, to);
  for (const Subscription& subscription : subscribe.subscriptions) {
    to.prefixed(as_bytes(subscription.filter));
    to.u8(version == Version::v5 ? options_of(subscription) : static_cast<std::uint8_t>(subscription.qos));
  }
}

template <class Sink>
void body(const Suback& suback, Version version, Sink& to) {
  put_packet_id(suback.packet_id, to);
  put_properties(suback.properties, version, to);
  for (const std::uint8_t reason : suback.reasons) {
    // [MQTT-3.9.3-2@311]: every failure is 80.
    to.u8(version != Version::v5 && reason > 0x80 ? std::uint8_t{0x80} : reason);
  }
}

template <class Sink>
void body(const Unsubscribe& unsubscribe, Version version, Sink& to) {
  CHECK(!unsubscribe.filters.empty());  // [MQTT-3.10.3-2]
  put_packet_id(unsubscribe.packet_id, to);
  put_properties(unsubscribe.properties, version, to);
  to.append(unsubscribe.filters.bytes());
}

template <class Sink>
void body(const Unsuback& unsuback, Version version, Sink& to) {
  put_packet_id(unsuback.packet_id, to);
  put_properties(unsuback.properties, version, to);
  if (version == Version::v5) to.append(unsuback.reasons);
}

template <class Sink>
void body(const Pingreq&, Version, Sink&) {}

template <class Sink>
void body(const Pingresp&, Version, Sink&) {}

// U5-3.14.2.1-a
template <class Sink>
void body(const Disconnect& disconnect, Version version, Sink& to) {
  if (version != Version::v5) return;
  const bool bare = disconnect.properties.empty();
  if (bare && disconnect.reason == Reason::normal_disconnection) return;
  put_reason(disconnect.reason, to);
  if (!bare) put_properties(disconnect.properties, version, to);
}

template <class Sink>
void body(const Auth& auth, Version version, Sink& to) {
  CHECK(version == Version::v5);
  if (auth.reason == Reason::success && auth.properties.empty()) return;
  put_reason(auth.reason, to);
  put_properties(auth.properties, version, to);
}

template <class T>
std::uint8_t first_byte(const T&) {
  return static_cast<std::uint8_t>(static_cast<int>(T::type) << 4 | fixed_flags(T::type));
}

std::uint8_t first_byte(const Publish& publish) {
  CHECK(!publish.dup || publish.qos != QoS::at_most_once);  // [MQTT-3.3.1-2]
  return static_cast<std::uint8_t>(static_cast<int>(PacketType::publish) << 4 | (publish.dup ? 0x08 : 0) |
                                   static_cast<int>(publish.qos) << 1 | (publish.retain ? 0x01 : 0));
}

std::size_t body_size(const auto& packet, Version version) {
  Size size;
  body(packet, version, size);
  CHECK(size.value <= kVarintMax);
  return size.value;
}

std::size_t packet_size(std::size_t body_size) {
  return 1 + varint_size(static_cast<std::uint32_t>(body_size)) + body_size;
}

}  // namespace

void encode(const Packet& packet, Version version, Buffer& to) {
  std::visit(
      [&](const auto& one) {
        const std::size_t size = body_size(one, version);
        const std::size_t before = to.size();
        to.reserve(packet_size(size));
        to.u8(first_byte(one));
        append_varint(to, static_cast<std::uint32_t>(size));
        body(one, version, to);
        CHECK(to.size() - before == packet_size(size));
      },
      packet);
}

std::size_t encoded_size(const Packet& packet, Version version) {
  return std::visit([&](const auto& one) { return packet_size(body_size(one, version)); }, packet);
}

}  // namespace gaon::mqtt
