#include "base/token_bucket.h"

#include <gtest/gtest.h>

namespace gaon {
namespace {

constexpr Time kStart{seconds(1'700'000'000)};

// Takes one whenever it is allowed to, asking again when it was told to.
int taken_by(TokenBucket& bucket, Time from, Time until) {
  int taken = 0;
  for (Time now = from;;) {
    const Time ready = bucket.ready(now);
    if (ready >= until) return taken;
    if (ready == now) {
      bucket.take(1, now);
      ++taken;
    }
    now = ready;
  }
}

TEST(TokenBucket, gives_a_seconds_worth_at_once_and_then_its_rate) {
  for (const std::uint64_t rate : {1, 3, 10, 700, 5'000}) {
    TokenBucket bucket(rate, kStart);
    EXPECT_EQ(taken_by(bucket, kStart, kStart + milliseconds(1)), static_cast<int>(rate)) << rate;
    const int then = taken_by(bucket, kStart + milliseconds(1), kStart + seconds(10));
    EXPECT_LE(then, static_cast<int>(10 * rate)) << rate;
    EXPECT_GE(then, static_cast<int>(10 * rate) - 5) << rate;
  }
}

TEST(TokenBucket, is_no_fuller_after_a_long_rest) {
  TokenBucket bucket(5, kStart);
  EXPECT_EQ(
      taken_by(bucket, kStart + seconds(1'000'000'000), kStart + seconds(1'000'000'000) + milliseconds(1)),
      5);
}

TEST(TokenBucket, has_what_is_too_large_made_up_for) {
  TokenBucket bucket(100, kStart);
  bucket.take(1'000, kStart);
  EXPECT_EQ(bucket.ready(kStart), kStart + milliseconds(9'001));
  EXPECT_EQ(bucket.ready(kStart + milliseconds(9'001)), kStart + milliseconds(9'001));
}

TEST(TokenBucket, of_rate_0_is_never_empty) {
  TokenBucket bucket(0, kStart);
  bucket.take(1'000'000, kStart);
  EXPECT_EQ(bucket.ready(kStart), kStart);
}

TEST(TokenBucket, takes_the_largest_rate_and_a_clock_that_stands) {
  TokenBucket bucket(std::uint64_t{1} << 52, kStart);
  bucket.take(std::uint64_t{1} << 52, kStart);
  EXPECT_EQ(bucket.ready(kStart), kStart + milliseconds(1));
  bucket.take(5, kStart + milliseconds(1));
  EXPECT_EQ(bucket.ready(kStart + seconds(60)), kStart + seconds(60));
}

}  // namespace
}  // namespace gaon
