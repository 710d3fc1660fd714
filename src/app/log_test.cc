#include "app/log.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/log.h"

namespace gaon::app {
namespace {

std::string logged(const broker::LogConfig& config, LogLevel level, std::string_view message) {
  testing::internal::CaptureStderr();
  start_log(config);
  log(level, message);
  set_log_sink(nullptr, LogLevel::info);
  return testing::internal::GetCapturedStderr();
}

TEST(Log, a_text_line_stays_one_line) {
  EXPECT_EQ(plain("client \"a\nb\" \x7f gone"), "client \"a\\x0ab\" \\x7f gone");
  const std::string line = logged({}, LogLevel::warning, "one\ntwo");
  EXPECT_NE(line.find(" warning one\\x0atwo\n"), std::string::npos) << line;
}

TEST(Log, a_json_line_is_an_object_with_time_level_and_message) {
  const broker::LogConfig config{.level = LogLevel::info, .format = broker::LogFormat::json};
  const auto line = nlohmann::json::parse(logged(config, LogLevel::error, "say \"{}\"\n%v \\"));
  EXPECT_EQ(line["level"], "error");
  EXPECT_EQ(line["message"], "say \"{}\"\n%v \\");
  EXPECT_EQ(line["time"].get<std::string>().size(), std::string("2026-01-01T00:00:00.000Z").size());
}

TEST(Log, bytes_that_are_not_utf8_do_not_break_json) {
  EXPECT_EQ(nlohmann::json::parse(quoted("a\xff z")), "a\xef\xbf\xbd z");
}

TEST(Log, strangers_do_not_fill_it) {
  testing::internal::CaptureStderr();
  start_log({});
  constexpr int kLines = 10'000;
  for (int i = 0; i < kLines; ++i) log_stranger(LogLevel::warning, "stranger");
  log(LogLevel::warning, "known");
  set_log_sink(nullptr, LogLevel::info);
  const std::string text = testing::internal::GetCapturedStderr();
  const auto lines = std::ranges::count(text, '\n');
  EXPECT_GE(lines, static_cast<long>(kStrangersLinesPerS) + 1);
  EXPECT_LT(lines, kLines / 2);
  EXPECT_NE(text.find("known"), std::string::npos);
}

TEST(Log, below_its_level_nothing_is_written) {
  EXPECT_EQ(logged({.level = LogLevel::warning, .format = {}}, LogLevel::info, "quiet"), "");
}

}  // namespace
}  // namespace gaon::app
