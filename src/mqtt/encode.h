// Packets to bytes at the end of a Buffer. What is asked for must be possible: texts
// of at most 65,535 bytes, ids that are not 0, packets within kPacketSizeMax and
// packets that the version has; anything else is our own mistake and ends the process.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/buffer.h"
#include "base/bytes.h"
#include "mqtt/packet.h"
#include "mqtt/reason.h"
#include "mqtt/version.h"

namespace gaon::mqtt {

// In the shortest form the version has. Before MQTT 5, properties, options and reasons
// that the version lacks are left out; CONNECT brings its own version.
void encode(const Packet& packet, Version version, Buffer& to);
std::size_t encoded_size(const Packet& packet, Version version);

// A PUBLISH without its payload, which the caller sends from where it lies.
struct PublishHead {
  bool dup = false;
  QoS qos = QoS::at_most_once;
  bool retain = false;
  std::string_view topic{};
  std::uint16_t packet_id = 0;    // 0 for QoS 0
  std::uint16_t topic_alias = 0;  // 0: none
  std::optional<std::uint32_t> message_expiry_interval{};
  std::span<const std::uint32_t> subscription_ids{};
  ByteView properties{};  // ready-made items to pass on unaltered
  std::size_t payload_size = 0;
};

// Everything but the payload, with one reserve().
void encode_head(const PublishHead& head, Version version, Buffer& to);
// The whole packet, payload included.
std::size_t encoded_size(const PublishHead& head, Version version);

// PUBACK, PUBREC, PUBREL or PUBCOMP without properties.
void encode_ack(PacketType type, std::uint16_t packet_id, Reason reason, Version version, Buffer& to);

}  // namespace gaon::mqtt
