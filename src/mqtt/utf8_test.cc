#include "mqtt/utf8.h"

#include <gtest/gtest.h>

#include <string>

namespace gaon::mqtt {

namespace {

// UTF-8 of any number below 2^21, correct or not.
std::string character(std::uint32_t code) {
  const auto byte = [](std::uint32_t value) { return static_cast<char>(value); };
  if (code < 0x80) return {byte(code)};
  if (code < 0x800) return {byte(0xC0 | code >> 6), byte(0x80 | (code & 0x3F))};
  const std::string tail = {byte(0x80 | (code >> 6 & 0x3F)), byte(0x80 | (code & 0x3F))};
  if (code < 0x10000) return byte(0xE0 | code >> 12) + tail;
  return std::string{byte(0xF0 | code >> 18), byte(0x80 | (code >> 12 & 0x3F))} + tail;
}

TEST(Utf8, takes_every_character_but_surrogates_and_zero) {
  for (std::uint32_t code = 0; code < 0x120000; ++code) {
    const bool right = code != 0 && code <= 0x10FFFF && !(code >= 0xD800 && code <= 0xDFFF);
    ASSERT_EQ(valid_utf8(character(code)), right) << code;
  }
}

TEST(Utf8, refuses_characters_cut_short) {
  for (const std::uint32_t code : {0x80u, 0x7FFu, 0x800u, 0xFFFDu, 0x10000u, 0x10FFFFu}) {
    const std::string whole = character(code);
    for (std::size_t size = 1; size < whole.size(); ++size) {
      EXPECT_FALSE(valid_utf8(whole.substr(0, size)));
      EXPECT_FALSE(valid_utf8(whole.substr(0, size) + "a"));
      EXPECT_FALSE(valid_utf8(whole.substr(size)));
    }
  }
}

TEST(Utf8, refuses_every_overlong_form) {
  EXPECT_FALSE(valid_utf8("\xC0\xAF"));
  EXPECT_FALSE(valid_utf8("\xC1\xBF"));
  EXPECT_FALSE(valid_utf8("\xE0\x80\xAF"));
  EXPECT_FALSE(valid_utf8("\xE0\x9F\xBF"));
  EXPECT_FALSE(valid_utf8("\xF0\x80\x80\xAF"));
  EXPECT_FALSE(valid_utf8("\xF0\x8F\xBF\xBF"));
}

TEST(Utf8, finds_one_bad_byte_at_any_place_of_a_long_text) {
  for (std::size_t at = 0; at < 40; ++at) {
    for (const char bad : {'\0', '\x80', '\xFF'}) {
      std::string text(40, 'a');
      EXPECT_TRUE(valid_utf8(text));
      text[at] = bad;
      EXPECT_FALSE(valid_utf8(text)) << at;
    }
  }
}

TEST(Utf8, takes_the_empty_text_and_the_byte_order_mark) {
  EXPECT_TRUE(valid_utf8(""));
  EXPECT_TRUE(valid_utf8("\xEF\xBB\xBFx"));
}

TEST(Utf8, counts_characters) {
  EXPECT_EQ(utf8_length(""), 0u);
  EXPECT_EQ(utf8_length("aé€😀"), 4u);
}

}  // namespace

}  // namespace gaon::mqtt
