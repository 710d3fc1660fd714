// Limits of one connection in both directions.
#include "broker/broker_fixture_test.h"

namespace gaon::broker {
namespace {

struct ConnectionLimits : BrokerTest {};
INSTANTIATE_TEST_SUITE_P(on, ConnectionLimits, one_and_two, workers_name);

// [MQTT-3.3.4-9], U5-3.3.4-d
TEST_P(ConnectionLimits, close_who_sends_more_than_the_receive_maximum) {
  config.limits.receive_maximum = 3;
  ScriptedClient& p = client("p", {.acks = false});
  for (int i = 0; i < 3; ++i) p.publish("t", "x", {.qos = q2});
  run();
  EXPECT_EQ(p.told(), "PUBREC 1 10, PUBREC 2 10, PUBREC 3 10");
  p.send(mqtt::Pubrel{.packet_id = 2});
  p.publish("t", "x", {.qos = q2});
  p.publish("t", "x");
  run();
  EXPECT_EQ(p.told(), "PUBCOMP 2 00, PUBREC 4 10");
  p.publish("t", "x", {.qos = q1});
  run();
  EXPECT_EQ(p.told(), "DISCONNECT 93, closed");
}

TEST_P(ConnectionLimits, count_qos_1_until_it_is_acknowledged) {
  config.limits.receive_maximum = 3;
  ScriptedClient& s = client(id_at("s", 1));
  s.subscribe("t", q1);
  run();
  ScriptedClient& p = client(id_at("p", 0));
  for (int round = 0; round < 5; ++round) {
    for (int i = 0; i < 3; ++i) p.publish("t", "x", {.qos = q1});
    run();
    EXPECT_EQ(p.take().size(), 3U);
  }
  for (int i = 0; i < 4; ++i) p.publish("t", "x", {.qos = q1});
  run();
  EXPECT_TRUE(p.told().ends_with("DISCONNECT 93, closed"));
}

// [MQTT-4.9.0-2]
TEST_P(ConnectionLimits, are_obeyed_towards_the_client) {
  config.limits.inflight_max = 4;
  const Props three = Props().number(Property::receive_maximum, 3);
  ScriptedClient& narrow = client("a", {.properties = &three, .acks = false});
  ScriptedClient& wide = client("b", {.acks = false});
  narrow.subscribe("t", q2);
  wide.subscribe("t", q2);
  run();
  ScriptedClient& p = client("p");
  for (int i = 0; i < 10; ++i) p.publish("t", std::to_string(i), {.qos = i % 2 == 0 ? q1 : q2});
  run();
  EXPECT_EQ(narrow.told(), "SUBACK 1 02, t=0 q1, t=1 q2, t=2 q1");
  EXPECT_EQ(wide.told(), "SUBACK 1 02, t=0 q1, t=1 q2, t=2 q1, t=3 q2");
  narrow.send(mqtt::Pubrec{.packet_id = 2});
  run();
  EXPECT_EQ(narrow.told(), "PUBREL 2 00");
  narrow.send(mqtt::Pubcomp{.packet_id = 2});
  run();
  EXPECT_EQ(narrow.told(), "t=3 q2");
}

TEST_P(ConnectionLimits, refuse_packets_that_are_too_large) {
  config.limits.packet_bytes_max = 1'024;
  ScriptedClient& p = client("p");
  p.publish("t", std::string(1'000, 'x'), {.qos = q1});
  run();
  EXPECT_EQ(p.told(), "PUBACK 1 10");
  p.publish("t", std::string(1'024, 'x'), {.qos = q1});
  run();
  EXPECT_EQ(p.told(), "DISCONNECT 95, closed");
}

// [MQTT-3.1.2-24], [MQTT-3.1.2-25]
TEST_P(ConnectionLimits, keep_back_what_is_too_large_for_the_client) {
  const Props small = Props()
                          .number(Property::maximum_packet_size, 50)
                          .number(Property::receive_maximum, 1)
                          .number(Property::session_expiry_interval, 100);
  ScriptedClient& s = client("s", {.properties = &small});
  s.subscribe("t", q1);
  s.subscribe("$share/g/t", q1);
  run();
  s.take();
  ScriptedClient& p = client("p");
  const std::string large(60, 'x');
  p.publish("t", large, {.qos = q1});
  p.publish("t", "1", {.qos = q1});
  run();
  EXPECT_EQ(p.told(), "PUBACK 1 00, PUBACK 2 00");
  EXPECT_EQ(s.told(), "t=1 q1, t=1 q1");
  EXPECT_EQ(dropped(DropReason::too_large), 2);
  s.hang_up();
  run();
  p.publish("t", large, {.qos = q1});
  p.publish("t", "2", {.qos = q1});
  run();
  EXPECT_EQ(open("s", {.clean_start = false, .properties = &small}).told(),
            "CONNACK 00 present, t=2 q1, t=2 q1");
  EXPECT_EQ(dropped(DropReason::too_large), 4);
  EXPECT_EQ(sum(&Metrics::queued_messages), 0);
}

// [MQTT-3.3.2-9]
TEST_P(ConnectionLimits, hold_for_topic_aliases) {
  config.limits.topic_alias_maximum = 2;
  ScriptedClient& s = client("s");
  s.subscribe("t/+", q0);
  ScriptedClient& p = client("p");
  const Props one = Props().number(Property::topic_alias, 1);
  const Props three = Props().number(Property::topic_alias, 3);
  p.publish("t/a", "1", {.properties = one});
  p.publish("", "2", {.properties = one});
  p.publish("t/b", "3", {.properties = one});
  p.publish("", "4", {.properties = one});
  run();
  EXPECT_EQ(s.told(), "SUBACK 1 00, t/a=1, t/a=2, t/b=3, t/b=4");
  p.publish("t/c", "5", {.properties = three});
  run();
  EXPECT_EQ(p.told(), "DISCONNECT 94, closed");
}

}  // namespace
}  // namespace gaon::broker
