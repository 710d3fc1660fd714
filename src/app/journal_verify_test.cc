// gaon journal verify
#include "app/journal_verify.h"

#include <nlohmann/json.hpp>

#include "app/journal_fixture_test.h"

namespace gaon::app {
namespace {

using JournalVerify = JournalFixture;
using nlohmann::json;

TEST_F(JournalVerify, a_whole_journal_is_good) {
  fill();
  EXPECT_EQ(run({"verify"}), kDone) << out << err;
  EXPECT_TRUE(out.starts_with(data.string() + ": 1 segment, ")) << out;
  EXPECT_NE(out.find(" 4 batches, 11 records read "), std::string::npos) << out;
  EXPECT_TRUE(out.ends_with("\nIt is good.\n")) << out;
  EXPECT_EQ(err, "");
}

TEST_F(JournalVerify, damage_is_told_with_its_place_and_what_to_do) {
  const journal::Place second = fill();
  flip(1, second.offset + 30);
  EXPECT_EQ(run({"verify"}), kFailed);
  const std::string place = file(1) + ", offset " + std::to_string(second.offset - 16) + ": ";
  EXPECT_NE(out.find(place), std::string::npos) << out;
  EXPECT_NE(out.find("expected a batch of "), std::string::npos) << out;
  EXPECT_NE(out.find("'gaon serve --salvage'"), std::string::npos) << out;
}

TEST_F(JournalVerify, json_tells_the_same) {
  const journal::Place second = fill();
  EXPECT_EQ(run({"verify", "--json"}), kDone);
  json report = json::parse(out);
  EXPECT_EQ(report["good"], true);
  EXPECT_EQ(report["records"], 11);
  EXPECT_EQ(report["in_use_by"], nullptr);
  EXPECT_EQ(report["torn_tail"], nullptr);
  EXPECT_EQ(report["problems"], json::array());

  flip(1, second.offset + 30);
  EXPECT_EQ(run({"verify", "--json"}), kFailed);
  report = json::parse(out);
  EXPECT_EQ(report["good"], false);
  ASSERT_EQ(report["problems"].size(), 1U) << out;
  EXPECT_EQ(report["problems"][0]["kind"], "damaged");
  EXPECT_EQ(report["problems"][0]["file"], file(1));
  EXPECT_EQ(report["problems"][0]["offset"], second.offset - 16);
  EXPECT_NE(report["to_do"].get<std::string>().find("--salvage"), std::string::npos);
}

TEST_F(JournalVerify, a_torn_tail_is_told_and_no_damage) {
  fill();
  open();
  records.ended(session(2, "empty"));
  const journal::Place last = store();
  close();
  flip(last.segment, last.offset + 2);
  EXPECT_EQ(run({"verify"}), kDone) << out;
  EXPECT_NE(out.find(file(last.segment) + ", offset " + std::to_string(last.offset - 16) +
                     ": a torn tail of 29 bytes"),
            std::string::npos)
      << out;
}

TEST_F(JournalVerify, a_missing_segment_is_told) {
  for (int i = 0; i < 2; ++i) fill();
  open();
  close();
  std::filesystem::remove(file(2));
  EXPECT_EQ(run({"verify"}), kFailed);
  EXPECT_TRUE(out.starts_with(file(2) + ": missing; expected the segment between 0000000001.log and "))
      << out;
}

TEST_F(JournalVerify, a_copy_without_its_message_is_told) {
  open();
  const broker::Client archive = session(1, "archive");
  records.session(archive);
  store();
  const Message queued = message(100, "t", "x");
  queue(archive, queued, 1);
  // The copy of the second batch relies on the message of the first, as no writer does.
  log->append(records.bytes());
  queue(archive, queued, 2);
  const journal::Place second = store();
  close();
  EXPECT_EQ(run({"verify"}), kFailed);
  EXPECT_NE(out.find(file(1) + ", offset " + std::to_string(second.offset) +
                     ": a record 'queued', but no message comes before it"),
            std::string::npos)
      << out;
  EXPECT_EQ(out.find("--salvage"), std::string::npos) << out;
}

TEST_F(JournalVerify, records_of_a_session_that_is_not_there_are_told) {
  open();
  records.subscribed(session(5, "gone"), "t", {});
  store();
  close();
  EXPECT_EQ(run({"verify"}), kFailed);
  EXPECT_TRUE(
      out.starts_with("session 5 has 0 messages and 1 subscriptions, but the record of the session "
                      "itself is not there\n"))
      << out;
}

TEST_F(JournalVerify, a_session_that_ended_leaves_nothing_to_complain_about) {
  open();
  const broker::Client gone = session(5, "gone");
  records.session(gone);
  queue(gone, message(100, "t", "x"), 1);
  records.ended(gone);
  store();
  close();
  EXPECT_EQ(run({"verify"}), kDone) << out;
}

TEST_F(JournalVerify, of_very_many_problems_the_first_are_told) {
  open();
  for (std::uint64_t number = 1; number <= JournalReport::kToldMax + 5; ++number)
    records.subscribed(session(number, "gone"), "t", {});
  store();
  close();
  EXPECT_EQ(run({"verify"}), kFailed);
  EXPECT_NE(out.find("\n... and 5 more\n"), std::string::npos) << out;
}

TEST_F(JournalVerify, nothing_is_changed_and_no_lock_is_taken) {
  const journal::Place second = fill();
  flip(1, second.offset + 30);
  const auto before = std::filesystem::last_write_time(file(1));
  std::size_t files = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(data)) ++files;
  EXPECT_EQ(run({"verify"}), kFailed);
  EXPECT_EQ(std::filesystem::last_write_time(file(1)), before);
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(data)) --files;
  EXPECT_EQ(files, 0U);
}

TEST_F(JournalVerify, it_says_who_is_writing_there) {
  fill();
  open();
  EXPECT_EQ(run({"verify"}), kDone);
  EXPECT_TRUE(out.starts_with("Process " + std::to_string(::getpid()) + " is writing there")) << out;
}

}  // namespace
}  // namespace gaon::app
