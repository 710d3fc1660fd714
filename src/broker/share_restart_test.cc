// Shared subscriptions over a crash: what a group was given, one member gets.
#include <algorithm>

#include "broker/broker_fixture_test.h"

namespace gaon::broker {
namespace {

struct SharingRestart : BrokerTest {
  SharingRestart() { keeps_log = true; }

  ScriptedClient& member(std::string_view id, std::uint32_t session_expiry_s = 1000, bool acks = true) {
    ScriptedClient& member = client(id, {.session_expiry_s = session_expiry_s, .acks = acks});
    member.subscribe("$share/g/t", q2);
    run();
    EXPECT_EQ(member.told(), "SUBACK 1 02");
    return member;
  }
  void away(std::string_view id, std::uint32_t session_expiry_s = 1000) {
    member(id, session_expiry_s).hang_up();
    run();
  }
  ScriptedClient& resume(std::string_view id, bool acks = true) {
    return open(id, {.clean_start = false, .session_expiry_s = 1000, .acks = acks});
  }
  void publish(const std::string& payload, QoS qos) {
    ScriptedClient& p = client("p");
    p.publish("t", payload, {.qos = qos});
    run();
    EXPECT_EQ(p.told(), qos == q1 ? "PUBACK 1 00" : "PUBREC 1 00, PUBCOMP 1 00");
    p.disconnect();
    run();
  }
  void write_log() {
    while (log().step()) {
    }
  }
};
INSTANTIATE_TEST_SUITE_P(on, SharingRestart, one_and_two, workers_name);

TEST_P(SharingRestart, brings_back_what_waited_with_a_group) {
  away(id_at("a", 0));
  away(id_at("b", 1));
  publish("1", q1);
  publish("2", q2);
  publish("3", q1);
  crash();
  EXPECT_EQ(sum(&Metrics::queued_messages), 3);
  crash();
  EXPECT_EQ(resume(id_at("b", 1)).told(), "CONNACK 00 present, t=1 q1, t=2 q2, t=3 q1");
  crash();
  EXPECT_EQ(resume(id_at("a", 0)).told(), "CONNACK 00 present");
  EXPECT_EQ(sum(&Metrics::queued_messages), 0);
}

TEST_P(SharingRestart, leaves_with_a_member_what_it_was_sent) {
  away(id_at("other", 0));
  ScriptedClient& has = member(id_at("has", 1), 1000, false);
  publish("1", q1);
  publish("2", q2);
  EXPECT_EQ(has.told(), "t=1 q1, t=2 q2");
  crash();
  EXPECT_EQ(resume(id_at("other", 0)).told(), "CONNACK 00 present");
  EXPECT_EQ(resume(id_at("has", 1)).told(), "CONNACK 00 present, t=1 q1 dup, t=2 q2 dup");
  crash();
  EXPECT_EQ(resume(id_at("has", 1)).told(), "CONNACK 00 present");
}

// [MQTT-4.8.2-4] [MQTT-4.8.2-5]
TEST_P(SharingRestart, gives_to_another_what_a_clean_member_did_not_acknowledge) {
  away(id_at("kept", 0));
  ScriptedClient& clean = member(id_at("clean", 1), 0, false);
  publish("1", q1);
  publish("2", q2);
  EXPECT_EQ(clean.told(), "t=1 q1, t=2 q2");
  crash();
  EXPECT_EQ(resume(id_at("kept", 0)).told(), "CONNACK 00 present, t=1 q1");
}

TEST_P(SharingRestart, forgets_what_a_clean_member_is_done_with) {
  away(id_at("kept", 0));
  ScriptedClient& clean = member(id_at("clean", 1), 0);
  publish("1", q1);
  publish("2", q2);
  EXPECT_EQ(clean.told(), "t=1 q1, t=2 q2");
  crash();
  EXPECT_EQ(resume(id_at("kept", 0)).told(), "CONNACK 00 present");
}

TEST_P(SharingRestart, knows_what_a_group_had_before_its_first_kept_member) {
  ScriptedClient& clean = member(id_at("clean", 1), 0, false);
  publish("1", q1);
  EXPECT_EQ(clean.told(), "t=1 q1");
  away(id_at("kept", 0));
  crash();
  EXPECT_EQ(resume(id_at("kept", 0)).told(), "CONNACK 00 present, t=1 q1");
}

// [MQTT-4.8.2-5]
TEST_P(SharingRestart, gives_to_another_what_a_session_that_ends_leaves) {
  away(id_at("stays", 0));
  ScriptedClient& ends = member(id_at("ends", 1), 50, false);
  publish("1", q1);
  publish("2", q2);
  EXPECT_EQ(ends.told(), "t=1 q1, t=2 q2");
  crash();
  broker();
  advance(seconds(51));
  crash();
  EXPECT_EQ(resume(id_at("stays", 0)).told(), "CONNACK 00 present, t=1 q1");
}

TEST_P(SharingRestart, gives_back_what_was_never_sent) {
  config.limits.output_bytes_high = 20;
  away(id_at("other", 0));
  ScriptedClient& slow = member(id_at("slow", 1));
  slow.wire.take_at_most(0);
  for (const char* payload : {"1111111111", "2222222222", "3333333333", "4444444444"}) publish(payload, q1);
  slow.hang_up();
  run();
  crash();
  const std::size_t back = resume(id_at("other", 0)).take().size() - 1;
  const std::size_t kept = resume(id_at("slow", 1)).take().size() - 1;
  EXPECT_GT(back, 0U);
  EXPECT_EQ(back + kept, 4U);
}

TEST_P(SharingRestart, remembers_whose_was_what_an_unsubscribed_member_has) {
  away(id_at("stays", 0));
  ScriptedClient& goes = member(id_at("goes", 1), 50, false);
  publish("1", q1);
  goes.unsubscribe({"$share/g/t"});
  run();
  EXPECT_EQ(goes.told(), "t=1 q1, UNSUBACK 2 00");
  crash();
  ScriptedClient& stays = resume(id_at("stays", 0));
  EXPECT_EQ(stays.told(), "CONNACK 00 present");
  advance(seconds(51));
  EXPECT_EQ(stays.told(), "t=1 q1");
}

// U5-4.8.2-c
TEST_P(SharingRestart, ends_a_group_with_its_last_member) {
  away("a", 10);
  publish("1", q1);
  crash();
  EXPECT_EQ(sum(&Metrics::queued_messages), 1);
  advance(seconds(11));
  EXPECT_EQ(sum(&Metrics::queued_messages), 0);
  crash();
  EXPECT_EQ(member("b").told(), "");
}

TEST_P(SharingRestart, has_what_is_left_of_a_queue_that_ran_over) {
  config.limits.group_queue_messages_max = 2;
  config.session.overflow = OverflowPolicy::drop_oldest;
  away("a");
  publish("1", q1);
  publish("2", q1);
  publish("3", q1);
  crash();
  EXPECT_EQ(resume("a").told(), "CONNACK 00 present, t=2 q1, t=3 q1");
}

// The home has it, its member's worker has not looked yet.
TEST_P(SharingRestart, finds_what_was_on_its_way_to_a_member) {
  ScriptedClient& far = client(id_at("far", 1), {.session_expiry_s = 1000});
  constexpr std::size_t kGroups = 8;
  std::size_t at_first = 0;
  for (std::size_t i = 0; i < kGroups; ++i) {
    const std::string name = "g" + std::to_string(i);
    far.subscribe("$share/" + name + "/t", q1);
    at_first +=
        broker().worker_of_shard(Broker::shard_of(hash(group_key(name, "t"), broker().seed()))) == 0 ? 1 : 0;
  }
  run();
  ASSERT_GT(at_first, 0U);
  client(id_at("p", 0)).publish("t", "x", {.qos = q1});
  tick(0);
  write_log();
  crash();
  EXPECT_EQ(resume(id_at("far", 1)).take().size() - 1, at_first);
}

// What was taken in goes once more to the groups that did not have it, and to no other.
TEST_P(SharingRestart, finishes_the_way_of_a_qos_2_message_to_groups) {
  ScriptedClient& near = client(id_at("near", 0), {.session_expiry_s = 1000});
  constexpr std::size_t kGroups = 8;
  for (std::size_t i = 0; i < kGroups; ++i) near.subscribe("$share/g" + std::to_string(i) + "/t", q2);
  run();
  near.hang_up();
  run();
  client(id_at("p", 0), {.session_expiry_s = 1000, .acks = false}).publish("t", "x", {.qos = q2});
  tick(0);  // The other worker does not come to it.
  write_log();
  crash();
  const std::vector<Got> all = resume(id_at("near", 0)).take();
  EXPECT_EQ(std::ranges::count(all, "t=x q2", &Got::text), kGroups);
  crash();
  EXPECT_EQ(resume(id_at("near", 0)).told(), "CONNACK 00 present");
}

TEST_P(SharingRestart, refuses_what_a_group_must_keep_while_the_disk_is_full) {
  away("a");
  disk.set_faults({.room = disk.used()});
  ScriptedClient& p = client("p");
  bool refused = false;
  // First the rest of the segment is used.
  for (int i = 0; i < 2000 && !refused; ++i) {
    p.publish("t", std::string(1000, 'x'), {.qos = q1});
    run();
    for (const Got& got : p.take()) refused = refused || got.reason == Reason::quota_exceeded;
  }
  EXPECT_TRUE(refused);
  EXPECT_GT(dropped(DropReason::journal_full), 0);
}

}  // namespace
}  // namespace gaon::broker
