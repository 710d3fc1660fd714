#include "app/command.h"

#include <gtest/gtest.h>

namespace gaon::app {
namespace {

constexpr Command kCommands[] = {
    {"count", "Count the arguments.",
     [](const Arguments& arguments) { return static_cast<int>(arguments.size()); }},
    {"fail", "Fail.", [](const Arguments&) { return kFailed; }},
};

std::string overview(const Arguments& arguments, int code) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  EXPECT_EQ(run_command("tool", kCommands, arguments), code);
  return testing::internal::GetCapturedStdout() + "|" + testing::internal::GetCapturedStderr();
}

TEST(Command, the_first_argument_chooses_and_the_rest_is_handed_on) {
  EXPECT_EQ(run_command("tool", kCommands, {"count", "a", "b"}), 2);
  EXPECT_EQ(run_command("tool", kCommands, {"fail"}), kFailed);
}

TEST(Command, help_lists_all_of_them) {
  const std::string list =
      "Usage: tool COMMAND [OPTIONS]\n\nCommands:\n  count  Count the arguments.\n  fail   Fail.\n\n"
      "Each has --help.\nExit codes: 0 done, 1 failed, 2 wrong usage.\n";
  EXPECT_EQ(overview({"--help"}, kDone), list + "|");
  EXPECT_EQ(overview({}, kUsage), "|" + list);
}

TEST(Command, an_unknown_one_is_answered_with_the_nearest) {
  EXPECT_EQ(overview({"cuont"}, kUsage),
            "|tool: there is no command 'cuont'; did you mean 'count'?\nSee 'tool --help'.\n");
  EXPECT_EQ(overview({"paint"}, kUsage), "|tool: there is no command 'paint'\nSee 'tool --help'.\n");
}

TEST(Command, a_configuration_is_checked) {
  testing::internal::CaptureStdout();
  EXPECT_EQ(config_command({"check", "--set", "workers=2"}), kDone);
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "defaults: good\n");

  testing::internal::CaptureStderr();
  EXPECT_EQ(config_command({"check", "--set", "workrs=2"}), kFailed);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "workrs: there is no such key; did you mean workers?\n");
}

}  // namespace
}  // namespace gaon::app
