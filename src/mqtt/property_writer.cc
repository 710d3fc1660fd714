#include "base/check.h"
#include "mqtt/property.h"
#include "mqtt/varint.h"

namespace gaon::mqtt {

namespace {

void append_prefixed(Buffer& to, ByteView bytes) {
  CHECK(bytes.size() <= 0xFFFF);
  to.prefixed(bytes);
}

}  // namespace

void PropertyWriter::number(Property id, std::uint32_t value) {
  to_.u8(static_cast<std::uint8_t>(id));
  switch (rule(id).type) {
    case PropertyType::byte:
      CHECK(value <= 0xFF);
      return to_.u8(static_cast<std::uint8_t>(value));
    case PropertyType::u16:
      CHECK(value <= 0xFFFF);
      return to_.u16(static_cast<std::uint16_t>(value));
    case PropertyType::u32:
      return to_.u32(value);
    default:
      CHECK(rule(id).type == PropertyType::varint && value <= kVarintMax);
      return append_varint(to_, value);
  }
}

void PropertyWriter::text(Property id, std::string_view value) {
  CHECK(rule(id).type == PropertyType::text);
  to_.u8(static_cast<std::uint8_t>(id));
  append_prefixed(to_, as_bytes(value));
}

void PropertyWriter::data(Property id, ByteView value) {
  CHECK(rule(id).type == PropertyType::binary);
  to_.u8(static_cast<std::uint8_t>(id));
  append_prefixed(to_, value);
}

void PropertyWriter::user(std::string_view name, std::string_view value) {
  to_.u8(static_cast<std::uint8_t>(Property::user_property));
  append_prefixed(to_, as_bytes(name));
  append_prefixed(to_, as_bytes(value));
}

}  // namespace gaon::mqtt
