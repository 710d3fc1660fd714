// What gaon journal's commands have in common.
#include "app/journal_fixture_test.h"
#include "journal/format.h"

namespace gaon::app {
namespace {

struct JournalCommand : JournalFixture, testing::WithParamInterface<const char*> {};
INSTANTIATE_TEST_SUITE_P(each, JournalCommand, testing::Values("inspect", "verify", "export"),
                         [](const auto& one) { return std::string(one.param); });

TEST_P(JournalCommand, a_missing_directory_is_an_error) {
  EXPECT_EQ(run({GetParam()}), 2);
  EXPECT_EQ(err, "gaon journal " + std::string(GetParam()) + ": cannot open the directory " + data.string() +
                     ": No such file or directory\n");
  EXPECT_EQ(out, "");
  EXPECT_FALSE(std::filesystem::exists(data));
}

TEST_P(JournalCommand, a_directory_without_a_journal_is_an_error) {
  std::filesystem::create_directory(data);
  std::ofstream(data / "notes.txt") << "no journal\n";
  EXPECT_EQ(run({GetParam()}), 2);
  EXPECT_EQ(err, "gaon journal " + std::string(GetParam()) + ": " + data.string() +
                     " holds no journal: there is no file like 0000000001.log in it\n");
}

TEST_P(JournalCommand, a_newer_format_is_an_error) {
  fill();
  const journal::SegmentHeads heads =
      journal::encode_heads({.version = journal::kVersion + 1, .segment = 2, .previous = 1});
  std::ofstream(file(2), std::ios::binary).write(reinterpret_cast<const char*>(heads.data()), heads.size());
  EXPECT_EQ(run({GetParam()}), 2);
  EXPECT_NE(err.find("was written in format version 2; this program knows version 1"), std::string::npos)
      << err;
}

TEST_P(JournalCommand, the_directory_must_be_named) {
  testing::internal::CaptureStderr();
  EXPECT_EQ(journal_command({GetParam()}), kUsage);
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "gaon journal " + std::string(GetParam()) +
                ": name the directory, for example gaon-data\nSee 'gaon journal " + GetParam() +
                " --help'.\n");
}

TEST_P(JournalCommand, help_has_examples_and_exit_codes) {
  EXPECT_EQ(run({GetParam(), "--help"}), kDone);
  EXPECT_NE(out.find("Examples:\n  gaon journal " + std::string(GetParam()) + " gaon-data"),
            std::string::npos)
      << out;
  EXPECT_NE(out.find("Exit codes: 0 "), std::string::npos);
  EXPECT_NE(out.find("2 cannot be read, or wrong usage.\n"), std::string::npos) << out;
}

}  // namespace
}  // namespace gaon::app
