// What no client may send, generated: the offender is told so and thrown out, a witness
// that is subscribed to everything sees nothing, and the broker goes on.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "actor.h"
#include "mqtt/cases_test.h"
#include "script.h"
#include "simulation.h"

namespace gaon::scenario {
namespace {

using mqtt::PacketType;
using mqtt::Reason;
using mqtt::Version;

constexpr Version kVersions[] = {Version::v5, Version::v311, Version::v31};
using Reasons = std::vector<Reason>;
const Reasons kEither{Reason::malformed_packet, Reason::protocol_error};

std::string wire(std::string_view notation) { return read_wire(notation).value(); }

// A packet with a body of ours; its length is put in front.
std::string packet(std::uint8_t first, std::string_view body) {
  Buffer all;
  all.u8(first);
  std::size_t left = body.size();
  do {
    all.u8(static_cast<std::uint8_t>((left & 0x7F) | (left > 0x7F ? 0x80U : 0U)));
    left >>= 7;
  } while (left > 0);
  return std::string(as_text(all.view())) + std::string(body);
}

class Malformed : public testing::TestWithParam<std::size_t> {
 protected:
  Malformed() : simulation_(config(), GetParam()) {
    open(witness_, Version::v5);
    witness_.say(PacketType::connect, {{.name = "id", .value = "witness"}});
    witness_.say(PacketType::subscribe, {{.name = "filter", .value = "#"}, {.name = "qos", .value = "2"}});
    settle();
    EXPECT_EQ(witness_.inbox.size(), 2U);
    witness_.inbox.clear();
  }

  // Nothing is sent before it but, unless it is a CONNECT itself, a good CONNECT.
  void refused(const std::string& what, Version version, const std::string& bytes, const Reasons& reasons) {
    SCOPED_TRACE(what + " in " + mqtt::name(version) + ": " + hex(bytes));
    const bool is_connect = static_cast<std::uint8_t>(bytes.front()) >> 4 == 1;
    open(offender_, version);
    if (!is_connect) connect();
    offender_.write(bytes);
    settle();
    EXPECT_TRUE(offender_.closed_by_broker());
    if (version == Version::v5 && !is_connect) {
      EXPECT_TRUE(ends_with(PacketType::disconnect, reasons));
    } else if (!offender_.inbox.empty()) {
      // [MQTT-3.1.4-1] A CONNACK may come first; [MQTT-3.1.4-1@311] or nothing does.
      EXPECT_TRUE(is_connect && offender_.inbox.back().type == PacketType::connack);
    }
    witness_saw_nothing();
  }

  // Another connection serves as well as ever.
  void witness_saw_nothing() {
    witness_.say(PacketType::pingreq, {});
    settle();
    ASSERT_EQ(witness_.inbox.size(), 1U);
    EXPECT_EQ(witness_.inbox.front().type, PacketType::pingresp);
    witness_.inbox.clear();
  }

  void open(Actor& actor, Version version) { actor.open(simulation_.connect().value(), version); }

  void connect() {
    offender_.say(PacketType::connect, {{.name = "id", .value = "offender"}});
    settle();
    EXPECT_FALSE(offender_.inbox.empty());
    offender_.inbox.clear();
  }

  void settle() {
    do {
      witness_.look();
      offender_.look();
    } while (simulation_.more());
    witness_.look();
    offender_.look();
  }

  static broker::Config config() {
    broker::Config config;
    config.sys_interval_s = 0;
    config.limits.receive_maximum = 10;
    return config;
  }

  Simulation simulation_;
  Actor witness_{"witness"};
  Actor offender_{"offender"};

 private:
  testing::AssertionResult ends_with(PacketType type, const Reasons& reasons) const {
    if (offender_.inbox.empty()) return testing::AssertionFailure() << "it was told nothing";
    const Packet& last = offender_.inbox.back();
    const auto reason = static_cast<Reason>(last.number("reason"));
    if (last.type == type && std::ranges::find(reasons, reason) != reasons.end()) {
      return testing::AssertionSuccess();
    }
    return testing::AssertionFailure() << "it was told " << show_packet(last, offender_.version());
  }
};

INSTANTIATE_TEST_SUITE_P(on, Malformed, testing::Values(1, 2), [](const auto& number) {
  return std::to_string(number.param) + (number.param == 1 ? "_worker" : "_workers");
});

// The packets that clients send, one good one of each.
struct Sample {
  PacketType type;
  const char* v5;
  const char* v3;
};
constexpr Sample kSamples[] = {
    {PacketType::connect, "10 | <MQTT> 05 C6 000A {11 0000000A} <me> {18 00000001} <w> <bye> <user> <pw>",
     "10 | <MQTT> 04 C6 000A <me> <w> <bye> <user> <pw>"},
    {PacketType::publish, "32 | <a/b> 0001 {01 01 26 <k> <v>}", "32 | <a/b> 0001"},
    {PacketType::puback, "40 | 0001 10 {1F <why>}", "40 | 0001"},
    {PacketType::pubrec, "50 | 0001 10 {1F <why>}", "50 | 0001"},
    {PacketType::pubrel, "62 | 0001 92 {1F <why>}", "62 | 0001"},
    {PacketType::pubcomp, "70 | 0001 92 {1F <why>}", "70 | 0001"},
    {PacketType::subscribe, "82 | 0001 {0B 07} <a/+> 01 <b> 02", "82 | 0001 <a/+> 01 <b> 02"},
    {PacketType::unsubscribe, "A2 | 0001 {26 <k> <v>} <a/+> <b>", "A2 | 0001 <a/+> <b>"},
    {PacketType::pingreq, "C0 00", "C0 00"},
    {PacketType::disconnect, "E0 | 04 {1F <why>}", "E0 00"},
};

std::string sample(const Sample& row, Version version) {
  std::string bytes = wire(version == Version::v5 ? row.v5 : row.v3);
  if (version == Version::v31 && row.type == PacketType::connect) {
    return wire("10 | <MQIsdp> 03 C6 000A <me> <w> <bye> <user> <pw>");
  }
  return bytes;
}

TEST_P(Malformed, packets_cut_off_at_every_byte) {
  // U5-2.4-a, [MQTT-3.1.4-1], [MQTT-4.13.1-1], [MQTT-4.8.0-1@311]
  for (const Version version : kVersions) {
    for (const Sample& row : kSamples) {
      const std::string whole = sample(row, version);
      for (std::size_t size = 0; size + 2 < whole.size(); ++size) {
        const std::string cut = packet(static_cast<std::uint8_t>(whole[0]), whole.substr(2, size));
        std::string stream = cut;
        const auto decoded = take_packet(stream, version);
        ASSERT_TRUE(decoded);
        if (!decoded->fault.empty()) refused("cut at " + std::to_string(size), version, cut, kEither);
      }
    }
  }
}

TEST_P(Malformed, packets_that_never_end) {
  for (const Version version : kVersions) {
    for (const Sample& row : kSamples) {
      const std::string whole = sample(row, version);
      for (std::size_t size = 1; size < whole.size(); ++size) {
        SCOPED_TRACE(hex(whole.substr(0, size)));
        open(offender_, version);
        if (row.type != PacketType::connect) connect();
        offender_.write(whole.substr(0, size));
        settle();
        EXPECT_FALSE(offender_.closed_by_broker());
        offender_.cut();
        settle();
        witness_saw_nothing();
      }
    }
  }
}

TEST_P(Malformed, bytes_after_the_last_field) {
  // U5-2.1.4-a, U311-2.2.3-b
  for (const Version version : kVersions) {
    for (const Sample& row : kSamples) {
      if (row.type == PacketType::publish) continue;  // They would be its payload.
      const std::string whole = sample(row, version);
      refused("a byte too many", version, packet(static_cast<std::uint8_t>(whole[0]), whole.substr(2) + '\0'),
              kEither);
    }
  }
}

TEST_P(Malformed, every_reserved_flag) {
  // [MQTT-2.1.3-1], [MQTT-3.6.1-1], [MQTT-3.8.1-1], [MQTT-3.10.1-1], [MQTT-3.14.1-1], [MQTT-3.15.1-1],
  // [MQTT-2.2.2-1@311], [MQTT-2.2.2-2@311], [MQTT-3.6.1-1@311], [MQTT-3.8.1-1@311], [MQTT-3.10.1-1@311],
  // [MQTT-3.14.1-1@311]
  for (const Version version : kVersions) {
    for (const Sample& row : kSamples) {
      if (row.type == PacketType::publish) continue;
      std::string bytes = sample(row, version);
      for (std::uint8_t flags = 0; flags < 16; ++flags) {
        if (flags == mqtt::fixed_flags(row.type)) continue;
        bytes[0] = static_cast<char>((bytes[0] & 0xF0) | flags);
        refused("flags", version, bytes, {Reason::malformed_packet});
      }
    }
    // [MQTT-3.3.1-4], [MQTT-3.3.1-4@311], U5-3.3.1.1-a, [MQTT-3.3.1-2], [MQTT-3.3.1-2@311]
    refused("QoS 3", version, wire(version == Version::v5 ? "36 | <a> 0001 {}" : "36 | <a> 0001"),
            {Reason::malformed_packet});
    refused("DUP with QoS 0", version, wire(version == Version::v5 ? "38 | <a> {}" : "38 | <a>"), kEither);
  }
}

TEST_P(Malformed, types_that_clients_do_not_send) {
  // U5-2.1.2-a, U311-2.2.1-a
  for (const Version version : kVersions) {
    for (const char* notation : {"00 00", "20 | 00 00 {}", "90 | 0001 {} 00", "B0 | 0001 {} 00", "D0 00"}) {
      refused("wrong direction", version, wire(notation), kEither);
    }
  }
  refused("AUTH before MQTT 5", Version::v311, wire("F0 00"), kEither);
  // [MQTT-4.12.0-7]
  refused("AUTH without a method", Version::v5, wire("F0 | 19 {15 <m>}"), kEither);
}

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

TEST_P(Malformed, properties_where_they_may_not_be) {
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

TEST_P(Malformed, properties_that_are_there_twice) {
  // U5-2.2.2-b, U5-3.1.3.2-a
  for (const Place& place : kPlaces) {
    for (const Item& item : kItems) {
      if (item.id == 0x26 || std::ranges::find(place.allowed, item.id) == place.allowed.end()) continue;
      refused(std::string(place.name) + " with twice " + item.good, Version::v5,
              with_properties(place, std::string(item.good) + " " + item.good), {Reason::protocol_error});
    }
  }
}

TEST_P(Malformed, properties_with_impossible_values) {
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

TEST_P(Malformed, ill_formed_utf8_in_every_text) {
  // [MQTT-1.5.4-1], [MQTT-1.5.4-2], [MQTT-3.1.3-4], [MQTT-3.1.3-11], [MQTT-3.1.3-12], [MQTT-3.3.2-1],
  // [MQTT-3.8.3-1], [MQTT-3.10.3-1], [MQTT-4.7.3-2], [MQTT-1.5.3-1@311], [MQTT-1.5.3-2@311],
  // [MQTT-3.1.3-4@311], [MQTT-3.1.3-10@311], [MQTT-3.1.3-11@311], [MQTT-3.3.2-1@311], [MQTT-3.8.3-1@311],
  // [MQTT-3.10.3-1@311], [MQTT-4.7.3-2@311]
  constexpr const char* kTexts[] = {
      "0002 C328",      // a start without its continuation
      "0001 80",        // a continuation without its start
      "0002 C080",      // too long for U+0000,
      "0003 E080AF",    // for '/',
      "0004 F08080AF",  // and by four bytes
      "0003 EDA080",    // the first surrogate
      "0003 EDBFBF",    // the last one
      "0004 F4908080",  // above U+10FFFF
      "0001 FF",        // no such byte
      "0002 E282",      // cut off
      "0003 'a' 00 'b'",
  };
  struct Hole {
    const char* name;
    const char* v5;
    const char* v3;
  };
  constexpr Hole kHoles[] = {
      {"topic", "30 | % {} 'x'", "30 | % 'x'"},
      {"filter", "82 | 0001 {} % 00", "82 | 0001 % 00"},
      {"filter to unsubscribe", "A2 | 0001 {} %", "A2 | 0001 %"},
      {"client id", "10 | <MQTT> 05 02 0000 {} %", "10 | <MQTT> 04 02 0000 %"},
      {"will topic", "10 | <MQTT> 05 06 0000 {} <me> {} % <bye>", "10 | <MQTT> 04 06 0000 <me> % <bye>"},
      {"user name", "10 | <MQTT> 05 82 0000 {} <me> %", "10 | <MQTT> 04 82 0000 <me> %"},
  };
  for (const char* text : kTexts) {
    for (const Hole& hole : kHoles) {
      for (const Version version : {Version::v5, Version::v311}) {
        std::string notation = version == Version::v5 ? hole.v5 : hole.v3;
        notation.replace(notation.find('%'), 1, text);
        refused(hole.name, version, wire(notation), {Reason::malformed_packet});
      }
    }
  }
}

TEST_P(Malformed, lengths_that_are_none) {
  // [MQTT-1.5.5-1], U5-1.5.5-a, U311-2.2.3-a
  for (const Version version : kVersions) {
    refused("five bytes", version, wire("30 FFFFFFFF7F"), kEither);
    refused("five bytes, the last ones 0", version, wire("C0 8080808000"), kEither);
  }
  for (const char* notation :
       {"C0 8000", "C0 808000", "C0 80808000", "30 8500 <ab> 00", "30 | <a> 8000 'x'"}) {
    refused("not the shortest", Version::v5, wire(notation), {Reason::malformed_packet});
  }
}

TEST_P(Malformed, packet_id_0) {
  // [MQTT-2.2.1-3], [MQTT-2.3.1-1@311]
  for (const Version version : kVersions) {
    for (const Sample& row : kSamples) {
      std::string bytes = sample(row, version);
      const std::size_t at = row.type == PacketType::publish ? 7 : 2;
      const bool has_id = row.type != PacketType::connect && row.type != PacketType::pingreq &&
                          row.type != PacketType::disconnect;
      if (!has_id) continue;
      bytes[at] = bytes[at + 1] = 0;
      refused("id 0", version, bytes, kEither);
    }
  }
}

TEST_P(Malformed, topics_and_filters_that_are_none) {
  // [MQTT-3.3.2-2], [MQTT-4.7.0-1], [MQTT-4.7.1-1], [MQTT-4.7.1-2], [MQTT-4.7.3-1], [MQTT-4.8.2-1],
  // [MQTT-4.8.2-2], [MQTT-3.3.2-2@311], [MQTT-4.7.1-1@311], [MQTT-4.7.1-2@311], [MQTT-4.7.1-3@311],
  // [MQTT-4.7.3-1@311], U5-3.3.2.1-a
  const auto both = [&](const std::string& what, const std::string& v5, const std::string& v3) {
    const Reasons reasons{Reason::malformed_packet, Reason::protocol_error, Reason::topic_name_invalid,
                          Reason::topic_filter_invalid};
    refused(what, Version::v5, wire(v5), reasons);
    refused(what, Version::v311, wire(v3), reasons);
  };
  for (const std::string topic : {"+", "#", "a/+", "a/#", "+/a", "a+", "#a", ""}) {
    both("topic " + topic, "30 | <" + topic + "> {} 'x'", "30 | <" + topic + "> 'x'");
    if (topic.empty()) continue;
    both("will topic " + topic, "10 | <MQTT> 05 06 0000 {} <me> {} <" + topic + "> <bye>",
         "10 | <MQTT> 04 06 0000 <me> <" + topic + "> <bye>");
  }
  for (const std::string filter : {"", "a+", "+a", "a/+b", "#/a", "a#", "a/#/b", "a/b#"}) {
    both("filter " + filter, "82 | 0001 {} <" + filter + "> 00", "82 | 0001 <" + filter + "> 00");
  }
  for (const std::string filter :
       {"$share//t", "$share/g", "$share/g/", "$share/+/t", "$share/g#/t", "$share/#"}) {
    refused("filter " + filter, Version::v5, wire("82 | 0001 {} <" + filter + "> 00"),
            {Reason::malformed_packet, Reason::protocol_error, Reason::topic_filter_invalid});
  }
}

TEST_P(Malformed, options_and_lists_that_are_none) {
  // [MQTT-3.8.3-5], U5-3.8.3.1-a, U5-3.8.3.1-b, [MQTT-3.8.3-2], [MQTT-3.10.3-2], [MQTT-3.8.3-3@311],
  // [MQTT-3.8.3-4@311], [MQTT-3.10.3-2@311], [MQTT-3.8.3-4]
  for (int options = 0; options < 256; ++options) {
    const std::string bytes = wire("82 | 0001 {} <t>");
    const bool bad = (options & 0xC0) != 0 || (options & 3) == 3 || (options & 0x30) == 0x30;
    if (bad)
      refused("options", Version::v5, packet(0x82, wire("0001 {} <t>") + static_cast<char>(options)),
              kEither);
    if (options > 2) {
      refused("options", Version::v311, packet(0x82, wire("0001 <t>") + static_cast<char>(options)), kEither);
    }
  }
  refused("No Local for a group", Version::v5, wire("82 | 0001 {} <$share/g/t> 04"),
          {Reason::protocol_error});
  for (const char* notation : {"82 | 0001 {}", "A2 | 0001 {}"}) {
    refused("no filter", Version::v5, wire(notation), {Reason::protocol_error});
  }
  for (const char* notation : {"82 | 0001", "A2 | 0001"})
    refused("no filter", Version::v311, wire(notation), kEither);
}

TEST_P(Malformed, reasons_that_do_not_belong) {
  // [MQTT-3.4.2-1], [MQTT-3.5.2-1], [MQTT-3.6.2-1], [MQTT-3.7.2-1], [MQTT-3.14.2-1]
  struct Row {
    std::uint8_t first;
    const char* before;
    const char* bad;
  };
  constexpr Row kRows[] = {{0x40, "0001", "01 02 04 11 18 81 82 8E 92 A2 FF"},
                           {0x50, "0001", "01 02 04 11 18 81 82 8E 92 A2 FF"},
                           {0x62, "0001", "01 10 80 81 91 97 FF"},
                           {0x70, "0001", "01 10 80 81 91 97 FF"},
                           {0xE0, "", "01 02 10 11 18 84 86 91 92 FF"}};
  for (const Row& row : kRows) {
    for (const char reason : wire(row.bad)) {
      refused("reason", Version::v5, packet(row.first, wire(row.before) + reason), kEither);
    }
  }
}

TEST_P(Malformed, connect_flags_that_contradict) {
  // [MQTT-3.1.2-1], [MQTT-3.1.2-3], [MQTT-3.1.2-9], [MQTT-3.1.2-11], [MQTT-3.1.2-12], [MQTT-3.1.2-13],
  // [MQTT-3.1.2-16], [MQTT-3.1.2-17], [MQTT-3.1.2-18], [MQTT-3.1.2-19], [MQTT-3.1.2-1@311],
  // [MQTT-3.1.2-3@311], [MQTT-3.1.2-13@311], [MQTT-3.1.2-14@311], [MQTT-3.1.2-15@311], [MQTT-3.1.2-22@311],
  // [MQTT-3.1.2-18@311], [MQTT-3.1.2-19@311], [MQTT-3.1.2-20@311], [MQTT-3.1.2-21@311]
  struct Row {
    const char* what;
    const char* flags;
    const char* will;
    const char* rest;
  };
  constexpr Row kRows[] = {
      {"reserved bit", "03", "", ""},
      {"will QoS without will", "0A", "", ""},
      {"will retain without will", "22", "", ""},
      {"will QoS 3", "1E", "<w> <bye>", ""},
      {"will without fields", "06", "", ""},
      {"user name without field", "82", "", ""},
      {"a field without user name", "02", "", "<user>"},
      {"a field without password", "82", "", "<user> <pw>"},
      {"password without field", "C2", "", "<user>"},
  };
  for (const Row& row : kRows) {
    const std::string will5 = *row.will != 0 ? std::string("{} ") + row.will : "";
    refused(row.what, Version::v5,
            wire(std::string("10 | <MQTT> 05 ") + row.flags + " 0000 {} <me> " + will5 + row.rest), kEither);
    refused(row.what, Version::v311,
            wire(std::string("10 | <MQTT> 04 ") + row.flags + " 0000 <me> " + row.will + row.rest), kEither);
  }
  refused("password without user name", Version::v311, wire("10 | <MQTT> 04 42 0000 <me> <pw>"), kEither);
  for (const char* name : {"<mqtt>", "<MQTTX>", "<>", "<MQ>"}) {
    refused("protocol name", Version::v5, wire(std::string("10 | ") + name + " 05 02 0000 {} <me>"), kEither);
    refused("protocol name", Version::v311, wire(std::string("10 | ") + name + " 04 02 0000 <me>"), kEither);
  }
}

TEST_P(Malformed, connect_at_the_wrong_time) {
  // [MQTT-3.1.0-1], [MQTT-3.1.0-2], [MQTT-3.1.0-1@311], [MQTT-3.1.0-2@311]
  for (const Version version : kVersions) {
    for (const Sample& row : kSamples) {
      SCOPED_TRACE(hex(sample(row, version)));
      open(offender_, version);
      if (row.type == PacketType::connect) connect();
      offender_.write(sample(row, version));
      settle();
      EXPECT_TRUE(offender_.closed_by_broker());
      if (row.type != PacketType::connect) {
        EXPECT_TRUE(offender_.inbox.empty());
      }
      witness_saw_nothing();
    }
  }
}

TEST_P(Malformed, aliases_and_windows_overrun) {
  // [MQTT-3.3.2-8], [MQTT-3.3.2-9], U5-3.3.4-a, U5-3.3.4-d
  refused("alias 0", Version::v5, wire("30 | <t> {23 0000} 'x'"), {Reason::topic_alias_invalid});
  refused("alias above the maximum", Version::v5, wire("30 | <t> {23 0021} 'x'"),
          {Reason::topic_alias_invalid});
  refused("alias that stands for nothing", Version::v5, wire("30 | <> {23 0001} 'x'"),
          {Reason::protocol_error});

  open(offender_, Version::v5);
  connect();
  for (int id = 1; id <= 11; ++id) {
    offender_.say(PacketType::publish, {{.name = "topic", .value = "t"}, {.name = "qos", .value = "2"}});
  }
  settle();
  EXPECT_TRUE(offender_.closed_by_broker());
  ASSERT_FALSE(offender_.inbox.empty());
  EXPECT_EQ(offender_.inbox.back().number("reason"), 0x93U);
}

TEST_P(Malformed, the_named_cases_of_the_codec) {
  for (const mqtt::PacketCase& named : mqtt::packet_cases()) {
    if (named.packet || named.wire.empty()) continue;
    const auto type = static_cast<PacketType>(named.wire[0] >> 4);
    const bool from_client = std::ranges::find(kSamples, type, &Sample::type) != std::end(kSamples);
    const std::string bytes(as_text(named.wire));
    // What only a server sends is refused for that; AUTH for want of a method.
    refused(std::string(named.name), named.version, bytes,
            from_client ? Reasons{named.fault, Reason::protocol_error} : kEither);
  }
}

}  // namespace
}  // namespace gaon::scenario
