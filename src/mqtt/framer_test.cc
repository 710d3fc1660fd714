#include "mqtt/framer.h"

#include <gtest/gtest.h>

#include <vector>

#include "mqtt/cases_test.h"
#include "mqtt/varint.h"

namespace gaon::mqtt {

namespace {

TEST(Framer, asks_for_more_while_the_length_is_incomplete) {
  for (const auto* notation : {"", "30", "30 80", "30 FF FF FF"}) {
    const auto framed = frame(bytes(notation), kPacketSizeMax);
    ASSERT_TRUE(framed.has_value()) << notation;
    EXPECT_FALSE(framed->has_value()) << notation;
    EXPECT_EQ(expected_size(bytes(notation)), 0u);
  }
}

TEST(Framer, asks_for_more_until_the_last_byte_of_each_case) {
  for (const PacketCase& one : packet_cases()) {
    if (!one.packet) continue;
    SCOPED_TRACE(one.name);
    for (std::size_t size = 0; size < one.wire.size(); ++size) {
      const std::vector<std::uint8_t> cut(one.wire.begin(), one.wire.begin() + static_cast<long>(size));
      const auto framed = frame(cut, kPacketSizeMax);
      ASSERT_TRUE(framed.has_value());
      EXPECT_FALSE(framed->has_value());
    }
    EXPECT_EQ(expected_size(one.wire), one.wire.size());
  }
}

TEST(Framer, leaves_the_bytes_of_the_next_packet) {
  const ByteView wire = bytes("40 02 ABCD C0 00");
  const auto framed = frame(wire, kPacketSizeMax);
  ASSERT_TRUE(framed && *framed);
  EXPECT_EQ((*framed)->type, PacketType::puback);
  EXPECT_EQ((*framed)->flags, 0);
  EXPECT_EQ((*framed)->size, 4u);
  EXPECT_EQ((*framed)->body.data(), wire.data() + 2);
  EXPECT_EQ((*framed)->body.size(), 2u);
}

TEST(Framer, refuses_wrong_flags_at_the_first_byte) {
  for (unsigned first = 0; first < 256; ++first) {
    const auto type = static_cast<PacketType>(first >> 4);
    const unsigned flags = first & 15;
    const bool right = type == PacketType::publish
                           ? (flags & 6) != 6 && (flags & 14) != 8
                           : type != PacketType::reserved && flags == fixed_flags(type);
    const std::uint8_t byte[] = {static_cast<std::uint8_t>(first)};
    const auto framed = frame(byte, kPacketSizeMax);
    EXPECT_EQ(framed.has_value(), right) << first;
    if (!framed) {
      EXPECT_EQ(framed.error().reason, Reason::malformed_packet);
    }
  }
}

TEST(Framer, refuses_a_packet_too_large_before_its_body) {
  EXPECT_TRUE(frame(bytes("30 62"), 100).has_value());
  const auto framed = frame(bytes("30 63"), 100);
  ASSERT_FALSE(framed.has_value());
  EXPECT_EQ(framed.error().reason, Reason::packet_too_large);
  EXPECT_EQ(expected_size(bytes("30 63")), 101u);
}

TEST(Framer, takes_a_packet_of_exactly_the_maximum_size) {
  const auto framed = frame(bytes("40 02 0001"), 4);
  ASSERT_TRUE(framed && *framed);
  EXPECT_FALSE(frame(bytes("40 02 0001"), 3).has_value());
}

TEST(Framer, refuses_a_length_of_five_bytes_after_the_fourth) {
  const auto framed = frame(bytes("30 FFFFFFFF"), kPacketSizeMax);
  ASSERT_FALSE(framed.has_value());
  EXPECT_EQ(framed.error().reason, Reason::malformed_packet);
  EXPECT_EQ(expected_size(bytes("30 FFFFFFFF")), 0u);
}

TEST(Framer, waits_for_the_largest_packet_there_is) {
  const auto framed = frame(bytes("30 FFFFFF7F"), kPacketSizeMax);
  ASSERT_TRUE(framed.has_value());
  EXPECT_FALSE(framed->has_value());
  EXPECT_EQ(expected_size(bytes("30 FFFFFF7F")), kPacketSizeMax);
}

TEST(Varint, has_the_sizes_of_the_standard) {
  const struct {
    std::uint32_t value;
    std::string_view wire;
  } cases[] = {{0, "00"},          {127, "7F"},           {128, "8001"},           {16'383, "FF7F"},
               {16'384, "808001"}, {2'097'151, "FFFF7F"}, {2'097'152, "80808001"}, {kVarintMax, "FFFFFF7F"}};
  for (const auto& one : cases) {
    SCOPED_TRACE(one.value);
    Buffer to;
    append_varint(to, one.value);
    EXPECT_EQ(as_text(to.view()), as_text(bytes(one.wire)));
    EXPECT_EQ(varint_size(one.value), to.size());
    const auto decoded = decode_varint(to.view());
    ASSERT_TRUE(decoded && *decoded);
    EXPECT_EQ((*decoded)->value, one.value);
    EXPECT_EQ((*decoded)->size, to.size());
    for (std::size_t size = 0; size < to.size(); ++size) {
      const auto cut = decode_varint(to.view().first(size));
      ASSERT_TRUE(cut.has_value());
      EXPECT_FALSE(cut->has_value());
    }
  }
}

TEST(Varint, refuses_longer_forms_than_needed) {
  for (const auto* notation : {"8000", "808000", "80808000", "FF8000", "80808080", "FFFFFFFF01"}) {
    EXPECT_FALSE(decode_varint(bytes(notation)).has_value()) << notation;
  }
}

}  // namespace

}  // namespace gaon::mqtt
