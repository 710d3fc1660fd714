#include "app/reload_report.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

namespace gaon::app {
namespace {

TEST(ReloadReport, is_read_as_it_was_written) {
  std::string folder = testing::TempDir() + "gaon-report-XXXXXX";
  ASSERT_NE(mkdtemp(folder.data()), nullptr);
  EXPECT_FALSE(read_report(folder));
  const ReloadReport report{
      .number = 7,
      .time = "2026-01-31T23:59:59Z",
      .ok = true,
      .problems = {{.what = "w", .fix = "f", .key = "k", .file = "x", .line = 3, .warning = true}},
      .difference = {.changed = {"acl"}, .needs_restart = {"workers"}},
      .toll = {.disconnected = 1, .restricted = 2}};
  ASSERT_TRUE(write_report(folder, report));
  const auto read = read_report(folder);
  ASSERT_TRUE(read);
  EXPECT_EQ(to_json(*read), to_json(report));
  EXPECT_EQ(to_text(*read),
            "x:3: warning: k: w; f\nchanged: acl\nneeds a restart: workers\n1 connected client lost access\n"
            "2 connected clients lost the right to a subscription\nreloaded");
  std::ofstream(folder + "/reload.json") << "{\"number\": \"seven\"}";
  EXPECT_FALSE(read_report(folder));
  forget_report(folder);
  EXPECT_FALSE(std::filesystem::exists(folder + "/reload.json"));
  EXPECT_FALSE(write_report(folder + "/none", report));
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace gaon::app
