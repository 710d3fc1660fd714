#include "base/bytes.h"

#include <gtest/gtest.h>

namespace gaon {
namespace {

TEST(Reader, reads_numbers_with_the_high_byte_first) {
  const std::uint8_t bytes[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  Reader reader(bytes);
  EXPECT_EQ(reader.u8(), 0x01u);
  EXPECT_EQ(reader.u16(), 0x0203u);
  EXPECT_EQ(reader.u32(), 0x04050607u);
  EXPECT_EQ(reader.u64(), 0x08090A0B0C0D0E0Fu);
  EXPECT_TRUE(reader.at_end());
  EXPECT_FALSE(reader.failed());
}

TEST(Reader, gives_zero_and_fails_for_good_when_it_reads_past_the_end) {
  const std::uint8_t bytes[] = {1, 2, 3};
  Reader reader(bytes);
  EXPECT_EQ(reader.u32(), 0u);
  EXPECT_TRUE(reader.failed());
  EXPECT_TRUE(reader.at_end());
  EXPECT_EQ(reader.u8(), 0u);
  EXPECT_TRUE(reader.failed());
}

TEST(Reader, takes_a_prefixed_run_only_when_it_is_whole) {
  const std::uint8_t bytes[] = {0, 2, 'a', 'b', 0, 2, 'c'};
  Reader reader(bytes);
  EXPECT_EQ(as_text(reader.prefixed()), "ab");
  EXPECT_FALSE(reader.failed());
  EXPECT_TRUE(reader.prefixed().empty());
  EXPECT_TRUE(reader.failed());
}

TEST(Reader, of_nothing_is_at_the_end_without_failing) {
  Reader reader(ByteView{});
  EXPECT_TRUE(reader.at_end());
  EXPECT_TRUE(reader.take(0).empty());
  EXPECT_FALSE(reader.failed());
}

}  // namespace
}  // namespace gaon
