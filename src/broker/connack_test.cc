// CONNACK of a session that is kept waits for the journal; and who gets none.
#include "broker/broker_fixture_test.h"

namespace gaon::broker {
namespace {

struct Opened : BrokerTest {
  Opened() { keeps_log = true; }
  void SetUp() override { run(); }

  // What is appended from now on does not get to the disk, or does.
  void stand() { log_stands = true; }
  void go_on() {
    log_stands = false;
    run();
  }
  static constexpr Opening kKept{.clean_start = false, .session_expiry_s = 1000};
};
INSTANTIATE_TEST_SUITE_P(on, Opened, one_and_two, workers_name);

TEST_P(Opened, is_said_when_it_is_durable) {
  stand();
  ScriptedClient& a = open("a", kKept);
  EXPECT_EQ(a.told(), "");
  go_on();
  EXPECT_EQ(a.told(), "CONNACK 00");
  stand();
  ScriptedClient& again = open("a", kKept);
  EXPECT_EQ(a.told(), "DISCONNECT 8e, closed");
  EXPECT_EQ(again.told(), "");
  go_on();
  EXPECT_EQ(again.told(), "CONNACK 00 present");
}

TEST_P(Opened, does_not_wait_where_nothing_is_kept) {
  stand();
  open("other", kKept);
  ScriptedClient& v5 = open("v5");
  ScriptedClient& v311 = open("v311", {.version = Version::v311});
  EXPECT_EQ(v5.told(), "CONNACK 00");
  EXPECT_EQ(v311.told(), "CONNACK 00");
}

TEST_P(Opened, waits_for_the_end_of_the_session_before_it) {
  client("clean", kKept);
  client("short", kKept);
  stand();
  ScriptedClient& clean = open("clean");
  ScriptedClient& brief = open("short", {.clean_start = false});
  EXPECT_EQ(clean.told(), "");
  EXPECT_EQ(brief.told(), "");
  go_on();
  EXPECT_EQ(clean.told(), "CONNACK 00");
  EXPECT_EQ(brief.told(), "CONNACK 00 present");
}

TEST_P(Opened, waits_for_that_end_as_every_later_one_does) {
  client("a", kKept);
  stand();
  ScriptedClient& first = open("a");
  first.hang_up();
  ScriptedClient& second = open("a");
  EXPECT_EQ(second.told(), "");
  go_on();
  EXPECT_EQ(second.told(), "CONNACK 00");
  stand();
  second.hang_up();
  ScriptedClient& third = open("a");
  EXPECT_EQ(third.told(), "CONNACK 00");
}

TEST_P(Opened, comes_before_the_answers_to_what_followed_at_once) {
  stand();
  ScriptedClient& a = dial(id_at("a", 1), kKept);
  a.subscribe("t", q1);
  a.publish("t", "x");
  a.send(mqtt::Pingreq{});
  run();
  EXPECT_EQ(a.told(), "");
  go_on();
  const std::string told = a.told();
  EXPECT_TRUE(told.starts_with("CONNACK 00, ")) << told;
  EXPECT_EQ(in_any_order(told), "CONNACK 00, PINGRESP, SUBACK 1 01, t=x");
}

TEST_P(Opened, is_not_seen_by_who_is_taken_over_before) {
  stand();
  ScriptedClient& first = open("a", kKept);
  ScriptedClient& second = open("a", kKept);
  EXPECT_EQ(first.told(), "closed");
  go_on();
  EXPECT_EQ(second.told(), "CONNACK 00 present");
  EXPECT_EQ(sum(&Metrics::clients_connected), 1);
}

TEST_P(Opened, is_not_seen_by_who_breaks_a_rule_before) {
  stand();
  ScriptedClient& a = open("a", kKept);
  a.send_bytes(as_bytes(std::string_view("\0\0", 2)));
  go_on();
  EXPECT_EQ(a.told(), "closed");
}

TEST_P(Opened, is_not_seen_when_the_broker_stops_before) {
  stand();
  ScriptedClient& a = open("a", kKept);
  broker().stop();
  go_on();
  EXPECT_EQ(a.told(), "closed");
}

TEST_P(Opened, is_not_waited_for_without_end) {
  config.limits.connect_timeout_s = 10;
  stand();
  ScriptedClient& a = open("a", kKept);
  advance(milliseconds(9'990));
  EXPECT_EQ(a.told(), "");
  advance(milliseconds(20));
  EXPECT_EQ(a.told(), "closed");
  go_on();
  EXPECT_EQ(open("a", kKept).told(), "CONNACK 00 present");
}

TEST_P(Opened, keep_alive_begins_with_it) {
  stand();
  ScriptedClient& a = open("a", {.keep_alive_s = 2, .session_expiry_s = 1000});
  advance(seconds(5));
  EXPECT_EQ(a.told(), "");
  a.send(mqtt::Pingreq{});
  go_on();
  EXPECT_EQ(a.told(), "CONNACK 00, PINGRESP");
  advance(seconds(4));
  EXPECT_EQ(a.told(), "DISCONNECT 8d, closed");
}

// More than an output takes: the rest follows, and what was not read is read then.
TEST_P(Opened, is_followed_by_all_that_waited) {
  config.limits.output_bytes_high = 100;
  config.limits.packet_bytes_max = 1024;
  ScriptedClient& before = client("a", kKept);
  before.subscribe("t", q1);
  run();
  before.hang_up();
  run();
  ScriptedClient& p = client("p");
  for (int i = 0; i < 20; ++i) p.publish("t", std::string(50, 'x'), {.qos = q1});
  run();
  stand();
  ScriptedClient& a = dial("a", kKept);
  for (int i = 0; i < 1000; ++i) a.send(mqtt::Pingreq{});
  a.wire.chunk(100);
  run();
  EXPECT_EQ(a.told(), "");
  go_on();
  const auto got = a.take();
  const auto count = [&](mqtt::PacketType type) {
    return std::ranges::count_if(got, [&](const Got& one) { return one.type == type; });
  };
  EXPECT_EQ(count(mqtt::PacketType::publish), 20);
  EXPECT_EQ(count(mqtt::PacketType::pingresp), 1000);
}

TEST_P(Opened, nothing_of_it_is_forgotten_by_a_crash) {
  client("ended", kKept);
  client("ended");
  client("begun", kKept);
  client("will", {.session_expiry_s = 1000, .will = mqtt::Will{.topic = "will", .retain = true}});
  crash();
  EXPECT_EQ(open("ended", kKept).told(), "CONNACK 00");
  EXPECT_EQ(open("begun", kKept).told(), "CONNACK 00 present");
}

TEST_P(Opened, new_sessions_are_refused_while_the_journal_is_full) {
  client("old", kKept);
  disk.set_faults({.room = disk.used()});
  ScriptedClient& p = client("p");
  for (int i = 0; i < 2000 && log().health() == journal::Health::good; ++i) {
    p.publish("t", std::string(1000, 'x'), {.qos = q1, .retain = true});
    run();
  }
  ASSERT_EQ(log().health(), journal::Health::full);
  EXPECT_EQ(open("new", kKept).told(), "CONNACK 97, closed");
  EXPECT_EQ(open("v311", {.version = Version::v311, .clean_start = false}).told(), "CONNACK 88, closed");
  EXPECT_EQ(open("old", {.session_expiry_s = 1000}).told(), "CONNACK 97, closed");
  EXPECT_EQ(open("clean").told(), "CONNACK 00");
  ScriptedClient& old = open("old", kKept);
  disk.set_faults({});
  run();
  EXPECT_EQ(old.told(), "CONNACK 00 present");
}

// [MQTT-3.1.2-24]
TEST_P(Opened, must_fit_the_client_or_nothing_changes) {
  ScriptedClient& before = client("a", kKept);
  const Props small = Props().number(Property::maximum_packet_size, 15);
  const Props fits = Props().number(Property::maximum_packet_size, 16);
  EXPECT_EQ(open("a", {.properties = &small}).told(), "CONNACK 95, closed");
  EXPECT_EQ(before.told(), "");
  EXPECT_EQ(open("b", {.properties = &fits}).told(), "CONNACK 00");
}

}  // namespace
}  // namespace gaon::broker
