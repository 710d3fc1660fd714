// Shared subscriptions: members that go, come back, end. Nothing may be stranded.
#include "broker/broker_fixture_test.h"

namespace gaon::broker {
namespace {

struct SharingLeavers : BrokerTest {
  ScriptedClient& member(std::string_view id, std::uint32_t session_expiry_s, bool acks = true) {
    ScriptedClient& member =
        client(id, {.clean_start = false, .session_expiry_s = session_expiry_s, .acks = acks});
    member.subscribe("$share/g/t", q2);
    run();
    EXPECT_EQ(member.told(), "SUBACK 1 02");
    return member;
  }
  void publish(const std::vector<std::string>& payloads, QoS qos = q1) {
    if (publisher == nullptr) publisher = &client("publisher");
    for (const std::string& payload : payloads) publisher->publish("t", payload, {.qos = qos});
    run();
  }
  ScriptedClient* publisher = nullptr;
};
INSTANTIATE_TEST_SUITE_P(on, SharingLeavers, one_and_two, workers_name);

// Its copies are of the group before; done with, they make room in the one that began since.
TEST_P(SharingLeavers, have_room_again_in_the_group_that_they_begin_anew) {
  config.limits.inflight_max = 2;
  ScriptedClient& only =
      client(id_at("only", 1), {.clean_start = false, .session_expiry_s = 100, .acks = false});
  only.subscribe("$share/g/t", q1);
  run();
  publish({"1", "2", "3"});
  const std::vector<Got> got = only.take();
  ASSERT_EQ(got.size(), 3u);  // SUBACK and two
  only.unsubscribe({"$share/g/t"});
  only.subscribe("$share/g/t", q1);
  for (std::size_t i : {1u, 2u}) only.send(mqtt::Puback{.packet_id = got[i].packet_id});
  only.acks = true;
  run();
  EXPECT_EQ(only.told(), "UNSUBACK 2 00, SUBACK 3 01");
  publish({"4", "5", "6"});
  EXPECT_EQ(only.told(), "t=4 q1, t=5 q1, t=6 q1");
}

TEST_P(SharingLeavers, get_nothing_while_others_are_there) {
  ScriptedClient& stays = member(id_at("stays", 0), 100);
  member(id_at("goes", 1), 100).hang_up();
  run();
  publish({"1", "2", "3"});
  EXPECT_EQ(stays.told(), "t=1 q1, t=2 q1, t=3 q1");
  EXPECT_EQ(open(id_at("goes", 1), {.clean_start = false, .session_expiry_s = 100}).told(),
            "CONNACK 00 present");
}

TEST_P(SharingLeavers, leave_messages_to_the_first_who_comes_back) {
  member("a", 100).hang_up();
  member("b", 100).hang_up();
  run();
  publish({"1", "2"});
  publish({"lost"}, q0);
  EXPECT_EQ(sum(&Metrics::queued_messages), 2);
  EXPECT_EQ(dropped(DropReason::offline_qos0), 1);
  EXPECT_EQ(open("b", {.clean_start = false}).told(), "CONNACK 00 present, t=1 q1, t=2 q1");
  EXPECT_EQ(open("a", {.clean_start = false}).told(), "CONNACK 00 present");
}

// What was handed to a member whose socket was full goes to the others.
TEST_P(SharingLeavers, give_back_what_they_were_never_sent) {
  config.limits.output_bytes_high = 20;
  ScriptedClient& slow = member(id_at("slow", 0), 100);
  ScriptedClient& quick = member(id_at("quick", 1), 100);
  slow.wire.take_at_most(0);
  publish({"1111111111", "2222222222", "3333333333", "4444444444", "5555555555", "6666666666", "7777777777",
           "8888888888"});
  EXPECT_EQ(quick.take().size(), 4U);
  slow.hang_up();
  run();
  EXPECT_EQ(quick.take().size(), 2U);  // Two had filled its output.
  EXPECT_EQ(sum(&Metrics::queued_messages), 0);
}

TEST_P(SharingLeavers, keep_what_was_sent_until_their_session_ends) {
  ScriptedClient& goes = member(id_at("goes", 0), 100, false);
  publish({"one"});
  publish({"two"}, q2);
  EXPECT_EQ(goes.told(), "t=one q1, t=two q2");
  ScriptedClient& stays = member(id_at("stays", 1), 100);
  goes.hang_up();
  run();
  EXPECT_EQ(stays.told(), "");
  ScriptedClient& back =
      open(id_at("goes", 0), {.clean_start = false, .session_expiry_s = 100, .acks = false});
  EXPECT_EQ(back.told(), "CONNACK 00 present, t=one q1 dup, t=two q2 dup");
  back.hang_up();
  advance(seconds(101));
  EXPECT_EQ(stays.told(), "t=one q1");  // U5-4.8.2-b; QoS 2 is never handed over once sent.
}

TEST_P(SharingLeavers, hand_over_when_the_connection_ends_the_session) {
  ScriptedClient& goes = member("goes", 0, false);
  publish({"1", "2"});
  ScriptedClient& stays = member("stays", 0);
  goes.hang_up();
  run();
  EXPECT_EQ(stays.told(), "t=1 q1, t=2 q1");
}

TEST_P(SharingLeavers, hand_over_at_a_takeover_that_ends_the_session) {
  ScriptedClient& goes = member("goes", 100, false);
  publish({"1"});
  ScriptedClient& stays = member("stays", 0);
  EXPECT_EQ(open("goes").told(), "CONNACK 00");
  EXPECT_EQ(goes.told(), "t=1 q1, DISCONNECT 8e, closed");
  EXPECT_EQ(stays.told(), "t=1 q1");
}

// U5-4.8.2-c
TEST_P(SharingLeavers, who_are_the_last_take_the_queue_with_them) {
  member("a", 10).hang_up();
  member("b", 20).hang_up();
  run();
  publish({"1", "2"});
  advance(seconds(21));
  EXPECT_EQ(sum(&Metrics::queued_messages), 0);
  EXPECT_EQ(sum(&Metrics::shared_subscriptions), 0);
  EXPECT_EQ(dropped(DropReason::session_ended), 2);
  publish({"3"});
  EXPECT_EQ(member("c", 0).told(), "");
}

TEST_P(SharingLeavers, who_unsubscribe_finish_what_they_have) {
  ScriptedClient& goes = member("goes", 0, false);
  publish({"1"});
  ScriptedClient& stays = member("stays", 0);
  goes.unsubscribe({"$share/g/t"});
  run();
  EXPECT_EQ(goes.told(), "t=1 q1, UNSUBACK 2 00");
  publish({"2"});
  EXPECT_EQ(stays.told(), "t=2 q1");
  EXPECT_EQ(goes.told(), "");
}

// [MQTT-4.8.2-5]
TEST_P(SharingLeavers, who_unsubscribe_hand_over_what_they_did_not_finish) {
  ScriptedClient& goes = member(id_at("goes", 0), 0, false);
  publish({"1"});
  ScriptedClient& stays = member(id_at("stays", 1), 0);
  goes.unsubscribe({"$share/g/t"});
  run();
  goes.hang_up();
  run();
  EXPECT_EQ(stays.told(), "t=1 q1");
}

TEST_P(SharingLeavers, may_come_back_before_they_are_done) {
  ScriptedClient& goes = member(id_at("goes", 0), 0, false);
  publish({"1"});
  goes.unsubscribe({"$share/g/t"});
  run();
  EXPECT_EQ(sum(&Metrics::shared_subscriptions), 0);
  publish({"nobody's"});
  goes.subscribe("$share/g/t", q1);
  run();
  publish({"2"});
  EXPECT_EQ(goes.told(), "t=1 q1, UNSUBACK 2 00, SUBACK 3 01, t=2 q1");
  EXPECT_EQ(sum(&Metrics::shared_subscriptions), 1);
  ScriptedClient& stays = member(id_at("stays", 1), 0);
  goes.hang_up();
  run();
  EXPECT_EQ(stays.told(), "t=1 q1, t=2 q1");
}

TEST_P(SharingLeavers, count_what_is_under_way_to_them_when_they_return) {
  const Props two =
      Props().number(Property::receive_maximum, 2).number(Property::session_expiry_interval, 100);
  ScriptedClient& before = client("a", {.properties = &two, .acks = false});
  before.subscribe("$share/g/t", q1);
  run();
  publish({"1", "2", "3", "4"});
  EXPECT_EQ(before.told(), "SUBACK 1 01, t=1 q1, t=2 q1");
  before.hang_up();
  run();
  ScriptedClient& after = open("a", {.clean_start = false, .properties = &two, .acks = false});
  EXPECT_EQ(after.told(), "CONNACK 00 present, t=1 q1 dup, t=2 q1 dup");
  after.acks = true;
  after.send(mqtt::Puback{.packet_id = 1});
  after.send(mqtt::Puback{.packet_id = 2});
  run();
  EXPECT_EQ(after.told(), "t=3 q1, t=4 q1");
}

// The group does not know yet that the member went: it must not hand to it for ever.
TEST_P(SharingLeavers, may_go_before_their_subscription_is_known_everywhere) {
  for (std::size_t home = 0; home < 2; ++home) {
    const std::string id = id_at("goes" + std::to_string(home) + "-", home);
    ScriptedClient& goes = client(id, {.session_expiry_s = 100});
    ScriptedClient& p = client(id_at("p", home));
    for (int i = 0; i < 16; ++i) goes.subscribe("$share/g" + std::to_string(i) + "/t", q1);
    tick(home % workers());
    goes.hang_up();
    tick(home % workers());
    p.publish("t", "x", {.qos = q1});
    tick(home % workers());
    run();
    EXPECT_EQ(p.told(), "PUBACK 1 00");
    ScriptedClient& back = open(id, {.clean_start = false});
    EXPECT_GE(back.take().size(), workers() == 1 ? 17U : 2U);  // of those groups that were known
    back.disconnect();
    run();
    EXPECT_EQ(sum(&Metrics::queued_messages), 0);
  }
}

}  // namespace
}  // namespace gaon::broker
