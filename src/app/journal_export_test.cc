// gaon journal export
#include "app/journal_export.h"

#include <nlohmann/json.hpp>
#include <sstream>

#include "app/journal_fixture_test.h"

namespace gaon::app {
namespace {

using nlohmann::json;

struct JournalExport : JournalFixture {
  std::vector<json> lines() const {
    std::vector<json> all;
    std::istringstream text(out);
    for (std::string line; std::getline(text, line);) all.push_back(json::parse(line));
    return all;
  }
  // type and client id or topic of each line
  std::vector<std::string> told() const {
    std::vector<std::string> all;
    for (const json& line : lines()) {
      const char* name = line["type"] == "session" ? "client_id" : "topic";
      all.push_back(line["type"].get<std::string>() + ' ' + line[name].get<std::string>());
    }
    return all;
  }
};
using Told = std::vector<std::string>;

TEST_F(JournalExport, sessions_come_with_their_messages_then_what_is_retained) {
  fill();
  EXPECT_EQ(run({"export"}), kDone) << err;
  EXPECT_EQ(told(), (Told{"session archive", "message notes/a", "message notes/b", "session empty",
                          "retained state"}));
  EXPECT_EQ(err, "");
}

TEST_F(JournalExport, a_session_has_its_subscriptions) {
  fill();
  EXPECT_EQ(run({"export"}), kDone) << err;
  const json archive = lines().front();
  EXPECT_EQ(archive["expiry_s"], 3600);
  EXPECT_EQ(archive["messages"], 2);
  ASSERT_EQ(archive["subscriptions"].size(), 2U);
  EXPECT_EQ(archive["subscriptions"][0]["filter"], "$share/g/jobs");
  EXPECT_EQ(archive["subscriptions"][0]["subscription_id"], 7);
  EXPECT_EQ(archive["subscriptions"][1]["filter"], "notes/#");
  EXPECT_EQ(archive["subscriptions"][1]["qos"], 2);
}

TEST_F(JournalExport, a_payload_is_base64_and_text_where_it_is_text) {
  fill();
  EXPECT_EQ(run({"export"}), kDone) << err;
  const auto all = lines();
  EXPECT_EQ(all[1]["payload_base64"], "Zmlyc3Q=");
  EXPECT_EQ(all[1]["payload_text"], "first");
  EXPECT_EQ(all[1]["qos"], 1);
  EXPECT_EQ(all[1]["sequence"], 1);
  EXPECT_EQ(all[1]["message_id"], "100");
  EXPECT_EQ(all[1]["state"], "waiting");
  EXPECT_EQ(all[1]["client_id"], "archive");
  EXPECT_EQ(all[2]["payload_base64"], "/wA=");
  EXPECT_FALSE(all[2].contains("payload_text"));
}

TEST_F(JournalExport, what_was_finished_is_not_there) {
  fill();
  open();
  const broker::Client archive = session(1, "archive");
  Copy copy({.message = message(100, "notes/a", "first"), .qos = mqtt::QoS::at_least_once});
  copy.sequence = 1;
  records.finished(archive, copy);
  records.retained(message(103, "state", ""));
  store();
  close();
  EXPECT_EQ(run({"export"}), kDone) << err;
  EXPECT_EQ(told(), (Told{"session archive", "message notes/b", "session empty"}));
}

TEST_F(JournalExport, properties_will_and_deadlines_are_told) {
  open();
  broker::Client client = session(1, "c");
  // Content Type "x", User Property a=b.
  const std::uint8_t properties[] = {3, 0, 1, 'x', 38, 0, 1, 'a', 0, 1, 'b'};
  client.will =
      std::make_unique<broker::Will>(broker::Will{.message = message(0, "will", "bye"), .delay_s = 5});
  client.session_ends = Time(Duration(1'700'000'000'000));
  records.session(client);
  records.will(client);
  records.offline(client);
  queue(client,
        Message::make({.id = {9},
                       .deadline = Time(Duration(1'600'000'000'000)),
                       .qos = mqtt::QoS::at_least_once,
                       .topic = "t",
                       .properties = properties,
                       .payload = as_bytes("p")}),
        1);
  store();
  close();
  EXPECT_EQ(run({"export"}), kDone) << err;
  const auto all = lines();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0]["ends"], "2023-11-14T22:13:20Z");
  EXPECT_EQ(all[0]["connected"], false);
  EXPECT_EQ(all[0]["will"]["topic"], "will");
  EXPECT_EQ(all[0]["will"]["payload_text"], "bye");
  EXPECT_EQ(all[0]["will"]["delay_s"], 5);
  EXPECT_EQ(all[1]["expires"], "2020-09-13T12:26:40Z");
  EXPECT_EQ(all[1]["properties"]["content_type"], "x");
  EXPECT_EQ(all[1]["properties"]["user_properties"], json::parse(R"([["a","b"]])"));
}

TEST_F(JournalExport, what_waits_with_a_group_or_was_not_routed_is_there) {
  open();
  const broker::Client publisher = session(1, "p");
  records.session(publisher);
  records.group({50}, "g/jobs");
  records.group_queued({50}, message(100, "jobs", "a"));
  records.held(publisher, 3);
  records.routing(message(101, "lost", "b"));
  store();
  close();
  EXPECT_EQ(run({"export"}), kDone) << err;
  EXPECT_EQ(told(), (Told{"session p", "group_message jobs", "unrouted lost"}));
  EXPECT_EQ(lines()[1]["group"], "g/jobs");
}

TEST_F(JournalExport, filters_choose_clients_and_retained_messages) {
  fill();
  EXPECT_EQ(run({"export", "--retained"}), kDone);
  EXPECT_EQ(told(), (Told{"retained state"}));
  EXPECT_EQ(run({"export", "--client", "empty"}), kDone);
  EXPECT_EQ(told(), (Told{"session empty"}));
  EXPECT_EQ(run({"export", "--client", "empty", "--client", "archive", "--retained"}), kDone);
  EXPECT_EQ(told(), (Told{"session archive", "message notes/a", "message notes/b", "session empty",
                          "retained state"}));
  EXPECT_EQ(run({"export", "--client", "nobody"}), kFailed);
  EXPECT_EQ(out, "");
  EXPECT_EQ(err, "gaon journal export: there is no session of 'nobody'\n");
}

TEST_F(JournalExport, damage_is_passed_over_and_told) {
  const journal::Place second = fill();
  flip(1, second.offset + 20);
  EXPECT_EQ(run({"export"}), kFailed);
  EXPECT_EQ(told(), (Told{"session archive", "message notes/a", "session empty", "retained state"}));
  EXPECT_TRUE(err.starts_with("gaon journal export: " + file(1) + ", offset ")) << err;
}

TEST_F(JournalExport, what_cannot_be_written_ends_it) {
  fill();
  const auto directory = JournalDirectory::open(data.string());
  ASSERT_TRUE(directory);
  int lines = 0;
  const auto done = export_journal(**directory, {}, [&lines](const std::string&) { return ++lines < 2; });
  ASSERT_TRUE(done);
  EXPECT_EQ(lines, 2);
}

}  // namespace
}  // namespace gaon::app
