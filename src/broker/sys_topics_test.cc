// $SYS: the numbers are those of what happened.
#include <map>

#include "broker/broker_fixture_test.h"

namespace gaon::broker {
namespace {

struct SysTopicsShown : BrokerTest {
  SysTopicsShown() { config.sys_interval_s = 10; }

  // What is retained below $SYS/broker/ now, as a new client is shown it.
  std::map<std::string, std::string> shown() {
    ScriptedClient& watcher = client("watcher");
    watcher.subscribe("$SYS/#");
    run();
    std::map<std::string, std::string> topics;
    for (const Got& got : watcher.take()) {
      if (got.type != mqtt::PacketType::publish) continue;
      EXPECT_TRUE(got.retain);
      topics[got.topic.substr(std::string_view("$SYS/broker/").size())] = got.payload;
    }
    watcher.disconnect();
    run();
    return topics;
  }
};
INSTANTIATE_TEST_SUITE_P(on, SysTopicsShown, one_and_two, workers_name);

TEST_P(SysTopicsShown, show_the_numbers_of_all_workers) {
  ScriptedClient& a = client(id_at("a", 0), {.accepted_by = 0});
  ScriptedClient& b = client(id_at("b", 1), {.accepted_by = 0});
  client(id_at("c", 1), {.session_expiry_s = 100}).disconnect();
  b.subscribe({{.filter = "t", .qos = q1}, {.filter = "u", .qos = q1}});
  b.subscribe("$share/g/v");
  run();
  a.publish("t", "four", {.qos = q1});
  a.publish("nobody", "", {.qos = q1});
  a.publish("$not/allowed", "", {.qos = q1});
  a.publish("r", "kept", {.retain = true});
  advance(seconds(10));
  auto topics = shown();
  EXPECT_EQ(topics["uptime"], "10 seconds");
  EXPECT_EQ(topics["clients/total"], "3");
  EXPECT_EQ(topics["clients/connected"], "2");
  EXPECT_EQ(topics["clients/disconnected"], "1");
  EXPECT_EQ(topics["clients/maximum"], "2");
  EXPECT_EQ(topics["subscriptions/count"], "2");
  EXPECT_EQ(topics["shared_subscriptions/count"], "1");
  EXPECT_EQ(topics["publish/messages/received"], "4");
  EXPECT_EQ(topics["publish/messages/sent"], "1");
  EXPECT_EQ(topics["publish/bytes/received"], "8");
  EXPECT_EQ(topics["publish/bytes/sent"], "4");
  EXPECT_EQ(topics["publish/messages/dropped"], "1");
  EXPECT_EQ(topics["publish/messages/dropped/not_allowed"], "1");
  EXPECT_EQ(topics["publish/messages/dropped/queue_full"], "0");
  // 3 CONNECT, 1 DISCONNECT, 2 SUBSCRIBE, 4 PUBLISH, 1 PUBACK.
  EXPECT_EQ(topics["messages/received"], "11");
  // 3 CONNACK, 2 SUBACK, 3 PUBACK, 1 PUBLISH.
  EXPECT_EQ(topics["messages/sent"], "9");
}

TEST_P(SysTopicsShown, count_a_connect_once_however_it_came) {
  client(id_at("a", 1), {.accepted_by = 0});
  advance(seconds(10));
  // One in ten seconds, averaged over a minute.
  EXPECT_EQ(shown()["load/connections/1min"], "0.92");
}

TEST_P(SysTopicsShown, follow_at_each_interval) {
  advance(seconds(10));
  EXPECT_EQ(shown()["clients/connected"], "0");
  client("a");
  client("b").disconnect();
  advance(seconds(10));
  EXPECT_EQ(shown()["clients/connected"], "1");
  EXPECT_EQ(shown()["uptime"], "20 seconds");
}

TEST_P(SysTopicsShown, are_not_there_when_switched_off) {
  config.sys_interval_s = 0;
  advance(seconds(100));
  EXPECT_TRUE(shown().empty());
}

TEST_P(SysTopicsShown, are_not_matched_by_a_wildcard_in_front) {
  ScriptedClient& s = client("s");
  s.subscribe({{.filter = "#"}, {.filter = "+/broker/uptime"}});
  advance(seconds(20));
  EXPECT_EQ(s.told(), "SUBACK 1 00 00");
}

}  // namespace
}  // namespace gaon::broker
