#include "mqtt/decode.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "mqtt/cases_test.h"
#include "mqtt/encode.h"
#include "mqtt/same_test.h"
#include "mqtt/varint.h"

namespace gaon::mqtt {

namespace {

Decoded<Packet> decode_wire(ByteView wire, Version version) {
  const auto framed = frame(wire, kPacketSizeMax);
  if (!framed) return std::unexpected(framed.error());
  if (!*framed) return fault(Reason::unspecified_error, "the case is not a whole packet");
  EXPECT_EQ((*framed)->size, wire.size());
  return decode(**framed, version);
}

Frame frame_of(ByteView wire) { return **frame(wire, kPacketSizeMax); }

// The same packet with another body, kept in an allocation of its own size so that a
// sanitizer sees a read past it.
Decoded<Packet> decode_body(const Frame& like, ByteView body, Version version) {
  const std::vector<std::uint8_t> copy(body.begin(), body.end());
  const Frame frame{.type = like.type, .flags = like.flags, .body = copy, .size = 0};
  auto packet = decode(frame, version);
  if (packet) {
    Buffer again;
    encode(*packet, version, again);  // Reads every view while the copy lives.
  }
  return packet;
}

// Packets whose last field has no length of its own or may be left out.
bool open_ended(PacketType type, Version version) {
  static const std::set<PacketType> always = {PacketType::publish, PacketType::subscribe,
                                              PacketType::unsubscribe, PacketType::suback};
  static const std::set<PacketType> in_v5 = {
      PacketType::puback,   PacketType::pubrec,     PacketType::pubrel, PacketType::pubcomp,
      PacketType::unsuback, PacketType::disconnect, PacketType::auth};
  return always.contains(type) || (version == Version::v5 && in_v5.contains(type));
}

TEST(Decode, table_has_different_names_for_all_cases) {
  std::set<std::string_view> names;
  for (const PacketCase& one : packet_cases()) EXPECT_TRUE(names.insert(one.name).second) << one.name;
  EXPECT_GE(names.size(), 150u);
}

TEST(Decode, gives_the_packet_or_the_fault_of_each_case) {
  for (const PacketCase& one : packet_cases()) {
    SCOPED_TRACE(one.name);
    const auto packet = decode_wire(one.wire, one.version);
    if (one.packet) {
      ASSERT_TRUE(packet.has_value()) << packet.error().what;
      EXPECT_TRUE(same(*packet, *one.packet));
    } else {
      ASSERT_FALSE(packet.has_value());
      EXPECT_EQ(name(packet.error().reason), name(one.fault)) << packet.error().what;
      EXPECT_STRNE(packet.error().what, "");
    }
  }
}

TEST(Decode, gives_publish_past_the_variant) {
  for (const PacketCase& one : publish_cases()) {
    const auto framed = frame(one.wire, kPacketSizeMax);
    if (!framed) continue;
    SCOPED_TRACE(one.name);
    const auto publish = decode_publish(**framed, one.version);
    ASSERT_EQ(publish.has_value(), one.packet.has_value());
    if (publish) {
      EXPECT_TRUE(same(*publish, *one.packet));
    }
  }
}

TEST(Decode, gives_an_acknowledgement_of_nothing_but_an_id_past_the_variant) {
  int short_ones = 0;
  for (const PacketCase& one : packet_cases()) {
    const auto framed = frame(one.wire, kPacketSizeMax);
    if (!framed || !*framed) continue;
    const auto packet_id = decode_short_ack(**framed);
    if (!packet_id) continue;
    SCOPED_TRACE(one.name);
    ++short_ones;
    const std::uint8_t wire[] = {one.wire[0], 2, static_cast<std::uint8_t>(*packet_id >> 8),
                                 static_cast<std::uint8_t>(*packet_id)};
    EXPECT_EQ(as_text(wire), as_text(one.wire));
    ASSERT_TRUE(one.packet);
    EXPECT_TRUE(same(*decode(**framed, one.version), *one.packet));
  }
  EXPECT_GE(short_ones, 4);
  EXPECT_EQ(decode_short_ack(frame_of(bytes("40 | 0000"))), std::nullopt);
  EXPECT_EQ(decode_short_ack(frame_of(bytes("B0 | 0001"))), std::nullopt);
}

TEST(Decode, views_lie_in_the_frame) {
  const ByteView wire = bytes("30 | <a/b> {03 <text>} 'hello'");
  const auto publish = decode_publish(frame_of(wire), Version::v5);
  ASSERT_TRUE(publish.has_value());
  EXPECT_EQ(publish->payload.data(), wire.data() + wire.size() - 5);
  EXPECT_EQ(as_bytes(publish->topic).data(), wire.data() + 4);
}

TEST(Decode, refuses_a_body_cut_anywhere) {
  for (const PacketCase& one : packet_cases()) {
    if (!one.packet) continue;
    SCOPED_TRACE(one.name);
    const Frame whole = frame_of(one.wire);
    for (std::size_t size = 0; size < whole.body.size(); ++size) {
      const auto packet = decode_body(whole, whole.body.first(size), one.version);
      if (open_ended(whole.type, one.version)) continue;
      EXPECT_FALSE(packet.has_value()) << "cut to " << size;
    }
  }
}

TEST(Decode, never_takes_a_cut_body_for_the_whole_packet) {
  for (const PacketCase& one : packet_cases()) {
    if (!one.packet || !one.canonical) continue;
    SCOPED_TRACE(one.name);
    const Frame whole = frame_of(one.wire);
    for (std::size_t size = 0; size < whole.body.size(); ++size) {
      const auto packet = decode({whole.type, whole.flags, whole.body.first(size), 0}, one.version);
      if (packet) {
        EXPECT_FALSE(same(*packet, *one.packet)) << "cut to " << size;
      }
    }
  }
}

TEST(Decode, refuses_a_byte_after_the_last_field) {
  for (const PacketCase& one : packet_cases()) {
    if (!one.packet || std::holds_alternative<Publish>(*one.packet)) continue;
    SCOPED_TRACE(one.name);
    const Frame whole = frame_of(one.wire);
    std::vector<std::uint8_t> body(whole.body.begin(), whole.body.end());
    body.push_back(0xFF);
    EXPECT_FALSE(decode_body(whole, body, one.version).has_value());
  }
}

TEST(Decode, refuses_each_class_of_bad_utf8_in_each_text) {
  struct Text {
    Version version;
    std::string before, after;  // notation around the bad text
  };
  const Text texts[] = {
      {Version::v5, "10 | <MQTT> 05 00 0000 {}", ""},
      {Version::v311, "10 | <MQTT> 04 02 0000", ""},
      {Version::v31, "10 | <MQIsdp> 03 02 0000", ""},
      {Version::v5, "10 | <MQTT> 05 04 0000 {} <c> {}", "<payload>"},
      {Version::v311, "10 | <MQTT> 04 04 0000 <c>", "<payload>"},
      {Version::v5, "10 | <MQTT> 05 80 0000 {} <c>", ""},
      {Version::v311, "10 | <MQTT> 04 80 0000 <c>", ""},
      {Version::v5, "30 |", "{} 'x'"},
      {Version::v311, "32 |", "0001"},
      {Version::v5, "82 | 0001 {}", "00"},
      {Version::v31, "82 | 0001", "00"},
      {Version::v5, "A2 | 0001 {}", ""},
      {Version::v311, "A2 | 0001 <a>", ""},
  };
  const std::string bad_texts[] = {
      "0001 80",        // a byte that only follows
      "0001 FF",        // a byte that never occurs
      "0002 C328",      // cut by another character
      "0002 C080",      // overlong U+0000
      "0002 C1BF",      // overlong
      "0003 E09FBF",    // overlong
      "0004 F08FBFBF",  // overlong
      "0003 EDA080",    // a surrogate
      "0003 EDBFBF",    // the last surrogate
      "0004 F4908080",  // beyond U+10FFFF
      "0004 F5808080",  // further beyond
      "0002 E282",      // cut by the end
      "0003 'a' 00 'b'",
  };
  for (const Text& text : texts) {
    for (const std::string& bad_text : bad_texts) {
      SCOPED_TRACE(text.before + " " + bad_text);
      const auto packet = decode_wire(bytes(text.before + bad_text + text.after), text.version);
      ASSERT_FALSE(packet.has_value());
      EXPECT_EQ(packet.error().reason, Reason::malformed_packet);
    }
  }
}

TEST(Decode, takes_exactly_the_listed_reasons) {
  const struct {
    std::string before, after;
  } places[] = {{"20 | 00", "{}"},    {"40 | 0001", ""}, {"50 | 0001", ""},
                {"62 | 0001", ""},    {"70 | 0001", ""}, {"90 | 0001 {}", ""},
                {"B0 | 0001 {}", ""}, {"E0 |", ""},      {"F0 |", "{15 <m>}"}};
  const char* digits = "0123456789ABCDEF";
  for (const auto& place : places) {
    for (unsigned code = 0; code < 256; ++code) {
      const std::string hex = {digits[code >> 4], digits[code & 15]};
      const ByteView wire = bytes(place.before + hex + place.after);
      SCOPED_TRACE(place.before + hex);
      const auto packet = decode_wire(wire, Version::v5);
      EXPECT_EQ(packet.has_value(),
                allowed_in(static_cast<PacketType>(wire[0] >> 4), static_cast<Reason>(code)));
      if (!packet) {
        EXPECT_EQ(packet.error().reason, Reason::protocol_error);
      }
    }
  }
}

TEST(Decode, tells_the_version_of_a_broken_connect) {
  const auto version = [](std::string_view notation) { return connect_version(frame_of(bytes(notation))); };
  EXPECT_EQ(version("10 | <MQTT> 05 01"), Version::v5);
  EXPECT_EQ(version("10 | <MQTT> 04"), Version::v311);
  EXPECT_EQ(version("10 | <MQIsdp> 03 FF"), Version::v31);
  EXPECT_EQ(version("10 | <MQTT> 06 00"), Version::v311);
  EXPECT_EQ(version("10 | <MQTT>"), std::nullopt);
  EXPECT_EQ(version("10 | <HTTP> 05 00"), std::nullopt);
  EXPECT_EQ(version("10 | <MQIsdp> 05 00"), std::nullopt);
  EXPECT_EQ(version("30 | <MQTT> 05 00"), std::nullopt);
}

}  // namespace

}  // namespace gaon::mqtt
