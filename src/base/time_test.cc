#include "base/time.h"

#include <gtest/gtest.h>

namespace gaon {
namespace {

TEST(Time, after_adds_seconds) {
  const Time now(milliseconds(500));
  EXPECT_EQ(after(now, 0), now);
  EXPECT_EQ(after(now, 2), Time(milliseconds(2'500)));
  EXPECT_LT(after(now, 0xFFFFFFFE), kNever);
}

TEST(Time, after_takes_the_largest_number_for_never) { EXPECT_EQ(after(Time(), 0xFFFFFFFF), kNever); }

}  // namespace
}  // namespace gaon
