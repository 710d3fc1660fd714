// Views on bytes and the big-endian numbers that MQTT puts into them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace gaon {

// Bytes somebody else owns. Valid as long as the owner says, usually for one call.
using ByteView = std::span<const std::uint8_t>;

inline std::string_view as_text(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline ByteView as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

inline std::uint16_t load_u16(const std::uint8_t* from) {
  return static_cast<std::uint16_t>((from[0] << 8) | from[1]);
}

inline std::uint32_t load_u32(const std::uint8_t* from) {
  return (static_cast<std::uint32_t>(load_u16(from)) << 16) | load_u16(from + 2);
}

inline std::uint64_t load_u64(const std::uint8_t* from) {
  return (static_cast<std::uint64_t>(load_u32(from)) << 32) | load_u32(from + 4);
}

inline void store_u16(std::uint8_t* to, std::uint16_t value) {
  to[0] = static_cast<std::uint8_t>(value >> 8);
  to[1] = static_cast<std::uint8_t>(value);
}

inline void store_u32(std::uint8_t* to, std::uint32_t value) {
  store_u16(to, static_cast<std::uint16_t>(value >> 16));
  store_u16(to + 2, static_cast<std::uint16_t>(value));
}

inline void store_u64(std::uint8_t* to, std::uint64_t value) {
  store_u32(to, static_cast<std::uint32_t>(value >> 32));
  store_u32(to + 4, static_cast<std::uint32_t>(value));
}

// Reads a span from front to back. A read past the end gives zeroes or an empty
// view and sets failed(); so a caller may read all fields and ask once.
class Reader {
 public:
  explicit Reader(ByteView bytes) : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  bool failed() const { return failed_; }
  bool at_end() const { return at_ == end_; }
  std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }
  ByteView rest() const { return {at_, left()}; }

  std::uint8_t u8() { return need(1) ? *at_++ : std::uint8_t{0}; }

  std::uint16_t u16() {
    if (!need(2)) return 0;
    at_ += 2;
    return load_u16(at_ - 2);
  }

  std::uint32_t u32() {
    if (!need(4)) return 0;
    at_ += 4;
    return load_u32(at_ - 4);
  }

  std::uint64_t u64() {
    if (!need(8)) return 0;
    at_ += 8;
    return load_u64(at_ - 8);
  }

  ByteView take(std::size_t size) {
    if (!need(size)) return {};
    at_ += size;
    return {at_ - size, size};
  }

  // Two bytes of length, then that many bytes: MQTT's string and binary data.
  ByteView prefixed() { return take(u16()); }

 private:
  bool need(std::size_t size) {
    if (left() >= size) return true;
    failed_ = true;
    at_ = end_;
    return false;
  }

  const std::uint8_t* at_;
  const std::uint8_t* end_;
  bool failed_ = false;
};

}  // namespace gaon
