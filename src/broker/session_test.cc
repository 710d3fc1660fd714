// What outlives a connection, and for how long.
#include "broker/broker_fixture_test.h"

namespace gaon::broker {
namespace {

struct Sessions : BrokerTest {};
INSTANTIATE_TEST_SUITE_P(on, Sessions, one_and_two, workers_name);

// [MQTT-4.4.0-1], [MQTT-4.6.0-6]
TEST_P(Sessions, get_what_waited_in_order_and_what_was_unacknowledged_first) {
  ScriptedClient& before = client("s", {.session_expiry_s = 100, .acks = false});
  before.subscribe("t/#", q2);
  run();
  ScriptedClient& publisher = client("p");
  publisher.publish("t/1", "a", {.qos = q1});
  publisher.publish("t/2", "b", {.qos = q2});
  run();
  EXPECT_EQ(before.told(), "SUBACK 1 02, t/1=a q1, t/2=b q2");
  before.hang_up();
  run();
  publisher.publish("t/3", "c", {.qos = q2});
  publisher.publish("t/4", "lost");
  publisher.publish("t/5", "d", {.qos = q1});
  run();
  ScriptedClient& after = open("s", {.clean_start = false});
  EXPECT_EQ(after.told(), "CONNACK 00 present, t/1=a q1 dup, t/2=b q2 dup, t/3=c q2, t/5=d q1");
  EXPECT_EQ(dropped(DropReason::offline_qos0), 1);
  EXPECT_EQ(sum(&Metrics::queued_messages), 0);
}

// [MQTT-4.3.3-7] and the repeat of a PUBREL.
TEST_P(Sessions, resume_qos_2_where_it_stood) {
  ScriptedClient& before = client("s", {.session_expiry_s = 100, .acks = false});
  before.subscribe("t", q2);
  client("p").publish("t", "x", {.qos = q2});
  run();
  const auto got = before.take();
  ASSERT_EQ(got.back().text(), "t=x q2");
  before.send(mqtt::Pubrec{.packet_id = got.back().packet_id});
  run();
  before.hang_up();
  run();
  ScriptedClient& after = open("s", {.clean_start = false, .acks = false});
  EXPECT_EQ(after.told(), "CONNACK 00 present, PUBREL " + std::to_string(got.back().packet_id) + " 00");
}

// U5-4.3.3-a: the publisher's side.
TEST_P(Sessions, know_a_repeated_publish_of_qos_2) {
  ScriptedClient& watcher = client("w");
  watcher.subscribe("t", q2);
  run();
  watcher.take();
  ScriptedClient& before = client("p", {.session_expiry_s = 100, .acks = false});
  before.publish("t", "x", {.qos = q2, .packet_id = 9});
  run();
  EXPECT_EQ(before.told(), "PUBREC 9 00");
  before.hang_up();
  run();
  ScriptedClient& after = client("p", {.clean_start = false, .session_expiry_s = 100});
  after.publish("t", "x", {.qos = q2, .dup = true, .packet_id = 9});
  run();
  EXPECT_EQ(after.told(), "PUBREC 9 00, PUBCOMP 9 00");
  EXPECT_EQ(watcher.told(), "t=x q2");
}

TEST_P(Sessions, keep_their_subscriptions_while_offline) {
  client("s", {.session_expiry_s = 100}).subscribe("t", q1);
  run();
  open("s", {.clean_start = false, .session_expiry_s = 100}).disconnect();
  run();
  ScriptedClient& publisher = client("p");
  publisher.publish("t", "x", {.qos = q1});
  run();
  EXPECT_EQ(publisher.told(), "PUBACK 1 00");
  EXPECT_EQ(open("s", {.clean_start = false}).told(), "CONNACK 00 present, t=x q1");
}

TEST_P(Sessions, end_at_their_expiry_and_not_before) {
  client("s", {.session_expiry_s = 10}).disconnect();
  run();
  advance(milliseconds(9'980));
  EXPECT_EQ(open("s", {.clean_start = false, .session_expiry_s = 10}).told(), "CONNACK 00 present");
  open("s", {.clean_start = false, .session_expiry_s = 10}).disconnect();
  run();
  advance(milliseconds(10'020));
  EXPECT_EQ(sum(&Metrics::sessions), 0);
  EXPECT_EQ(sum(&Metrics::sessions_expired), 1);
  EXPECT_EQ(open("s", {.clean_start = false}).told(), "CONNACK 00");
}

// U5-3.1.2.11.2-a
TEST_P(Sessions, end_with_the_connection_without_an_expiry) {
  ScriptedClient& client = this->client("s");
  client.subscribe("t");
  run();
  client.hang_up();
  run();
  EXPECT_EQ(sum(&Metrics::sessions), 0);
  EXPECT_EQ(sum(&Metrics::subscriptions), 0);
  EXPECT_EQ(open("s", {.clean_start = false}).told(), "CONNACK 00");
}

TEST_P(Sessions, never_end_if_told_so) {
  client("s", {.session_expiry_s = kExpiryNever}).disconnect();
  advance(seconds(20'000));
  EXPECT_EQ(open("s", {.clean_start = false}).told(), "CONNACK 00 present");
}

TEST_P(Sessions, take_a_new_expiry_from_disconnect) {
  const Props longer = Props().number(Property::session_expiry_interval, 20);
  const Props none = Props().number(Property::session_expiry_interval, 0);
  client("s", {.session_expiry_s = 10}).disconnect(Reason::normal_disconnection, longer);
  advance(seconds(19));
  EXPECT_EQ(sum(&Metrics::sessions), 1);
  client("s", {.clean_start = false, .session_expiry_s = 10}).disconnect(Reason::normal_disconnection, none);
  run();
  EXPECT_EQ(sum(&Metrics::sessions), 0);
  // U5-3.14.2.2.2-a: not from 0 to something.
  ScriptedClient& zero = client("z");
  zero.disconnect(Reason::normal_disconnection, longer);
  run();
  EXPECT_EQ(zero.told(), "DISCONNECT 82, closed");
  EXPECT_EQ(sum(&Metrics::sessions), 0);
}

TEST_P(Sessions, of_3_1_1_last_as_configured) {
  config.session.expiry_v3_s = 50;
  for (const Version version : {Version::v31, Version::v311}) {
    client("s", {.version = version, .clean_start = false}).subscribe("t", q1);
    run();
    open("s", {.version = version, .clean_start = false}).disconnect();
    advance(seconds(49));
    client("p").publish("t", "x", {.qos = q1});
    run();
    // 3.1 has no session present in its CONNACK.
    EXPECT_EQ(open("s", {.version = version, .clean_start = false}).told(),
              version == Version::v31 ? "CONNACK 00, t=x q1" : "CONNACK 00 present, t=x q1");
    open("s", {.version = version, .clean_start = true}).disconnect();
    run();
    EXPECT_EQ(open("s", {.version = version, .clean_start = false}).told(), "CONNACK 00");
    client("s", {.version = version}).disconnect();
    run();
    EXPECT_EQ(sum(&Metrics::sessions), 1);  // of the publisher
  }
}

TEST_P(Sessions, are_resumed_by_another_version) {
  client("s", {.version = Version::v311, .clean_start = false}).subscribe("t", q1);
  run();
  open("s", {.version = Version::v311, .clean_start = false}).hang_up();
  const Props expiry = Props().number(Property::message_expiry_interval, 60);
  client("p").publish("t", "x", {.qos = q1, .properties = expiry});
  run();
  EXPECT_EQ(open("s", {.clean_start = false}).told(), "CONNACK 00 present, t=x q1");
}

TEST_P(Sessions, may_keep_qos_0_too) {
  config.session.queue_qos0_offline = true;
  client("s", {.session_expiry_s = 100}).subscribe("t");
  run();
  open("s", {.clean_start = false, .session_expiry_s = 100}).disconnect();
  run();
  client("p").publish("t", "x");
  run();
  EXPECT_EQ(open("s", {.clean_start = false}).told(), "CONNACK 00 present, t=x");
}

}  // namespace
}  // namespace gaon::broker
