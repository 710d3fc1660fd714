// Variable byte integer: seven bits a byte, low ones first, bit 7 says that more
// follow. At most 4 bytes and never more than the value needs. [MQTT-1.5.5-1] U5-1.5.5-a
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/buffer.h"
#include "base/bytes.h"
#include "mqtt/reason.h"

namespace gaon::mqtt {

inline constexpr std::uint32_t kVarintMax = 268'435'455;

struct Varint {
  std::uint32_t value;
  std::uint32_t size;  // bytes it takes, 1 to 4
};

// The integer that bytes begin with; nullopt means that more bytes are needed.
inline Decoded<std::optional<Varint>> decode_varint(ByteView bytes) {
  std::uint32_t value = 0;
  for (std::uint32_t i = 0; i < 4; ++i) {
    if (i == bytes.size()) return std::nullopt;
    value |= static_cast<std::uint32_t>(bytes[i] & 0x7F) << (7 * i);
    if (bytes[i] >= 0x80) continue;
    if (i > 0 && bytes[i] == 0) return malformed("variable byte integer is longer than it needs");
    return Varint{value, i + 1};
  }
  return malformed("variable byte integer of more than four bytes");
}

// The same where the rest must be there: a missing byte is malformed too.
inline Decoded<std::uint32_t> read_varint(Reader& reader) {
  const auto varint = decode_varint(reader.rest());
  if (!varint) return std::unexpected(varint.error());
  if (!*varint) return malformed("packet ends inside a variable byte integer");
  reader.take((*varint)->size);
  return (*varint)->value;
}

// Bytes that value takes, which must be at most kVarintMax.
constexpr std::size_t varint_size(std::uint32_t value) {
  return value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x20'0000 ? 3 : 4;
}

// Writes value and gives the place after it.
inline std::uint8_t* store_varint(std::uint8_t* to, std::uint32_t value) {
  for (; value >= 0x80; value >>= 7) *to++ = static_cast<std::uint8_t>(value | 0x80);
  *to++ = static_cast<std::uint8_t>(value);
  return to;
}

inline void append_varint(Buffer& to, std::uint32_t value) {
  store_varint(to.reserve(varint_size(value)), value);
  to.commit(varint_size(value));
}

}  // namespace gaon::mqtt
