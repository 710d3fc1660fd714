// What a client acknowledges soon is not recorded, and nobody loses by it.
#include "broker/broker_fixture_test.h"

namespace gaon::broker {
namespace {

struct Unwritten : BrokerTest {
  Unwritten() { keeps_log = true; }

  // A kept session with a subscription, connected.
  ScriptedClient& subscriber(bool acks,
                             const Props& properties = Props().number(Property::session_expiry_interval,
                                                                      1000)) {
    ScriptedClient& s = client(id_at("s", 1), {.properties = &properties, .acks = acks});
    s.subscribe("t", q1);
    run();
    s.take();
    return s;
  }
  ScriptedClient& publisher() { return client(id_at("p", 0)); }
  std::string resumed() {
    return open(id_at("s", 1), {.clean_start = false, .session_expiry_s = 1000}).told();
  }
  std::uint64_t written() { return log().counters().bytes_written; }
};
INSTANTIATE_TEST_SUITE_P(on, Unwritten, one_and_two, workers_name);

TEST_P(Unwritten, what_is_acknowledged_soon_costs_no_byte) {
  ScriptedClient& s = subscriber(true);
  ScriptedClient& p = publisher();
  const std::uint64_t before = written();
  for (const char* payload : {"1", "2", "3"}) p.publish("t", payload, {.qos = q1});
  run();
  EXPECT_EQ(s.told(), "t=1 q1, t=2 q1, t=3 q1");
  EXPECT_EQ(p.told(), "PUBACK 1 00, PUBACK 2 00, PUBACK 3 00");
  EXPECT_EQ(written(), before);
  EXPECT_EQ(sum(&Metrics::spared_messages), 3);
  crash();
  EXPECT_EQ(resumed(), "CONNACK 00 present");
}

TEST_P(Unwritten, the_publisher_hears_nothing_before_one_of_both) {
  subscriber(false);
  ScriptedClient& p = publisher();
  p.publish("t", "x", {.qos = q1});
  run();
  EXPECT_EQ(p.told(), "");
  crash();
  EXPECT_EQ(resumed(), "CONNACK 00 present");
}

TEST_P(Unwritten, what_is_not_acknowledged_in_time_is_recorded) {
  subscriber(false);
  ScriptedClient& p = publisher();
  p.publish("t", "x", {.qos = q1});
  advance(seconds(1));
  EXPECT_EQ(p.told(), "PUBACK 1 00");
  crash();
  EXPECT_EQ(resumed(), "CONNACK 00 present, t=x q1 dup");
}

TEST_P(Unwritten, what_is_not_acknowledged_when_the_connection_ends_is_recorded) {
  ScriptedClient& s = subscriber(false);
  ScriptedClient& p = publisher();
  p.publish("t", "x", {.qos = q1});
  run();
  s.hang_up();
  run();
  EXPECT_EQ(p.told(), "PUBACK 1 00");
  crash();
  EXPECT_EQ(resumed(), "CONNACK 00 present, t=x q1 dup");
}

TEST_P(Unwritten, what_is_not_acknowledged_at_a_takeover_is_recorded) {
  subscriber(false);
  ScriptedClient& p = publisher();
  p.publish("t", "x", {.qos = q1});
  run();
  dial(id_at("s", 1), {.clean_start = false, .session_expiry_s = 1000, .acks = false});
  run();
  EXPECT_EQ(p.told(), "PUBACK 1 00");
  crash();
  EXPECT_EQ(resumed(), "CONNACK 00 present, t=x q1 dup");
}

TEST_P(Unwritten, nobody_waits_for_a_session_that_ended) {
  ScriptedClient& s = subscriber(false);
  ScriptedClient& p = publisher();
  p.publish("t", "x", {.qos = q1});
  run();
  s.send(mqtt::Disconnect{.properties = Props().number(Property::session_expiry_interval, 0)});
  run();
  EXPECT_EQ(p.told(), "PUBACK 1 00");
}

// [MQTT-4.6.0-5]
TEST_P(Unwritten, what_is_recorded_takes_with_it_what_was_sent_before) {
  subscriber(false,
             Props().number(Property::session_expiry_interval, 1000).number(Property::receive_maximum, 2));
  ScriptedClient& p = publisher();
  for (const char* payload : {"1", "2", "3"}) p.publish("t", payload, {.qos = q1});
  run();
  EXPECT_EQ(p.told(), "PUBACK 1 00, PUBACK 2 00, PUBACK 3 00");
  crash();
  EXPECT_EQ(resumed(), "CONNACK 00 present, t=1 q1 dup, t=2 q1 dup, t=3 q1");
}

TEST_P(Unwritten, a_slow_client_is_waited_for_once_and_tried_again) {
  ScriptedClient& s = subscriber(false);
  ScriptedClient& p = publisher();
  p.publish("t", "1", {.qos = q1});
  advance(seconds(1));
  p.told();
  p.publish("t", "2", {.qos = q1});
  run();
  EXPECT_EQ(p.told(), "PUBACK 2 00");
  for (const Got& got : s.take()) s.send(mqtt::Puback{.packet_id = got.packet_id});
  s.acks = true;
  run();
  const std::uint64_t before = written();
  p.publish("t", "3", {.qos = q1});
  run();
  EXPECT_EQ(p.told(), "PUBACK 3 00");
  EXPECT_EQ(written(), before);
}

// The one acknowledgement that waits does not let another client's wait.
TEST_P(Unwritten, acknowledgements_keep_their_order_and_other_publishers_do_not_wait) {
  subscriber(false);
  ScriptedClient& p = publisher();
  ScriptedClient& other = client("other");
  p.publish("t", "1", {.qos = q1});
  p.publish("nobody", "2", {.qos = q1});
  p.publish("nobody", "3", {.qos = q2});
  other.publish("nobody", "4", {.qos = q1});
  run();
  EXPECT_EQ(p.told(), "");
  EXPECT_EQ(other.told(), "PUBACK 1 10");
  advance(seconds(1));
  EXPECT_EQ(p.told(), "PUBACK 1 00, PUBACK 2 10, PUBREC 3 10, PUBCOMP 3 00");
}

}  // namespace
}  // namespace gaon::broker
