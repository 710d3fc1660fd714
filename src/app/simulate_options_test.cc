#include "app/simulate_options.h"

#include <gtest/gtest.h>

namespace gaon::app {
namespace {

TEST(SimulateOptions, a_plan_is_read) {
  const auto options =
      read_simulate_options({"-p", "1884", "--lines", "2", "--machines", "5", "--rate", "12.5", "--size",
                             "100", "--seed", "42", "-q", "1", "--duration", "3", "--count", "7"});
  ASSERT_TRUE(options) << options.error().text;
  EXPECT_EQ(options->connection.port, 1884);
  EXPECT_EQ(options->plan.lines, 2U);
  EXPECT_EQ(options->plan.machines, 5U);
  EXPECT_EQ(options->plan.rate_per_s, 12.5);
  EXPECT_EQ(options->plan.payload_bytes_min, 100U);
  EXPECT_EQ(options->plan.seed, 42U);
  EXPECT_EQ(options->plan.qos, 1);
  EXPECT_EQ(options->duration_s, 3);
  EXPECT_EQ(options->count, 7U);
}

TEST(SimulateOptions, a_mistake_is_wrong_usage) {
  for (const Arguments& arguments :
       {Arguments{"--rate", "0"}, Arguments{"--lines", "0"}, Arguments{"-L", "mqtt://box/topic"}}) {
    const auto options = read_simulate_options(arguments);
    ASSERT_FALSE(options) << arguments.front();
    EXPECT_EQ(options.error().code, kUsage);
  }
}

}  // namespace
}  // namespace gaon::app
