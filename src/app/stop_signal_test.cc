#include "app/stop_signal.h"

#include <gtest/gtest.h>
#include <signal.h>

namespace gaon::app {
namespace {

TEST(StopSignal, a_signal_that_is_held_is_seen_and_stays_seen) {
  StopSignal stop;
  stop.hold();
  EXPECT_FALSE(stop.raised());
  raise(SIGTERM);
  EXPECT_TRUE(stop.raised());
  EXPECT_TRUE(stop.raised());
}

TEST(StopSignal, one_that_was_not_held_ends_the_process) {
  EXPECT_EXIT(
      {
        StopSignal stop;
        stop.hold();
        stop.let_go();
        raise(SIGINT);
      },
      testing::KilledBySignal(SIGINT), "");
}

}  // namespace
}  // namespace gaon::app
