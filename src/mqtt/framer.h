// Where one packet ends and the next begins in a stream of bytes.
//   packet = type:4bits flags:4bits remaining_length:varint body
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "mqtt/reason.h"
#include "mqtt/version.h"

namespace gaon::mqtt {

// The largest packet there can be: type, four bytes of length, and what they can say.
inline constexpr std::uint32_t kPacketSizeMax = 268'435'460;

// A whole packet, its type and flags checked. A view on the bytes it was found in.
struct Frame {
  PacketType type;
  std::uint8_t flags;  // the low nibble of the first byte
  ByteView body;       // what Remaining Length counts
  std::size_t size;    // of the whole packet
};

// The packet that bytes begin with; nullopt means that more bytes are needed. Faults
// are told from the first bytes that show them: a wrong first byte at once, a packet
// beyond maximum_packet_size (bytes in all) before its body is there.
Decoded<std::optional<Frame>> frame(ByteView bytes, std::uint32_t maximum_packet_size);

// The size of the whole packet that bytes begin with, so that the caller may reserve
// it; 0 while the length is incomplete or if it is malformed.
std::size_t expected_size(ByteView bytes);

}  // namespace gaon::mqtt
