// gaon journal inspect
#include "app/journal_inspect.h"

#include <nlohmann/json.hpp>

#include "app/journal_fixture_test.h"

namespace gaon::app {
namespace {

using JournalInspect = JournalFixture;
using nlohmann::json;

TEST_F(JournalInspect, json_tells_segments_records_and_state) {
  fill();
  EXPECT_EQ(run({"inspect", "--json"}), kDone) << err;
  const json told = json::parse(out);
  EXPECT_EQ(told["directory"], data.string());
  EXPECT_EQ(told["damaged"], false);
  ASSERT_EQ(told["segments"].size(), 1U);
  EXPECT_EQ(told["segments"][0]["segment"], 1);
  EXPECT_EQ(told["segments"][0]["format"], journal::kVersion);
  EXPECT_EQ(told["segments"][0]["incarnation"], 1);
  EXPECT_EQ(told["segments"][0]["batches"], 4);
  EXPECT_EQ(told["segments"][0]["records"], 11);
  EXPECT_EQ(told["segments"][0]["file_bytes"], 4096);
  EXPECT_EQ(told["records"]["message"]["count"], 3);
  EXPECT_EQ(told["records"]["queued"]["count"], 2);
  EXPECT_EQ(told["records"]["held"]["bytes"], 4 + 1 + 8 + 2);
  const json& state = told["state"];
  EXPECT_EQ(state["sessions"], 2);
  EXPECT_EQ(state["subscriptions"], 2);
  EXPECT_EQ(state["queued"]["messages"], 2);
  EXPECT_EQ(state["qos2_ids_held"], 1);
  EXPECT_EQ(state["retained"], (json{{"messages", 1}, {"bytes", 7}}));
  ASSERT_EQ(state["longest_queues"].size(), 1U);
  EXPECT_EQ(state["longest_queues"][0]["client_id"], "archive");
  EXPECT_EQ(state["longest_queues"][0]["messages"], 2);
}

TEST_F(JournalInspect, text_is_for_people) {
  fill();
  EXPECT_EQ(run({"inspect"}), kDone) << err;
  EXPECT_TRUE(out.starts_with(data.string() + ": a journal of 1 segment\n")) << out;
  for (const char* part : {"4.0 KiB", "sessions           2 (2 connected at the end)", "archive", "queued "})
    EXPECT_NE(out.find(part), std::string::npos) << part << "\n" << out;
  EXPECT_EQ(out.find("damaged"), std::string::npos) << out;
}

TEST_F(JournalInspect, the_longest_queues_are_ten_and_come_in_order) {
  open();
  for (std::uint64_t number = 1; number <= 12; ++number) {
    const broker::Client client = session(number, "client" + std::to_string(number));
    records.session(client);
    for (std::uint32_t sequence = 1; sequence <= number; ++sequence)
      queue(client, message(1000 + number, "t", "x"), sequence);
    store();
  }
  close();
  EXPECT_EQ(run({"inspect", "--json"}), kDone) << err;
  const json queues = json::parse(out)["state"]["longest_queues"];
  ASSERT_EQ(queues.size(), 10U);
  EXPECT_EQ(queues[0]["client_id"], "client12");
  EXPECT_EQ(queues[0]["messages"], 12);
  EXPECT_EQ(queues[9]["client_id"], "client3");
}

TEST_F(JournalInspect, damage_is_pointed_at) {
  const journal::Place second = fill();
  flip(1, second.offset);
  EXPECT_EQ(run({"inspect"}), kDone) << err;
  EXPECT_NE(
      out.find("It is damaged, and this is what can be read. See: gaon journal verify " + data.string()),
      std::string::npos)
      << out;
}

TEST_F(JournalInspect, what_would_be_cut_is_measured) {
  fill();
  open();
  records.ended(session(2, "empty"));
  const journal::Place last = store();
  close();
  flip(last.segment, last.offset);
  EXPECT_EQ(run({"inspect", "--json"}), kDone) << err;
  const json segments = json::parse(out)["segments"];
  EXPECT_EQ(segments.back()["torn_bytes"], 16 + 4 + 1 + 8);
  EXPECT_EQ(segments.front()["torn_bytes"], 0);
}

}  // namespace
}  // namespace gaon::app
