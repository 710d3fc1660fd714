// Properties of MQTT 5 that are out of place, there twice, or no value at all.
#include <algorithm>

#include "malformed_test.h"

namespace gaon::scenario {
namespace {

using mqtt::PacketType;
using mqtt::Reason;
using mqtt::Version;

MALFORMED_SUITE(MalformedProperties);

// Where a client may put properties, with a hole for them.
struct Place {
  const char* name;
  std::uint8_t first;
  const char* before;
  const char* after;
  std::vector<std::uint8_t> allowed;
};
const Place kPlaces[] = {
    {"CONNECT", 0x10, "<MQTT> 05 02 0000", "<me>", {0x11, 0x15, 0x16, 0x17, 0x19, 0x21, 0x22, 0x26, 0x27}},
    {"will", 0x10, "<MQTT> 05 06 0000 {} <me>", "<w> <bye>", {0x01, 0x02, 0x03, 0x08, 0x09, 0x18, 0x26}},
    {"PUBLISH", 0x30, "<t>", "'x'", {0x01, 0x02, 0x03, 0x08, 0x09, 0x23, 0x26}},
    {"PUBACK", 0x40, "0001 00", "", {0x1F, 0x26}},
    {"PUBREC", 0x50, "0001 00", "", {0x1F, 0x26}},
    {"PUBREL", 0x62, "0001 00", "", {0x1F, 0x26}},
    {"PUBCOMP", 0x70, "0001 00", "", {0x1F, 0x26}},
    {"SUBSCRIBE", 0x82, "0001", "<t> 00", {0x0B, 0x26}},
    {"UNSUBSCRIBE", 0xA2, "0001", "<t>", {0x26}},
    {"DISCONNECT", 0xE0, "00", "", {0x11, 0x1F, 0x26}},
};

struct Item {
  std::uint8_t id;
  const char* good;
};
constexpr Item kItems[] = {
    {0x01, "01 01"},  {0x02, "02 00000001"}, {0x03, "03 <x>"},      {0x08, "08 <x>"},      {0x09, "09 <x>"},
    {0x0B, "0B 01"},  {0x11, "11 00000000"}, {0x12, "12 <x>"},      {0x13, "13 0001"},     {0x15, "15 <x>"},
    {0x16, "16 <x>"}, {0x17, "17 01"},       {0x18, "18 00000001"}, {0x19, "19 01"},       {0x1A, "1A <x>"},
    {0x1C, "1C <x>"}, {0x1F, "1F <x>"},      {0x21, "21 0001"},     {0x22, "22 0001"},     {0x23, "23 0001"},
    {0x24, "24 01"},  {0x25, "25 01"},       {0x26, "26 <k> <v>"},  {0x27, "27 00001000"}, {0x28, "28 01"},
    {0x29, "29 01"},  {0x2A, "2A 01"},
};

std::string with_properties(const Place& place, const std::string& items) {
  const std::string body = std::string(place.before) + " {" + items + "} " + place.after;
  return packet(place.first, wire(body));
}

TEST_P(MalformedProperties, properties_where_they_may_not_be) {
  // U5-2.2.2-a, [MQTT-3.3.4-6], [MQTT-3.14.2-2]
  for (const Place& place : kPlaces) {
    for (const Item& item : kItems) {
      if (std::ranges::find(place.allowed, item.id) != place.allowed.end()) continue;
      refused(std::string(place.name) + " with " + item.good, Version::v5, with_properties(place, item.good),
              kEither);
    }
    for (const char* unknown : {"00 00", "04 00", "2B 00", "7F 00", "80 01 00"}) {
      refused(std::string(place.name) + " with " + unknown, Version::v5, with_properties(place, unknown),
              {Reason::malformed_packet});
    }
  }
}

TEST_P(MalformedProperties, properties_that_are_there_twice) {
  // U5-2.2.2-b, U5-3.1.3.2-a
  for (const Place& place : kPlaces) {
    for (const Item& item : kItems) {
      if (item.id == 0x26 || std::ranges::find(place.allowed, item.id) == place.allowed.end()) continue;
      refused(std::string(place.name) + " with twice " + item.good, Version::v5,
              with_properties(place, std::string(item.good) + " " + item.good), {Reason::protocol_error});
    }
  }
}

TEST_P(MalformedProperties, properties_with_impossible_values) {
  // U5-3.1.2.11.3-a, U5-3.1.2.11.4-a, U5-3.1.2.11.6-a, U5-3.1.2.11.10-a, U5-3.3.2.3.2-a, U5-3.3.2.3.8-a,
  // [MQTT-3.3.2-14], [MQTT-3.3.2-13], [MQTT-3.3.2-19], [MQTT-1.5.7-1]
  constexpr Item kBad[] = {
      {0x01, "01 02"},
      {0x17, "17 02"},
      {0x19, "19 02"},
      {0x21, "21 0000"},
      {0x27, "27 00000000"},
      {0x0B, "0B 00"},
      {0x0B, "0B 80808000"},
      {0x0B, "0B FFFFFFFF7F"},
      {0x08, "08 <a/+>"},
      {0x08, "08 <a/#>"},
      {0x08, "08 0002 C328"},
      {0x03, "03 0002 C328"},
      {0x1F, "1F 0002 C328"},
      {0x26, "26 0002 C328 <v>"},
      {0x26, "26 <k> 0003 EDA080"},
      {0x26, "26 <k> 0001 00"},
      {0x02, "02 000001"},
      {0x11, "11 000001"},
      {0x21, "21 00"},
      {0x22, "22 00"},
      {0x23, "23 00"},
      {0x18, "18 000001"},
      {0x0B, "0B 8000"},
      {0x0B, "0B 8080808001"},
      {0x03, "03 0009 'x'"},
      {0x16, "16 <x>"},
  };
  for (const Place& place : kPlaces) {
    for (const Item& item : kBad) {
      if (std::ranges::find(place.allowed, item.id) == place.allowed.end()) continue;
      refused(std::string(place.name) + " with " + item.good, Version::v5, with_properties(place, item.good),
              {Reason::malformed_packet, Reason::protocol_error, Reason::topic_name_invalid});
    }
  }
}

TEST_P(MalformedProperties, properties_cut_off_within_their_length) {
  // U5-2.2.2-a
  for (const Place& place : kPlaces) {
    for (const Item& item : kItems) {
      if (std::ranges::find(place.allowed, item.id) == place.allowed.end()) continue;
      const std::string whole = wire(item.good);
      for (std::size_t size = 1; size < whole.size(); ++size) {
        const std::string bytes =
            wire(place.before) + static_cast<char>(size) + whole.substr(0, size) + wire(place.after);
        refused(std::string(place.name) + " with a cut " + item.good, Version::v5, packet(place.first, bytes),
                kEither);
      }
    }
  }
}

TEST_P(MalformedProperties, ill_formed_utf8_in_every_string) {
  // [MQTT-1.5.4-1], [MQTT-1.5.4-2], [MQTT-1.5.7-1]
  for (const Place& place : kPlaces) {
    for (const char* string : {"03 %", "08 %", "15 %", "1C %", "1F %", "26 % <v>", "26 <k> %"}) {
      const auto id = static_cast<std::uint8_t>(wire(std::string(string, 2)).front());
      if (std::ranges::find(place.allowed, id) == place.allowed.end()) continue;
      for (const char* text : kNoUtf8) {
        std::string item = string;
        item.replace(item.find('%'), 1, text);
        refused(std::string(place.name) + " with " + item, Version::v5, with_properties(place, item),
                {Reason::malformed_packet});
      }
    }
  }
}

TEST_P(MalformedProperties, property_lengths_that_are_none) {
  // [MQTT-1.5.5-1], U5-1.5.5-a
  for (const Place& place : kPlaces) {
    for (const char* length : {"8000", "808000", "80808000", "8080808000", "FFFFFFFF7F", "FFFFFF7F"}) {
      const std::string bytes = wire(place.before) + wire(length) + wire(place.after);
      refused(std::string(place.name) + " with the length " + length, Version::v5, packet(place.first, bytes),
              kEither);
    }
  }
}

TEST_P(MalformedProperties, a_session_that_ends_at_once_cannot_be_prolonged_at_the_end) {
  // U5-3.14.2.2.2-a
  refused("DISCONNECT", Version::v5, wire("E0 | 00 {11 00000001}"), {Reason::protocol_error});
}

}  // namespace
}  // namespace gaon::scenario
