#include "app/memory_watch.h"

#include <gtest/gtest.h>

namespace gaon::app {
namespace {

using enum broker::MemoryLevel;

TEST(MemoryWatch, levels_begin_at_their_bounds_and_end_5_percent_below) {
  constexpr std::uint64_t kCeiling = 1'000;
  EXPECT_EQ(memory_level(899, kCeiling, enough), enough);
  EXPECT_EQ(memory_level(900, kCeiling, enough), scarce);
  EXPECT_EQ(memory_level(999, kCeiling, scarce), scarce);
  EXPECT_EQ(memory_level(1'000, kCeiling, enough), none);
  EXPECT_EQ(memory_level(950, kCeiling, none), none);
  EXPECT_EQ(memory_level(949, kCeiling, none), scarce);
  EXPECT_EQ(memory_level(850, kCeiling, scarce), scarce);
  EXPECT_EQ(memory_level(849, kCeiling, scarce), enough);
  EXPECT_EQ(memory_level(849, kCeiling, none), enough);
}

TEST(MemoryWatch, numbers_of_the_system_are_read) {
  EXPECT_EQ(parse_limit("1073741824\n"), 1'073'741'824U);
  EXPECT_EQ(parse_limit("max\n"), 0U);
  EXPECT_EQ(parse_limit(""), 0U);
  EXPECT_EQ(parse_resident_pages("5000 1234 3 4 5 6 7\n"), 1'234U);
  EXPECT_EQ(parse_resident_pages(""), 0U);
}

TEST(MemoryWatch, the_ceiling_is_what_was_said_or_a_part_of_the_machine) {
  EXPECT_EQ(memory_ceiling(12'345), 12'345U);
  EXPECT_EQ(memory_ceiling(broker::kNoCeiling), 0U);
  EXPECT_GT(memory_ceiling(0), 0U);
}

}  // namespace
}  // namespace gaon::app
