// The broker's hot path: heads of PUBLISH and acknowledgements, written with one
// reserve() and plain stores.
#include <algorithm>

#include "base/check.h"
#include "mqtt/encode.h"
#include "mqtt/framer.h"
#include "mqtt/varint.h"

namespace gaon::mqtt {

namespace {

std::uint8_t* store(std::uint8_t* to, ByteView bytes) { return std::copy(bytes.begin(), bytes.end(), to); }

std::uint8_t* store_id(std::uint8_t* to, Property id) {
  *to = static_cast<std::uint8_t>(id);
  return to + 1;
}

std::size_t properties_size(const PublishHead& head) {
  std::size_t size = head.properties.size();
  if (head.topic_alias != 0) size += 3;
  if (head.message_expiry_interval) size += 5;
  for (const std::uint32_t id : head.subscription_ids) size += 1 + varint_size(id);
  CHECK(size <= kVarintMax);
  return size;
}

std::uint8_t* store_properties(const PublishHead& head, std::uint8_t* to) {
  if (head.topic_alias != 0) {
    to = store_id(to, Property::topic_alias);
    store_u16(to, head.topic_alias);
    to += 2;
  }
  if (head.message_expiry_interval) {
    to = store_id(to, Property::message_expiry_interval);
    store_u32(to, *head.message_expiry_interval);
    to += 4;
  }
  for (const std::uint32_t id : head.subscription_ids) {
    CHECK(id != 0 && id <= kVarintMax);
    to = store_varint(store_id(to, Property::subscription_identifier), id);
  }
  return store(to, head.properties);
}

// What the sizes in front of parts of the head say.
struct Sizes {
  std::size_t properties;
  std::size_t body;
};

Sizes sizes_of(const PublishHead& head, Version version) {
  CHECK(head.topic.size() <= 0xFFFF);
  Sizes sizes{.properties = 0, .body = 2 + head.topic.size() + head.payload_size};
  if (head.qos != QoS::at_most_once) sizes.body += 2;
  if (version == Version::v5) {
    sizes.properties = properties_size(head);
    sizes.body += varint_size(static_cast<std::uint32_t>(sizes.properties)) + sizes.properties;
  }
  CHECK(sizes.body <= kVarintMax);
  return sizes;
}

std::size_t packet_size(const Sizes& sizes) {
  return 1 + varint_size(static_cast<std::uint32_t>(sizes.body)) + sizes.body;
}

std::uint8_t first_byte(const PublishHead& head) {
  CHECK(!head.dup || head.qos != QoS::at_most_once);  // [MQTT-3.3.1-2]
  return static_cast<std::uint8_t>(static_cast<int>(PacketType::publish) << 4 | (head.dup ? 0x08 : 0) |
                                   static_cast<int>(head.qos) << 1 | (head.retain ? 0x01 : 0));
}

}  // namespace

void encode_head(const PublishHead& head, Version version, Buffer& to) {
  const Sizes sizes = sizes_of(head, version);
  const std::size_t size = packet_size(sizes) - head.payload_size;
  std::uint8_t* const start = to.reserve(size);
  std::uint8_t* at = start;
  *at++ = first_byte(head);
  at = store_varint(at, static_cast<std::uint32_t>(sizes.body));
  store_u16(at, static_cast<std::uint16_t>(head.topic.size()));
  at = store(at + 2, as_bytes(head.topic));
  if (head.qos != QoS::at_most_once) {
    CHECK(head.packet_id != 0);  // [MQTT-2.2.1-4]
    store_u16(at, head.packet_id);
    at += 2;
  }
  if (version == Version::v5) {
    at = store_varint(at, static_cast<std::uint32_t>(sizes.properties));
    at = store_properties(head, at);
  }
  CHECK(static_cast<std::size_t>(at - start) == size);
  to.commit(size);
}

std::size_t encoded_size(const PublishHead& head, Version version) {
  return packet_size(sizes_of(head, version));
}

void encode_ack(PacketType type, std::uint16_t packet_id, Reason reason, Version version, Buffer& to) {
  CHECK(type >= PacketType::puback && type <= PacketType::pubcomp && packet_id != 0);
  const bool with_reason = version == Version::v5 && reason != Reason::success;  // U5-3.4.2-a U311-3.4.1-a
  std::uint8_t* at = to.reserve(5);
  at[0] = static_cast<std::uint8_t>(static_cast<int>(type) << 4 | fixed_flags(type));
  at[1] = with_reason ? 3 : 2;
  store_u16(at + 2, packet_id);
  if (with_reason) at[4] = static_cast<std::uint8_t>(reason);
  to.commit(with_reason ? 5 : 4);
}

}  // namespace gaon::mqtt
