#include <algorithm>

#include "base/bytes.h"
#include "packet.h"

namespace gaon::scenario {
namespace {

using mqtt::PacketType;
using mqtt::Version;

std::uint32_t take_varint(Reader& reader) {
  std::uint32_t value = 0;
  for (int shift = 0; shift < 28; shift += 7) {
    const std::uint8_t byte = reader.u8();
    value |= static_cast<std::uint32_t>(byte & 0x7F) << shift;
    if ((byte & 0x80) == 0) return value;
  }
  reader.take(reader.left() + 1);  // A fifth byte: fail.
  return 0;
}

class Decoding {
 public:
  Decoding(Packet& packet, ByteView body, Version version)
      : packet_(packet), reader_(body), version_(version) {}

  void run() {
    switch (packet_.type) {
      case PacketType::connect:
        connect();
        break;
      case PacketType::connack:
        add("session", reader_.u8());
        add("reason", reader_.u8());
        properties();
        break;
      case PacketType::publish:
        publish();
        break;
      case PacketType::subscribe:
        subscribe();
        break;
      case PacketType::unsubscribe:
        add("id", reader_.u16());
        properties();
        while (!reader_.at_end()) add("filter", as_text(reader_.prefixed()));
        break;
      case PacketType::suback:
      case PacketType::unsuback:
        add("id", reader_.u16());
        properties();
        while (!reader_.at_end()) add("reason", reader_.u8());
        break;
      case PacketType::puback:
      case PacketType::pubrec:
      case PacketType::pubrel:
      case PacketType::pubcomp:
        add("id", reader_.u16());
        [[fallthrough]];
      case PacketType::disconnect:
      case PacketType::auth:
        add("reason", reader_.at_end() ? std::uint8_t{0} : reader_.u8());
        if (!reader_.at_end()) properties();
        break;
      default:
        break;
    }
    if (reader_.failed()) packet_.fault = "it ends inside a field";
    if (packet_.fault.empty() && !reader_.at_end()) packet_.fault = "bytes follow its last field";
    check_flags();
  }

 private:
  void add(std::string_view name, std::uint32_t value) { add(name, std::string_view(std::to_string(value))); }
  void add(std::string_view name, std::string_view value) {
    packet_.fields.push_back({.name = std::string(name), .value = std::string(value)});
  }

  void check_flags() {
    const int flags = packet_.bytes.front() & 15;
    if (packet_.type == PacketType::publish || flags == mqtt::fixed_flags(packet_.type)) return;
    packet_.fault = "its flags are " + std::to_string(flags);
  }

  void properties(std::string_view prefix = "") {
    if (version_ != Version::v5) return;
    Reader items(reader_.take(take_varint(reader_)));
    while (!items.at_end()) {
      const std::uint8_t id = items.u8();
      const PropertyRow* row = find_property(id);
      if (row == nullptr) {
        packet_.fault = "there is no property " + std::to_string(id);
        return;
      }
      add(std::string(prefix) + std::string(row->name), std::string_view(value_of(items, row->shape)));
    }
    if (items.failed()) packet_.fault = "a property ends too early";
  }

  static std::string value_of(Reader& items, PropertyShape shape) {
    switch (shape) {
      case PropertyShape::byte:
        return std::to_string(items.u8());
      case PropertyShape::u16:
        return std::to_string(items.u16());
      case PropertyShape::u32:
        return std::to_string(items.u32());
      case PropertyShape::varint:
        return std::to_string(take_varint(items));
      case PropertyShape::string:
        return std::string(as_text(items.prefixed()));
      case PropertyShape::pair:
        break;
    }
    const std::string name(as_text(items.prefixed()));
    return name + ':' + std::string(as_text(items.prefixed()));
  }

  void publish() {
    const auto flags = static_cast<std::uint8_t>(packet_.bytes.front());
    add("topic", as_text(reader_.prefixed()));
    add("qos", flags >> 1 & 3U);
    add("retain", flags & 1U);
    add("dup", flags >> 3 & 1U);
    if ((flags & 6) != 0) add("id", reader_.u16());
    properties();
    add("payload", as_text(reader_.take(reader_.left())));
  }

  void connect() {
    add("protocol", as_text(reader_.prefixed()));
    add("level", reader_.u8());
    const std::uint8_t flags = reader_.u8();
    add("flags", flags);
    add("clean", flags >> 1 & 1U);
    add("keepalive", reader_.u16());
    properties();
    add("id", as_text(reader_.prefixed()));
    if ((flags & 4) != 0) {
      properties("will.");
      add("will.topic", as_text(reader_.prefixed()));
      add("will.payload", as_text(reader_.prefixed()));
      add("will.qos", flags >> 3 & 3U);
      add("will.retain", flags >> 5 & 1U);
    }
    if ((flags & 0x80) != 0) add("user", as_text(reader_.prefixed()));
    if ((flags & 0x40) != 0) add("password", as_text(reader_.prefixed()));
  }

  void subscribe() {
    add("id", reader_.u16());
    properties();
    while (!reader_.at_end()) {
      add("filter", as_text(reader_.prefixed()));
      const std::uint8_t options = reader_.u8();
      add("qos", options & 3U);
      add("no_local", options >> 2 & 1U);
      add("as_published", options >> 3 & 1U);
      add("handling", options >> 4 & 3U);
    }
  }

  Packet& packet_;
  Reader reader_;
  Version version_;
};

std::string show_field(const Field& field, PacketType type, Version version) {
  const PacketRow* row = find_packet(type);
  const auto known = std::ranges::find(row->fields, field.name, &FieldRow::name);
  if (known != row->fields.end() && known->kind == FieldKind::reason) {
    return show_reason(static_cast<std::uint8_t>(std::stoul(field.value)), type, version);
  }
  if (field.name == "topic" || field.name == "filter") return quote(field.value);
  return field.name + "=" + quote(field.value);
}

bool is_worth_showing(const Field& field) {
  constexpr std::string_view kZeroIsSilent[] = {"qos",      "retain",       "dup",
                                                "no_local", "as_published", "handling"};
  return field.value != "0" || std::ranges::find(kZeroIsSilent, field.name) == std::end(kZeroIsSilent);
}

}  // namespace

const std::string* Packet::find(std::string_view name) const {
  const auto found = std::ranges::find(fields, name, &Field::name);
  return found == fields.end() ? nullptr : &found->value;
}

std::uint32_t Packet::number(std::string_view name, std::uint32_t otherwise) const {
  const std::string* value = find(name);
  return value == nullptr ? otherwise : parse_number(*value).value_or(otherwise);
}

std::optional<Packet> take_packet(std::string& stream, Version version) {
  if (stream.size() < 2) return std::nullopt;
  Reader reader(as_bytes(stream).subspan(1));
  const std::uint32_t length = take_varint(reader);
  Packet packet;
  packet.type = static_cast<PacketType>(static_cast<std::uint8_t>(stream.front()) >> 4);
  if (reader.failed() && stream.size() < 5) return std::nullopt;
  if (reader.failed() || find_packet(packet.type) == nullptr) {
    packet.fault = reader.failed() ? "its length has more than four bytes" : "its type is 0";
    packet.bytes = std::exchange(stream, {});
    return packet;
  }
  const std::size_t head = stream.size() - reader.left();
  if (reader.left() < length) return std::nullopt;
  packet.bytes = stream.substr(0, head + length);
  stream.erase(0, head + length);
  Decoding(packet, as_bytes(packet.bytes).subspan(head), version).run();
  return packet;
}

std::string show_packet(const Packet& packet, Version version) {
  if (!packet.fault.empty()) return "what is no packet, because " + packet.fault;
  std::string shown(find_packet(packet.type)->name);
  for (const Field& field : packet.fields) {
    if (is_worth_showing(field)) shown += " " + show_field(field, packet.type, version);
  }
  return shown;
}

}  // namespace gaon::scenario
