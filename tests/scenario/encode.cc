#include <algorithm>

#include "base/buffer.h"
#include "packet.h"

namespace gaon::scenario {
namespace {

using mqtt::PacketType;
using mqtt::Version;

const std::string* find(const Fields& fields, std::string_view name) {
  const auto found = std::ranges::find(fields, name, &Field::name);
  return found == fields.end() ? nullptr : &found->value;
}

bool has(const Fields& fields, std::string_view name) { return find(fields, name) != nullptr; }

std::uint32_t number(const Fields& fields, std::string_view name, std::uint32_t otherwise = 0) {
  const std::string* value = find(fields, name);
  return value == nullptr ? otherwise : static_cast<std::uint32_t>(std::stoul(*value));
}

std::string_view text(const Fields& fields, std::string_view name) {
  const std::string* value = find(fields, name);
  return value == nullptr ? std::string_view{} : std::string_view(*value);
}

void put_varint(Buffer& to, std::uint32_t value) {
  do {
    const auto low = static_cast<std::uint8_t>(value & 0x7F);
    value >>= 7;
    to.u8(static_cast<std::uint8_t>(low | (value > 0 ? 0x80 : 0)));
  } while (value > 0);
}

void put_value(Buffer& to, PropertyShape shape, const std::string& value) {
  if (shape == PropertyShape::string) return to.prefixed(as_bytes(value));
  if (shape == PropertyShape::pair) {
    const std::size_t colon = std::min(value.find(':'), value.size());
    to.prefixed(as_bytes(std::string_view(value).substr(0, colon)));
    return to.prefixed(as_bytes(std::string_view(value).substr(std::min(colon + 1, value.size()))));
  }
  const auto bits = static_cast<std::uint32_t>(std::stoul(value));
  if (shape == PropertyShape::byte) return to.u8(static_cast<std::uint8_t>(bits));
  if (shape == PropertyShape::u16) return to.u16(static_cast<std::uint16_t>(bits));
  if (shape == PropertyShape::u32) return to.u32(bits);
  put_varint(to, bits);
}

// Those whose names begin with prefix, in the order in which they are written.
Buffer property_items(const Fields& fields, std::string_view prefix) {
  Buffer items;
  for (const Field& field : fields) {
    if (!field.name.starts_with(prefix)) continue;
    const PropertyRow* row = find_property(std::string_view(field.name).substr(prefix.size()), false);
    if (row == nullptr) continue;
    items.u8(row->id);
    put_value(items, row->shape, field.value);
  }
  return items;
}

void put_properties(Buffer& to, const Fields& fields, Version version, std::string_view prefix = "") {
  if (version != Version::v5) return;
  const Buffer items = property_items(fields, prefix);
  put_varint(to, static_cast<std::uint32_t>(items.size()));
  to.append(items.view());
}

void put_connect(Buffer& to, const Fields& fields, Version version) {
  const bool will = has(fields, "will.topic");
  std::uint32_t flags = number(fields, "clean", 1) << 1;
  if (will) flags |= 4 | number(fields, "will.qos") << 3 | number(fields, "will.retain") << 5;
  if (has(fields, "password")) flags |= 0x40;
  if (has(fields, "user")) flags |= 0x80;

  const std::string_view protocol = version == Version::v31 ? "MQIsdp" : "MQTT";
  to.prefixed(as_bytes(has(fields, "protocol") ? text(fields, "protocol") : protocol));
  to.u8(static_cast<std::uint8_t>(number(fields, "level", static_cast<std::uint32_t>(version))));
  to.u8(static_cast<std::uint8_t>(number(fields, "flags", flags)));
  to.u16(static_cast<std::uint16_t>(number(fields, "keepalive")));
  put_properties(to, fields, version);
  to.prefixed(as_bytes(text(fields, "id")));
  if (will) {
    put_properties(to, fields, version, "will.");
    to.prefixed(as_bytes(text(fields, "will.topic")));
    to.prefixed(as_bytes(text(fields, "will.payload")));
  }
  if (has(fields, "user")) to.prefixed(as_bytes(text(fields, "user")));
  if (has(fields, "password")) to.prefixed(as_bytes(text(fields, "password")));
}

void put_publish(Buffer& to, const Fields& fields, Version version) {
  to.prefixed(as_bytes(text(fields, "topic")));
  if (number(fields, "qos") > 0) to.u16(static_cast<std::uint16_t>(number(fields, "id")));
  put_properties(to, fields, version);
  to.append(as_bytes(text(fields, "payload")));
}

// The short form without reason and properties where it says the same.
void put_reason(Buffer& to, const Fields& fields, Version version) {
  if (version != Version::v5) return;
  const bool properties = !property_items(fields, "").empty();
  if (!has(fields, "reason") && !properties) return;
  to.u8(static_cast<std::uint8_t>(number(fields, "reason")));
  if (properties) put_properties(to, fields, version);
}

void put_entries(Buffer& to, const Fields& fields, PacketType type, Version version) {
  to.u16(static_cast<std::uint16_t>(number(fields, "id")));
  put_properties(to, fields, version);
  for (auto field = fields.begin(); field != fields.end(); ++field) {
    if (field->name != "filter") continue;
    to.prefixed(as_bytes(field->value));
    if (type == PacketType::unsubscribe) continue;
    const Fields own(field + 1, std::find_if(field + 1, fields.end(),
                                             [](const Field& next) { return next.name == "filter"; }));
    std::uint32_t options = number(own, "qos");
    if (version == Version::v5) {
      options |=
          number(own, "no_local") << 2 | number(own, "as_published") << 3 | number(own, "handling") << 4;
    }
    to.u8(static_cast<std::uint8_t>(number(own, "options", options)));
  }
}

void put_answers(Buffer& to, const Fields& fields, PacketType type, Version version) {
  to.u16(static_cast<std::uint16_t>(number(fields, "id")));
  put_properties(to, fields, version);
  if (type == PacketType::unsuback && version != Version::v5) return;
  for (const Field& field : fields) {
    if (field.name == "reason") to.u8(static_cast<std::uint8_t>(std::stoul(field.value)));
  }
}

void put_body(Buffer& to, PacketType type, const Fields& fields, Version version) {
  switch (type) {
    case PacketType::connect:
      return put_connect(to, fields, version);
    case PacketType::connack:
      to.u8(static_cast<std::uint8_t>(number(fields, "session")));
      to.u8(static_cast<std::uint8_t>(number(fields, "reason")));
      return put_properties(to, fields, version);
    case PacketType::publish:
      return put_publish(to, fields, version);
    case PacketType::subscribe:
    case PacketType::unsubscribe:
      return put_entries(to, fields, type, version);
    case PacketType::suback:
    case PacketType::unsuback:
      return put_answers(to, fields, type, version);
    case PacketType::puback:
    case PacketType::pubrec:
    case PacketType::pubrel:
    case PacketType::pubcomp:
      to.u16(static_cast<std::uint16_t>(number(fields, "id")));
      [[fallthrough]];
    case PacketType::disconnect:
    case PacketType::auth:
      return put_reason(to, fields, version);
    default:
      return;
  }
}

}  // namespace

std::string encode_packet(PacketType type, const Fields& fields, Version version) {
  Buffer body;
  put_body(body, type, fields, version);
  std::uint32_t flags = mqtt::fixed_flags(type);
  if (type == PacketType::publish) {
    flags = number(fields, "dup") << 3 | number(fields, "qos") << 1 | number(fields, "retain");
  }
  if (type != PacketType::connect) flags = number(fields, "flags", flags);
  Buffer packet;
  packet.u8(static_cast<std::uint8_t>(static_cast<std::uint32_t>(type) << 4 | (flags & 15)));
  put_varint(packet, static_cast<std::uint32_t>(body.size()));
  packet.append(body.view());
  return std::string(as_text(packet.view()));
}

}  // namespace gaon::scenario
