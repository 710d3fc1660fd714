#include "fields.h"

#include <algorithm>
#include <array>

#include "app/nearest.h"
#include "mqtt/reason.h"

namespace gaon::scenario {
namespace {

using enum FieldKind;
using enum mqtt::PacketType;

constexpr FieldRow kConnect[] = {
    {"id", text},           {"clean", number},    {"keepalive", number},
    {"user", text},         {"password", text},   {"will.topic", text},
    {"will.payload", text}, {"will.qos", number}, {"will.retain", number},
    {"protocol", text},     {"level", number},    {"flags", number},
};
constexpr FieldRow kConnack[] = {{"session", number}, {"reason", reason}, {"flags", number}};
constexpr FieldRow kPublish[] = {{"topic", text},    {"payload", text}, {"size", number}, {"qos", number},
                                 {"retain", number}, {"dup", number},   {"id", number},   {"flags", number}};
constexpr FieldRow kAck[] = {{"id", number}, {"reason", reason}, {"flags", number}};
constexpr FieldRow kSubscribe[] = {
    {"id", number},           {"filter", text},     {"qos", number},     {"no_local", number},
    {"as_published", number}, {"handling", number}, {"options", number}, {"flags", number},
};
constexpr FieldRow kUnsubscribe[] = {{"id", number}, {"filter", text}, {"flags", number}};
constexpr FieldRow kPing[] = {{"flags", number}};
// kind: what our library calls the end of a connection.
constexpr FieldRow kDisconnect[] = {{"reason", reason}, {"kind", text}, {"flags", number}};

constexpr PacketRow kPackets[] = {
    {"connect", connect, "", kConnect},   {"connack", connack, "r", kConnack},
    {"publish", publish, "tp", kPublish}, {"puback", puback, "a", kAck},
    {"pubrec", pubrec, "a", kAck},        {"pubrel", pubrel, "a", kAck},
    {"pubcomp", pubcomp, "a", kAck},      {"subscribe", subscribe, "f", kSubscribe},
    {"suback", suback, "r", kAck},        {"unsubscribe", unsubscribe, "f", kUnsubscribe},
    {"unsuback", unsuback, "r", kAck},    {"pingreq", pingreq, "", kPing},
    {"pingresp", pingresp, "", kPing},    {"disconnect", disconnect, "r", kDisconnect},
    {"auth", auth, "r", kDisconnect},
};

using enum PropertyShape;

constexpr PropertyRow kProperties[] = {
    {"payload_format_indicator", "format", 0x01, byte},
    {"message_expiry_interval", "", 0x02, u32},
    {"content_type", "", 0x03, string},
    {"response_topic", "", 0x08, string},
    {"correlation_data", "correlation", 0x09, string},
    {"subscription_identifier", "sub_id", 0x0B, varint},
    {"session_expiry_interval", "", 0x11, u32},
    {"assigned_client_identifier", "assigned_id", 0x12, string},
    {"server_keep_alive", "", 0x13, u16},
    {"authentication_method", "", 0x15, string},
    {"authentication_data", "", 0x16, string},
    {"request_problem_information", "", 0x17, byte},
    {"will_delay_interval", "delay", 0x18, u32},
    {"request_response_information", "", 0x19, byte},
    {"response_information", "", 0x1A, string},
    {"server_reference", "", 0x1C, string},
    {"reason_string", "", 0x1F, string},
    {"receive_maximum", "", 0x21, u16},
    {"topic_alias_maximum", "alias_maximum", 0x22, u16},
    {"topic_alias", "alias", 0x23, u16},
    {"maximum_qos", "", 0x24, byte},
    {"retain_available", "", 0x25, byte},
    {"user_property", "", 0x26, pair},
    {"maximum_packet_size", "", 0x27, u32},
    {"wildcard_subscription_available", "", 0x28, byte},
    {"subscription_identifier_available", "", 0x29, byte},
    {"shared_subscription_available", "", 0x2A, byte},
};

struct Named {
  std::string name;
  FieldKind kind;
};

// "Topic Filter invalid" as "topic_filter_invalid".
std::string snake_case(std::string_view words) {
  std::string name;
  for (const char c : words) {
    name += c == ' ' || c == '-' ? '_' : c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  }
  return name;
}

std::string suggest_field(const PacketRow& packet, std::string_view key) {
  std::vector<std::string_view> names{"expiry"};
  for (const FieldRow& row : packet.fields) names.push_back(row.name);
  for (const PropertyRow& row : kProperties) {
    names.push_back(row.name);
    if (!row.short_name.empty()) names.push_back(row.short_name);
  }
  return suggest(key, names);
}

Result<Named> name_of_key(const PacketRow& packet, std::string_view key) {
  const auto row = std::ranges::find(packet.fields, key, &FieldRow::name);
  if (row != packet.fields.end()) return Named{std::string(key), row->kind};
  const bool of_will = packet.type == connect && key.starts_with("will.");
  const PropertyRow* property =
      find_property(of_will ? key.substr(5) : key, of_will || packet.type == publish);
  if (property == nullptr) {
    return failure(std::string(packet.name) + " has no field '" + std::string(key) + "'" +
                   suggest_field(packet, key));
  }
  const bool is_number = property->shape != PropertyShape::string && property->shape != pair;
  return Named{(of_will ? "will." : "") + std::string(property->name), is_number ? number : text};
}

Result<Named> name_of_position(const PacketRow& packet, std::size_t position, std::string_view word) {
  if (packet.positions.empty() || (position >= packet.positions.size() && packet.positions == "tp")) {
    return failure("what is '" + std::string(word) + "' in " + std::string(packet.name) +
                   "? Write it as key=value");
  }
  switch (packet.positions[std::min(position, packet.positions.size() - 1)]) {
    case 't':
      return Named{"topic", text};
    case 'p':
      return Named{"payload", text};
    case 'f':
      return Named{"filter", text};
    case 'a':
      if (word.starts_with('$') || (!word.starts_with("0x") && parse_number(word)))
        return Named{"id", number};
      return Named{"reason", reason};
    default:
      return Named{"reason", reason};
  }
}

Result<Field> read_field(const PacketRow& packet, const Named& named, const Word& word,
                         mqtt::Version version) {
  Field field{.name = named.name, .value = word.text};
  if (!word.key.empty() && word.is_variable()) {
    field.variable = true;
  } else if (word.key.empty() && named.kind == number && word.is_variable()) {
    field.variable = true;
  } else if (!word.key.empty() && !word.quoted && word.text == "-") {
    field.absent = true;
  } else if (!word.key.empty() && !word.quoted && word.text == "*") {
    field.any = true;
  } else if (named.kind == number) {
    const auto value = parse_number(word.text);
    if (!value) return failure(named.name + " is a number, not '" + word.text + "'");
    field.value = std::to_string(*value);
  } else if (named.kind == reason) {
    TRY_SET(field.value, read_reason(word.text, packet.type, version));
  }
  return field;
}

}  // namespace

const PacketRow* find_packet(std::string_view name) {
  const auto* row = std::ranges::find(kPackets, name, &PacketRow::name);
  return row == std::end(kPackets) ? nullptr : row;
}

const PacketRow* find_packet(mqtt::PacketType type) {
  const auto* row = std::ranges::find(kPackets, type, &PacketRow::type);
  return row == std::end(kPackets) ? nullptr : row;
}

const PropertyRow* find_property(std::string_view name, bool of_message) {
  if (name == "expiry") name = of_message ? "message_expiry_interval" : "session_expiry_interval";
  for (const PropertyRow& row : kProperties) {
    if (row.name == name || (!row.short_name.empty() && row.short_name == name)) return &row;
  }
  return nullptr;
}

const PropertyRow* find_property(std::uint8_t id) {
  const auto* row = std::ranges::find(kProperties, id, &PropertyRow::id);
  return row == std::end(kProperties) ? nullptr : row;
}

Result<Fields> read_fields(const PacketRow& packet, std::span<const Word> words, mqtt::Version version) {
  Fields fields;
  std::size_t position = 0;
  for (const Word& word : words) {
    auto named =
        word.key.empty() ? name_of_position(packet, position++, word.text) : name_of_key(packet, word.key);
    if (!named) return std::unexpected(named.error());
    TRY_SET(Field field, read_field(packet, *named, word, version));
    if (field.name == "size" && packet.type == publish && !field.variable) {
      field = {.name = "payload", .value = std::string(std::stoul(field.value), 'x')};
    }
    fields.push_back(std::move(field));
  }
  return fields;
}

Result<std::string> read_reason(std::string_view text, mqtt::PacketType packet, mqtt::Version version) {
  if (const auto code = parse_number(text); code && *code <= 0xFF) return std::to_string(*code);
  constexpr std::string_view kGranted[] = {"granted_qos_0", "granted_qos_1", "granted_qos_2"};
  for (std::size_t qos = 0; qos < std::size(kGranted); ++qos) {
    if (text == kGranted[qos]) return std::to_string(qos);
  }
  for (int code = 0; code <= 0xFF; ++code) {
    const auto found = static_cast<mqtt::Reason>(code);
    if (mqtt::name(found).empty() || snake_case(mqtt::name(found)) != text) continue;
    if (version == mqtt::Version::v5) return std::to_string(code);
    if (packet == suback && code >= 0x80) return std::string("128");
    if (packet != connack) return std::to_string(code);
    const auto old = mqtt::connect_return_code(found);
    if (!old) return failure(std::string(text) + " has no return code before MQTT 5");
    return std::to_string(*old);
  }
  return failure("there is no reason '" + std::string(text) + "'; write its name in snake_case or as 0x87");
}

std::string show_reason(std::uint8_t code, mqtt::PacketType packet, mqtt::Version version) {
  if (version != mqtt::Version::v5 && packet == connack) return std::to_string(code);
  const char byte = static_cast<char>(code);
  std::string shown = "0x" + hex(std::string_view(&byte, 1));
  if (code >= 3) shown += " " + snake_case(mqtt::name(static_cast<mqtt::Reason>(code)));
  return shown;
}

std::string suggest(std::string_view name, std::span<const std::string_view> names) {
  const std::string_view nearest = app::nearest_name(name, names);
  return nearest.empty() ? "" : "; did you mean " + std::string(nearest) + "?";
}

}  // namespace gaon::scenario
