#include "net/timer_wheel.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <map>

namespace gaon::net {
namespace {

constexpr Time kStart{milliseconds(1'700'000'000'003)};
constexpr Duration kYear = std::chrono::hours(24 * 365);

std::vector<std::uint64_t> expire(TimerWheel& wheel, Time now) {
  std::vector<std::uint64_t> fired;
  wheel.expire(now, [&fired](std::uint64_t what) { fired.push_back(what); });
  return fired;
}

using Fired = std::vector<std::uint64_t>;

TEST(TimerWheel, without_timers_never_wants_to_be_called) {
  TimerWheel wheel(kStart);
  EXPECT_EQ(wheel.next_deadline(), kNever);
  EXPECT_EQ(expire(wheel, kStart + kYear), Fired{});
}

TEST(TimerWheel, is_never_early_and_late_by_less_than_a_tick) {
  for (int ms = 0; ms < 2000; ++ms) {
    TimerWheel wheel(kStart);
    const Time deadline = kStart + milliseconds(ms);
    wheel.schedule(deadline, 7);
    EXPECT_EQ(expire(wheel, deadline - milliseconds(1)), Fired{}) << ms;
    EXPECT_EQ(expire(wheel, deadline + TimerWheel::kTick - milliseconds(1)), Fired{7}) << ms;
  }
}

TEST(TimerWheel, fires_in_order_of_deadlines_over_all_levels) {
  TimerWheel wheel(kStart);
  const Duration waits[] = {milliseconds(9),
                            seconds(1),
                            seconds(40),
                            seconds(4000),
                            std::chrono::hours(50),
                            200 * std::chrono::hours(24),
                            136 * kYear};
  for (std::uint64_t i = std::size(waits); i > 0; --i) wheel.schedule(kStart + waits[i - 1], i);
  EXPECT_EQ(expire(wheel, kStart + 137 * kYear), (Fired{1, 2, 3, 4, 5, 6, 7}));
  EXPECT_EQ(wheel.size(), 0U);
}

TEST(TimerWheel, reaches_a_far_timer_by_its_own_advice_in_a_few_calls) {
  TimerWheel wheel(kStart);
  const Time deadline = kStart + 100 * kYear;
  wheel.schedule(deadline, 1);
  int calls = 0;
  Fired fired;
  while (fired.empty()) {
    const Time next = wheel.next_deadline();
    ASSERT_LT(next, deadline + TimerWheel::kTick);
    fired = expire(wheel, next);
    ASSERT_LT(++calls, 8);
  }
  EXPECT_EQ(wheel.next_deadline(), kNever);
}

TEST(TimerWheel, a_deadline_in_the_past_is_due_at_once) {
  TimerWheel wheel(kStart);
  wheel.schedule(Time{}, 1);
  EXPECT_EQ(expire(wheel, kStart), Fired{1});
  wheel.schedule(Time{}, 2);
  EXPECT_LE(wheel.next_deadline(), kStart + TimerWheel::kTick);
  EXPECT_EQ(expire(wheel, kStart + TimerWheel::kTick), Fired{2});
}

TEST(TimerWheel, a_deadline_beyond_the_wheel_waits) {
  TimerWheel wheel(kStart);
  wheel.schedule(kNever - milliseconds(1), 1);
  EXPECT_EQ(expire(wheel, kStart + 1000 * kYear), Fired{});
  EXPECT_EQ(expire(wheel, kNever), Fired{});
  EXPECT_EQ(wheel.size(), 1U);
}

TEST(TimerWheel, a_cancelled_timer_does_not_fire) {
  TimerWheel wheel(kStart);
  const TimerId id = wheel.schedule(kStart + seconds(1), 1);
  wheel.schedule(kStart + seconds(1), 2);
  EXPECT_TRUE(wheel.cancel(id));
  EXPECT_FALSE(wheel.cancel(id));
  EXPECT_FALSE(wheel.cancel(TimerId{}));
  EXPECT_EQ(expire(wheel, kStart + seconds(2)), Fired{2});
}

TEST(TimerWheel, an_old_id_does_not_cancel_a_new_timer) {
  TimerWheel wheel(kStart);
  const TimerId old = wheel.schedule(kStart + seconds(1), 1);
  expire(wheel, kStart + seconds(2));
  const TimerId id = wheel.schedule(kStart + seconds(3), 2);
  EXPECT_EQ(id.index, old.index);
  EXPECT_FALSE(wheel.cancel(old));
  EXPECT_EQ(expire(wheel, kStart + seconds(4)), Fired{2});
}

TEST(TimerWheel, what_fires_may_cancel_what_is_due_with_it) {
  TimerWheel wheel(kStart);
  wheel.schedule(kStart + seconds(1), 1);
  const TimerId second = wheel.schedule(kStart + seconds(1), 2);
  Fired fired;
  wheel.expire(kStart + seconds(2), [&](std::uint64_t what) {
    fired.push_back(what);
    EXPECT_TRUE(wheel.cancel(second));
  });
  EXPECT_EQ(fired, Fired{1});
}

TEST(TimerWheel, what_is_scheduled_while_firing_waits_for_the_next_call) {
  TimerWheel wheel(kStart);
  wheel.schedule(kStart, 0);
  Fired fired;
  Time now = kStart;
  const auto again = [&](std::uint64_t what) {
    fired.push_back(what);
    if (what < 3) wheel.schedule(now - seconds(1), what + 1);
  };
  for (; now < kStart + 10 * TimerWheel::kTick; now += TimerWheel::kTick) {
    const std::size_t before = fired.size();
    wheel.expire(now, again);
    EXPECT_LE(fired.size(), before + 1);
  }
  EXPECT_EQ(fired, (Fired{0, 1, 2, 3}));
}

TEST(TimerWheel, a_slot_of_the_next_round_is_not_taken_for_this_one) {
  // Tick 63 fires and schedules tick 127, which has the same slot.
  TimerWheel wheel(Time{});
  wheel.schedule(Time(63 * TimerWheel::kTick), 1);
  Fired fired;
  wheel.expire(Time(64 * TimerWheel::kTick), [&](std::uint64_t what) {
    fired.push_back(what);
    if (what == 1) wheel.schedule(Time(127 * TimerWheel::kTick), 2);
  });
  EXPECT_EQ(fired, Fired{1});
  EXPECT_EQ(expire(wheel, Time(126 * TimerWheel::kTick)), Fired{});
  EXPECT_EQ(expire(wheel, Time(127 * TimerWheel::kTick)), Fired{2});
}

// The wheel beside a list of deadlines that is looked through each time.
struct Model {
  struct Timer {
    TimerId id;
    Time deadline;
    Time due;  // the deadline, or when it was scheduled if that was later

    Time latest() const { return due + TimerWheel::kTick; }
  };

  Time now{milliseconds(1'700'000'000'000)};  // a whole number of ticks
  TimerWheel wheel{now};
  std::uint64_t made = 0;
  std::map<std::uint64_t, Timer> timers;

  void schedule(Duration wait) {
    const std::uint64_t what = ++made;
    const Time deadline = now + wait;
    timers[what] = {wheel.schedule(deadline, what), deadline, std::max(deadline, now)};
  }

  void cancel(std::size_t which) {
    if (timers.empty()) return;
    const auto at = std::next(timers.begin(), static_cast<std::ptrdiff_t>(which % timers.size()));
    RC_ASSERT(wheel.cancel(at->second.id));
    RC_ASSERT(!wheel.cancel(at->second.id));
    timers.erase(at);
  }

  void expire(Time to) {
    now = std::max(now, to);
    Time last{};
    wheel.expire(now, [&](std::uint64_t what) {
      const auto at = timers.find(what);
      RC_ASSERT(at != timers.end());
      const Timer timer = at->second;
      timers.erase(at);
      RC_ASSERT(timer.deadline <= now);
      RC_ASSERT(timer.latest() >= last);
      last = std::max(last, timer.due);
      if (what % 5 == 0) schedule(milliseconds(what % 300));
    });
    check();
  }

  void check() const {
    RC_ASSERT(wheel.size() == timers.size());
    Time bound = kNever;
    for (const auto& [what, timer] : timers) {
      RC_ASSERT(timer.latest() > now);
      bound = std::min(bound, timer.latest());
    }
    RC_ASSERT((timers.empty() ? wheel.next_deadline() == kNever : wheel.next_deadline() <= bound));
  }
};

// From a millisecond to centuries, all magnitudes alike.
rc::Gen<std::int64_t> any_wait() {
  return rc::gen::mapcat(rc::gen::inRange(0, 42),
                         [](int bits) { return rc::gen::inRange<std::int64_t>(0, std::int64_t{1} << bits); });
}

RC_GTEST_PROP(TimerWheel, agrees_with_a_list_of_deadlines, ()) {
  Model model;
  const int steps = *rc::gen::inRange(1, 120);
  for (int i = 0; i < steps; ++i) {
    switch (*rc::gen::inRange(0, 6)) {
      case 0:
      case 1:
      case 2:
        model.schedule(Duration(*any_wait() - *rc::gen::inRange(0, 50)));
        model.check();
        break;
      case 3:
        model.cancel(*rc::gen::inRange<std::size_t>(0, 1000));
        model.check();
        break;
      case 4:
        model.expire(model.now + Duration(*any_wait()));
        break;
      default:
        const Time next = model.wheel.next_deadline();
        if (next == kNever) break;
        model.expire(next);
        RC_ASSERT(model.wheel.next_deadline() > next);
    }
  }
}

RC_GTEST_PROP(TimerWheel, following_its_advice_fires_everything_in_time, ()) {
  Model model;
  const auto waits = *rc::gen::container<std::vector<std::int64_t>>(any_wait());
  for (const std::int64_t wait : waits) model.schedule(Duration(wait));
  std::size_t calls = 0;
  while (!model.timers.empty()) {
    model.expire(model.wheel.next_deadline());
    RC_ASSERT(++calls < 8 * 400 + 8 * 2 * waits.size());
  }
}

TEST(TimerWheel, keeps_a_hundred_thousand_timers) {
  TimerWheel wheel(kStart);
  std::vector<TimerId> ids;
  for (std::uint64_t i = 0; i < 100000; ++i)
    ids.push_back(wheel.schedule(kStart + milliseconds(i % 70000), i));
  for (std::size_t i = 0; i < ids.size(); i += 2) EXPECT_TRUE(wheel.cancel(ids[i]));
  EXPECT_EQ(expire(wheel, kStart + seconds(71)).size(), 50000U);
}

}  // namespace
}  // namespace gaon::net
