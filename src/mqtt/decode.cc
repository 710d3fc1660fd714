#include "mqtt/decode.h"

#include "base/check.h"
#include "base/result.h"
#include "mqtt/decode_each.h"
#include "mqtt/field.h"
#include "mqtt/property.h"

namespace gaon::mqtt {

namespace {

// body = flags:u8 reason:u8 [properties]
Decoded<Connack> decode_connack(const Frame& frame, Version version) {
  Reader reader(frame.body);
  const std::uint8_t flags = reader.u8();
  Connack connack;
  if (version == Version::v5) {
    TRY_SET(connack.reason, read_reason(reader, PacketType::connack));  // [MQTT-3.2.2-8]
    TRY_SET(connack.properties, decode_properties(reader, PropertyOwner::connack));
  } else {
    const auto reason = from_connect_return_code(reader.u8());
    if (reader.failed()) return malformed("CONNACK ends before its return code");
    if (!reason) return violation("return code is reserved");
    connack.reason = *reason;
  }
  TRY(read_end(reader));
  // [MQTT-3.2.2-1] U311-3.2.2.2-a; 3.1 has no Session Present, its whole byte is reserved.
  if (flags > (version == Version::v31 ? 0 : 1)) return malformed("reserved CONNACK flags are set");
  connack.session_present = flags == 1;
  if (connack.session_present && connack.reason != Reason::success) {
    return violation("session present in a refusal");  // [MQTT-3.2.2-6]
  }
  return connack;
}

// PUBACK, PUBREC, PUBREL and PUBCOMP: body = packet_id:u16 [reason:u8 [properties]]
// U5-3.4.2-a; before MQTT 5 nothing follows the id: U311-3.4.1-a.
template <class Ack>
Decoded<Ack> decode_ack(const Frame& frame, Version version) {
  Reader reader(frame.body);
  Ack ack;
  TRY_SET(ack.packet_id, read_packet_id(reader));
  if (version == Version::v5 && !reader.at_end()) {
    TRY_SET(ack.reason, read_reason(reader, Ack::type));
    if (!reader.at_end()) {
      TRY_SET(ack.properties, decode_properties(reader, owner_of(Ack::type)));
    }
  }
  TRY(read_end(reader));
  return ack;
}

template <class Ping>
Decoded<Ping> decode_ping(const Frame& frame, Version) {
  TRY(read_end(Reader(frame.body)));
  return Ping();
}

// body = [reason:u8 [properties]] U5-3.14.2.1-a
Decoded<Disconnect> decode_disconnect(const Frame& frame, Version version) {
  Reader reader(frame.body);
  Disconnect disconnect;
  if (version == Version::v5 && !reader.at_end()) {
    TRY_SET(disconnect.reason, read_reason(reader, PacketType::disconnect));  // [MQTT-3.14.2-1]
    if (!reader.at_end()) {
      TRY_SET(disconnect.properties, decode_properties(reader, PropertyOwner::disconnect));
    }
  }
  TRY(read_end(reader));
  return disconnect;
}

// body = [reason:u8 properties]. Without a body it is success; with one it must name
// the method. (U5-3.15-a)
Decoded<Auth> decode_auth(const Frame& frame, Version version) {
  if (version != Version::v5) return malformed("packet type 15");
  Reader reader(frame.body);
  Auth auth;
  if (reader.at_end()) return auth;
  TRY_SET(auth.reason, read_reason(reader, PacketType::auth));  // [MQTT-3.15.2-1]
  TRY_SET(auth.properties, decode_properties(reader, PropertyOwner::auth));
  TRY(read_end(reader));
  if (!auth.properties.has(Property::authentication_method)) {
    return violation("AUTH without authentication method");
  }
  return auth;
}

Decoded<Connect> decode_connect_any(const Frame& frame, Version) { return decode_connect(frame); }

using Decoder = Decoded<Packet> (*)(const Frame&, Version);

template <auto decode_one>
Decoded<Packet> as_packet(const Frame& frame, Version version) {
  auto packet = decode_one(frame, version);
  if (!packet) return std::unexpected(packet.error());
  return Packet(*packet);
}

constexpr Decoder kDecoders[kPacketTypes] = {
    nullptr,
    as_packet<decode_connect_any>,
    as_packet<decode_connack>,
    as_packet<decode_publish>,
    as_packet<decode_ack<Puback>>,
    as_packet<decode_ack<Pubrec>>,
    as_packet<decode_ack<Pubrel>>,
    as_packet<decode_ack<Pubcomp>>,
    as_packet<decode_subscribe>,
    as_packet<decode_suback>,
    as_packet<decode_unsubscribe>,
    as_packet<decode_unsuback>,
    as_packet<decode_ping<Pingreq>>,
    as_packet<decode_ping<Pingresp>>,
    as_packet<decode_disconnect>,
    as_packet<decode_auth>,
};

}  // namespace

Decoded<Packet> decode(const Frame& frame, Version version) {
  CHECK(frame.type != PacketType::reserved);
  return kDecoders[static_cast<std::size_t>(frame.type)](frame, version);
}

std::optional<std::uint16_t> decode_short_ack(const Frame& frame) {
  if (frame.type < PacketType::puback || frame.type > PacketType::pubcomp) return std::nullopt;
  if (frame.body.size() != 2) return std::nullopt;
  const std::uint16_t packet_id = Reader(frame.body).u16();
  if (packet_id == 0) return std::nullopt;
  return packet_id;
}

}  // namespace gaon::mqtt
