#include "world.h"

#include <gtest/gtest.h>

namespace gaon::simulation {
namespace {

TEST(World, the_same_seed_gives_the_same_run) {
  const Plan plan{.seed = 3, .steps = 1500};
  const Verdict first = run(plan);
  const Verdict second = run(plan);
  EXPECT_GT(first.duties, 0U);
  EXPECT_EQ(first.digest, second.digest);
  EXPECT_EQ(first.messages, second.messages);
}

TEST(World, another_seed_gives_another_run) {
  EXPECT_NE(run({.seed = 3, .steps = 500}).digest, run({.seed = 4, .steps = 500}).digest);
}

TEST(World, the_broker_dies_now_and_then_and_never_without_deaths) {
  EXPECT_GT(run({.seed = 6}).deaths, 0U);
  EXPECT_EQ(run({.seed = 6, .deaths = false}).deaths, 0U);
}

}  // namespace
}  // namespace gaon::simulation
