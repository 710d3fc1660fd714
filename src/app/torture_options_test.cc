#include "app/torture_options.h"

#include <gtest/gtest.h>

namespace gaon::app {
namespace {

TEST(TortureOptions, without_any_our_own_broker_is_killed_ten_times_with_all_clients) {
  const auto options = read_torture_options({});
  ASSERT_TRUE(options) << options.error().text;
  EXPECT_NE(options->command.find("{gaon}"), std::string::npos);
  EXPECT_FALSE(options->dir.empty());
  EXPECT_EQ(options->kills, 10U);
  EXPECT_EQ(options->every, milliseconds(500));
  EXPECT_EQ(options->qos, (std::vector<std::uint8_t>{1, 2}));
  EXPECT_EQ(options->versions, (std::vector<std::uint8_t>{4, 5}));
}

TEST(TortureOptions, all_are_read) {
  const auto options = read_torture_options({"--command",    "b {port} {dir}",
                                             "--dir",        "/d",
                                             "--kills",      "3",
                                             "--every",      "0.25",
                                             "--duration",   "2",
                                             "--patience",   "1.5",
                                             "--publishers", "2",
                                             "--topics",     "5",
                                             "--rate",       "9",
                                             "--window",     "7",
                                             "--size",       "40",
                                             "--qos",        "2",
                                             "-V",           "311",
                                             "--workers",    "3",
                                             "--seed",       "42",
                                             "--json"});
  ASSERT_TRUE(options) << options.error().text;
  EXPECT_EQ(options->command, "b {port} {dir}");
  EXPECT_EQ(options->dir, "/d");
  EXPECT_EQ(options->kills, 3U);
  EXPECT_EQ(options->every, milliseconds(250));
  EXPECT_EQ(options->duration, seconds(2));
  EXPECT_EQ(options->patience, milliseconds(1500));
  EXPECT_EQ(options->publishers, 2U);
  EXPECT_EQ(options->topics, 5U);
  EXPECT_EQ(options->rate_per_s, 9);
  EXPECT_EQ(options->window, 7);
  EXPECT_EQ(options->size, 40U);
  EXPECT_EQ(options->qos, std::vector<std::uint8_t>{2});
  EXPECT_EQ(options->versions, std::vector<std::uint8_t>{4});
  EXPECT_EQ(options->workers, 3U);
  EXPECT_EQ(options->seed, 42U);
  EXPECT_TRUE(options->json);
}

TEST(TortureOptions, a_mistake_is_wrong_usage) {
  for (const Arguments& arguments : {Arguments{"--command", "mosquitto"}, Arguments{"--qos", "0"},
                                     Arguments{"--every", "0"}, Arguments{"-V", "31"}}) {
    const auto options = read_torture_options(arguments);
    ASSERT_FALSE(options) << arguments.back();
    EXPECT_EQ(options.error().code, kUsage);
  }
}

}  // namespace
}  // namespace gaon::app
