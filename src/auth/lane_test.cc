// Who waits for a lane, and for how long. Time is what the test says.
#include "auth/lane.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

namespace gaon::auth {
namespace {

struct LaneTest : testing::Test {
  Time now() const { return Time(milliseconds(now_ms_.load())); }
  Lane::Now clock() {
    return [this] { return now(); };
  }
  // A job that is held until the result is given, and then has taken so long.
  std::promise<void> hold(Lane& lane, int took_ms) {
    std::promise<void> go;
    std::promise<void> begun;
    auto may = go.get_future();
    auto runs = begun.get_future();
    EXPECT_TRUE(lane.put(
        [this, took_ms, may = std::move(may), begun = std::move(begun)](bool) mutable {
          begun.set_value();
          may.wait();
          now_ms_ += took_ms;
        },
        kNever));
    runs.wait();
    return go;
  }
  // Does jobs until the lane knows how long one takes.
  void measure(Lane& lane, int took_ms) {
    hold(lane, took_ms).set_value();
    hold(lane, took_ms).set_value();  // It begins when the first one was noted.
  }
  static std::future<bool> put(Lane& lane, Time deadline) {
    std::promise<bool> late;
    auto told = late.get_future();
    const bool taken = lane.put([late = std::move(late)](bool is) mutable { late.set_value(is); }, deadline);
    return taken ? std::move(told) : std::future<bool>();
  }

  std::atomic<int> now_ms_{0};
};

TEST_F(LaneTest, what_nobody_waits_for_any_more_is_put_away) {
  Lane lane(1, 10, clock());
  auto go = hold(lane, 5'000);
  auto gone = put(lane, Time(milliseconds(5'000)));
  auto there = put(lane, Time(milliseconds(5'001)));
  go.set_value();
  EXPECT_TRUE(gone.get());
  EXPECT_FALSE(there.get());
  EXPECT_EQ(lane.refused(), 0U);
}

TEST_F(LaneTest, who_would_wait_half_of_its_time_is_told_at_once) {
  Lane lane(1, 100, clock());
  measure(lane, 100);
  auto go = hold(lane, 0);
  const Time deadline = now() + milliseconds(1'000);
  std::vector<std::future<bool>> waiting;
  for (;;) {
    auto one = put(lane, deadline);
    if (!one.valid()) break;
    waiting.push_back(std::move(one));
  }
  EXPECT_EQ(waiting.size(), 6U);  // The last of them waits for five.
  EXPECT_EQ(lane.refused(), 1U);
  waiting.push_back(put(lane, deadline + milliseconds(1'000)));
  EXPECT_TRUE(waiting.back().valid());
  go.set_value();
  for (auto& one : waiting) EXPECT_FALSE(one.get());
}

TEST_F(LaneTest, as_many_fit_as_its_threads_get_done) {
  Lane lane(2, 100, clock());
  auto go = hold(lane, 0);
  measure(lane, 100);
  auto go_too = hold(lane, 0);
  const Time deadline = now() + milliseconds(1'000);
  std::size_t taken = 0;
  while (put(lane, deadline).valid()) ++taken;
  EXPECT_EQ(taken, 11U);
  go.set_value();
  go_too.set_value();
}

TEST_F(LaneTest, what_was_put_away_does_not_count_as_quick) {
  Lane lane(1, 100, clock());
  measure(lane, 100);
  auto go = hold(lane, 20'000);
  std::vector<std::future<bool>> gone;
  for (int i = 0; i < 50; ++i) gone.push_back(put(lane, now() + milliseconds(20'000)));
  go.set_value();
  for (auto& one : gone) EXPECT_TRUE(one.get());
  auto held = hold(lane, 0);
  EXPECT_TRUE(put(lane, now() + milliseconds(1'000)).valid());
  EXPECT_FALSE(put(lane, now() + milliseconds(1'000)).valid());
  held.set_value();
}

}  // namespace
}  // namespace gaon::auth
