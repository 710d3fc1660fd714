// The vocabulary of scenarios: packets, their fields and the properties of MQTT 5, by
// name. A table of its own rather than the broker's, so that neither hides the other's
// mistakes. Pure functions.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "mqtt/version.h"
#include "words.h"

namespace gaon::scenario {

enum class FieldKind : std::uint8_t { number, text, reason };

struct FieldRow {
  std::string_view name;
  FieldKind kind;
};

// What a word without a key means, one letter each; the last one repeats.
//   t topic   p payload   f filter   r reason   a packet id if decimal, else reason
struct PacketRow {
  std::string_view name;
  mqtt::PacketType type;
  std::string_view positions;
  std::span<const FieldRow> fields;
};

enum class PropertyShape : std::uint8_t { byte, u16, u32, varint, string, pair };

struct PropertyRow {
  std::string_view name;          // the standard's words in snake_case
  std::string_view short_name{};  // may be empty
  std::uint8_t id = 0;
  PropertyShape shape{};
};

// One value of a packet; a number in decimal, a user property as name:value.
struct Field {
  std::string name;
  std::string value;
  bool variable = false;  // value is the name of a variable
  bool absent = false;    // expected not to be there: name=-
  bool any = false;       // expected to be there: name=*
};

using Fields = std::vector<Field>;

const PacketRow* find_packet(std::string_view name);
const PacketRow* find_packet(mqtt::PacketType type);

// By either name; "expiry" is the Session Expiry Interval or the Message Expiry Interval.
const PropertyRow* find_property(std::string_view name, bool of_message);
const PropertyRow* find_property(std::uint8_t id);

// Reads the words after a packet's name. The error says what would be right.
Result<Fields> read_fields(const PacketRow& packet, std::span<const Word> words, mqtt::Version version);

// "client_identifier_not_valid" or 0x85; in CONNACK of 3.x the return code. Decimal.
Result<std::string> read_reason(std::string_view text, mqtt::PacketType packet, mqtt::Version version);
// "0x85 client_identifier_not_valid", or "2" in a CONNACK of 3.x.
std::string show_reason(std::uint8_t code, mqtt::PacketType packet, mqtt::Version version);

// The closest of the names, as "; did you mean qos?", or nothing.
std::string suggest(std::string_view name, std::span<const std::string_view> names);

}  // namespace gaon::scenario
