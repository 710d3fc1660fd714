// A second connection with the client id of the first.
#include "broker/broker_fixture_test.h"

namespace gaon::broker {
namespace {

struct Takeover : BrokerTest {};
INSTANTIATE_TEST_SUITE_P(on, Takeover, one_and_two, workers_name);

TEST_P(Takeover, ends_the_older_connection_with_a_word_where_there_is_one) {
  ScriptedClient& v5 = client("a", {.accepted_by = 0});
  EXPECT_EQ(open("a", {.accepted_by = 1}).told(), "CONNACK 00");
  EXPECT_EQ(v5.told(), "DISCONNECT 8e, closed");
  ScriptedClient& v311 = client("b", {.version = Version::v311});
  EXPECT_EQ(open("b").told(), "CONNACK 00");
  EXPECT_EQ(v311.told(), "closed");
  EXPECT_EQ(sum(&Metrics::connections), 2);
  EXPECT_EQ(sum(&Metrics::clients_connected), 2);
}

TEST_P(Takeover, hands_the_session_over_with_what_is_unacknowledged) {
  ScriptedClient& old = client("a", {.session_expiry_s = 100, .acks = false});
  old.subscribe("t", q1);
  run();
  client("p").publish("t", "1", {.qos = q1});
  run();
  EXPECT_EQ(old.told(), "SUBACK 1 01, t=1 q1");
  ScriptedClient& young = open("a", {.clean_start = false});
  EXPECT_EQ(young.told(), "CONNACK 00 present, t=1 q1 dup");
}

TEST_P(Takeover, does_not_resume_a_session_that_ended_with_its_connection) {
  ScriptedClient& old = client("a");
  old.subscribe("t", q1);
  run();
  EXPECT_EQ(open("a", {.clean_start = false}).told(), "CONNACK 00");
  EXPECT_EQ(sum(&Metrics::subscriptions), 0);
}

TEST_P(Takeover, starts_anew_with_clean_start) {
  ScriptedClient& old = client("a", {.session_expiry_s = 100});
  old.subscribe("t", q1);
  run();
  EXPECT_EQ(open("a", {.session_expiry_s = 100}).told(), "CONNACK 00");
  EXPECT_EQ(sum(&Metrics::subscriptions), 0);
  EXPECT_EQ(sum(&Metrics::sessions), 1);
}

// U5-3.1.4-c: without delay; with delay and Clean Start 1; with delay and Clean Start 0.
TEST_P(Takeover, sends_the_will_of_a_session_that_ends_or_whose_will_has_no_delay) {
  ScriptedClient& watcher = client("w");
  watcher.subscribe("will", q0);
  run();
  watcher.take();
  const Props delay = Props().number(Property::will_delay_interval, 5);
  const mqtt::Will now{.topic = "will", .payload = as_bytes("now")};
  const mqtt::Will late{.topic = "will", .payload = as_bytes("late"), .properties = delay};

  client("a", {.session_expiry_s = 100, .will = now});
  client("a", {.clean_start = false, .session_expiry_s = 100, .will = late});
  EXPECT_EQ(watcher.told(), "will=now");
  client("a", {.clean_start = false, .session_expiry_s = 100, .will = late});
  advance(seconds(10));
  EXPECT_EQ(watcher.told(), "");
  client("a", {.clean_start = true});
  EXPECT_EQ(watcher.told(), "will=late");
  advance(seconds(10));
  EXPECT_EQ(watcher.told(), "");
}

TEST_P(Takeover, works_when_both_come_at_once) {
  ScriptedClient& first = dial("a", {.accepted_by = 0});
  ScriptedClient& second = dial("a", {.accepted_by = 1});
  run();
  const std::string one = first.told();
  const std::string other = second.told();
  const std::string lost = "CONNACK 00, DISCONNECT 8e, closed";
  EXPECT_TRUE((one == lost && other == "CONNACK 00") || (other == lost && one == "CONNACK 00"))
      << one << " / " << other;
  EXPECT_EQ(sum(&Metrics::clients_connected), 1);
}

}  // namespace
}  // namespace gaon::broker
