#include "base/buffer.h"

#include <gtest/gtest.h>

#include <string>

namespace gaon {
namespace {

TEST(Buffer, holds_no_memory_before_the_first_byte_and_after_release) {
  Buffer buffer;
  EXPECT_EQ(buffer.capacity(), 0u);
  EXPECT_TRUE(buffer.view().empty());
  buffer.append(as_bytes("abc"));
  EXPECT_GT(buffer.capacity(), 0u);
  buffer.release();
  EXPECT_EQ(buffer.capacity(), 0u);
  EXPECT_TRUE(buffer.empty());
}

TEST(Buffer, writes_numbers_with_the_high_byte_first) {
  Buffer buffer;
  buffer.u8(0x01);
  buffer.u16(0x0203);
  buffer.u32(0x04050607);
  buffer.u64(0x08090A0B0C0D0E0F);
  ASSERT_EQ(buffer.size(), 15u);
  for (std::size_t i = 0; i < 15; ++i) EXPECT_EQ(buffer.view()[i], i + 1);
}

TEST(Buffer, prefixes_bytes_with_their_length) {
  Buffer buffer;
  buffer.prefixed(as_bytes("ab"));
  EXPECT_EQ(as_text(buffer.view()), std::string_view("\0\2ab", 4));
}

TEST(Buffer, keeps_what_is_not_consumed_however_it_grows) {
  Buffer buffer;
  std::string model;
  std::uint8_t next = 0;
  for (std::size_t round = 0; round < 500; ++round) {
    for (std::size_t i = 0; i < round % 37; ++i) {
      buffer.u8(next);
      model.push_back(static_cast<char>(next++));
    }
    const std::size_t gone = std::min(model.size(), round % 31);
    buffer.consume(gone);
    model.erase(0, gone);
    ASSERT_EQ(as_text(buffer.view()), model);
  }
}

TEST(Buffer, uses_the_room_of_consumed_bytes_before_it_grows) {
  Buffer buffer;
  buffer.reserve(1000);
  const std::size_t capacity = buffer.capacity();
  for (int round = 0; round < 100; ++round) {
    buffer.append(as_bytes(std::string(300, 'x')));
    buffer.consume(round == 0 ? 200 : 300);
  }
  EXPECT_EQ(buffer.size(), 100u);
  EXPECT_EQ(buffer.capacity(), capacity);
}

TEST(Buffer, counts_reserved_bytes_only_once_they_are_committed) {
  Buffer buffer;
  std::memcpy(buffer.reserve(4), "abcd", 4);
  EXPECT_TRUE(buffer.empty());
  buffer.commit(2);
  EXPECT_EQ(as_text(buffer.view()), "ab");
}

TEST(Buffer, truncates_at_the_back_behind_what_is_consumed) {
  Buffer buffer;
  buffer.append(as_bytes("abcdef"));
  buffer.consume(2);
  buffer.truncate(3);
  EXPECT_EQ(as_text(buffer.view()), "cde");
  buffer.u8('x');
  EXPECT_EQ(as_text(buffer.view()), "cdex");
}

TEST(Buffer, moves_its_bytes_and_is_empty_then) {
  Buffer buffer;
  buffer.append(as_bytes("abc"));
  Buffer other = std::move(buffer);
  EXPECT_EQ(as_text(other.view()), "abc");
  EXPECT_TRUE(buffer.empty());
  EXPECT_EQ(buffer.capacity(), 0u);
}

}  // namespace
}  // namespace gaon
