#include "mqtt/framer.h"

#include "mqtt/varint.h"

namespace gaon::mqtt {

namespace {

// [MQTT-2.1.3-1] [MQTT-3.3.1-4] DUP with QoS 0 breaks [MQTT-3.3.1-2]; of the answers
// left to us (U5-3.3.1.1-a) we give malformed_packet.
Decoded<void> check_first_byte(PacketType type, std::uint8_t flags) {
  if (type == PacketType::publish) {
    if ((flags & 0x06) == 0x06) return malformed("PUBLISH with QoS 3");
    if ((flags & 0x0E) == 0x08) return malformed("PUBLISH with DUP and QoS 0");
    return {};
  }
  if (type == PacketType::reserved) return malformed("packet type 0");
  if (flags != fixed_flags(type)) return malformed("reserved flags of the fixed header are wrong");
  return {};
}

}  // namespace

Decoded<std::optional<Frame>> frame(ByteView bytes, std::uint32_t maximum_packet_size) {
  if (bytes.empty()) return std::nullopt;
  const auto type = static_cast<PacketType>(bytes[0] >> 4);
  const auto flags = static_cast<std::uint8_t>(bytes[0] & 0x0F);
  if (auto checked = check_first_byte(type, flags); !checked) return std::unexpected(checked.error());

  const auto length = decode_varint(bytes.subspan(1));
  if (!length) return std::unexpected(length.error());
  if (!*length) return std::nullopt;
  const std::size_t head = 1 + (*length)->size;
  const std::size_t size = head + (*length)->value;
  if (size > maximum_packet_size) {  // U5-3.2.2.3.6-a
    return fault(Reason::packet_too_large, "packet is larger than the maximum packet size");
  }
  if (bytes.size() < size) return std::nullopt;
  return Frame{.type = type, .flags = flags, .body = bytes.subspan(head, size - head), .size = size};
}

std::size_t expected_size(ByteView bytes) {
  if (bytes.empty()) return 0;
  const auto length = decode_varint(bytes.subspan(1));
  if (!length || !*length) return 0;
  return 1 + (*length)->size + (*length)->value;
}

}  // namespace gaon::mqtt
