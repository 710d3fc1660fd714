// The journal stays small, and what lives is not lost by it.
#include "broker/broker_fixture_test.h"

namespace gaon::broker {
namespace {

constexpr std::size_t kSegment = 16 * kKiB;

struct Clean : BrokerTest {
  Clean() {
    keeps_log = true;
    log_options.segment_bytes = kSegment;
  }

  // An offline session of the name with one subscription to t/<name>.
  void leave(const std::string& name, std::size_t worker, QoS qos = q2) {
    ScriptedClient& s = client(id_at(name, worker), {.session_expiry_s = 100'000});
    s.subscribe("t/" + name, qos);
    run();
    s.hang_up();
    run();
  }
  ScriptedClient& resume(const std::string& name, std::size_t worker) {
    return open(id_at(name, worker), {.clean_start = false, .session_expiry_s = 100'000});
  }
  // So many messages of 1 KiB come and are acknowledged, and time passes.
  void churn(int messages) {
    ScriptedClient& s = client(id_at("churn", 1), {.session_expiry_s = 100'000});
    s.subscribe("churn", q2);
    run();
    ScriptedClient& p = client(id_at("feeder", 0));
    for (int i = 0; i < messages; ++i) {
      p.publish("churn", std::string(kKiB, 'x'), {.qos = q2});
      if (i % 16 != 15) continue;
      run();
      advance(seconds(1));
    }
    run();
    s.hang_up();
    p.hang_up();
    advance(seconds(5));
    run();
  }
};
INSTANTIATE_TEST_SUITE_P(on, Clean, one_and_two, workers_name);

TEST_P(Clean, keeps_the_journal_small) {
  leave("s", 0);
  client("p").publish("t/s", "kept", {.qos = q1});
  run();
  churn(500);
  EXPECT_LE(log().disk_bytes(), 6 * kSegment);
  EXPECT_GT(log().oldest_segment(), 10u);
  EXPECT_GT(sum(&Metrics::cleaned_segments), 10);
}

TEST_P(Clean, loses_nothing_that_lives) {
  mqtt::Will will{.topic = "t/a", .payload = as_bytes("will of c"), .qos = q1};
  Props delay;
  delay.number(Property::will_delay_interval, 50'000);
  will.properties = delay;
  leave("a", 0);
  leave("b", 1, q1);
  ScriptedClient& c = client(id_at("c", 1), {.session_expiry_s = 100'000, .will = will});
  ScriptedClient& p = client(id_at("p", 0), {.session_expiry_s = 100'000});
  c.subscribe("$share/g/other", q1);
  for (int i = 1; i <= 3; ++i) {
    p.publish("t/a", "a" + std::to_string(i), {.qos = q2});
    p.publish("t/b", "b" + std::to_string(i), {.qos = q1});
  }
  p.publish("r/1", "old", {.qos = q1, .retain = true});
  p.publish("r/1", "new", {.qos = q1, .retain = true});
  p.publish("r/2", "gone", {.qos = q1, .retain = true});
  p.publish("r/2", "", {.qos = q1, .retain = true});
  run();
  c.hang_up();
  run();
  churn(300);
  crash();
  churn(300);  // Now what waits is not in memory.
  crash();
  EXPECT_EQ(resume("b", 1).told(), "CONNACK 00 present, t/b=b1 q1, t/b=b2 q1, t/b=b3 q1");
  ScriptedClient& a = resume("a", 0);
  EXPECT_EQ(a.told(), "CONNACK 00 present, t/a=a1 q2, t/a=a2 q2, t/a=a3 q2");
  ScriptedClient& r = client("r");
  r.subscribe("r/#", q1);
  run();
  EXPECT_EQ(r.told(), "SUBACK 1 01, r/1=new q1 retain");
  advance(seconds(50'000));
  run();
  EXPECT_EQ(a.told(), "t/a=will of c q1");
  EXPECT_EQ(resume("c", 1).told(), "CONNACK 00 present");
}

TEST_P(Clean, does_not_bring_back_a_shared_subscription_that_has_something_under_way) {
  ScriptedClient& s = client(id_at("s", 1), {.session_expiry_s = 100'000, .acks = false});
  s.subscribe("$share/g/t", q1);
  run();
  client("p").publish("t", "one", {.qos = q1});
  run();
  s.unsubscribe({"$share/g/t"});
  run();
  s.hang_up();
  run();
  churn(300);
  crash();
  EXPECT_EQ(resume("s", 1).told(), "CONNACK 00 present, t=one q1 dup");
  ScriptedClient& p = client("p2");
  p.publish("t", "two", {.qos = q1});
  run();
  EXPECT_EQ(p.told(), "PUBACK 1 10");
}

// [MQTT-4.8.2-4]
TEST_P(Clean, does_not_bring_back_what_a_member_got_before_it_asked_for_another_qos) {
  ScriptedClient& kept = client(id_at("kept", 1), {.session_expiry_s = 100'000});
  kept.subscribe("$share/g/t", q2);
  run();
  kept.hang_up();
  ScriptedClient& clean = client(id_at("clean", 0), {.acks = false});
  clean.subscribe("$share/g/t", q2);
  run();
  client("p").publish("t", "one", {.qos = q2});
  run();
  clean.subscribe("$share/g/t", q1);
  run();
  EXPECT_EQ(clean.told(), "SUBACK 1 02, t=one q2, SUBACK 2 01");
  churn(300);
  crash();
  EXPECT_EQ(resume("kept", 1).told(), "CONNACK 00 present");
}

TEST_P(Clean, keeps_what_was_sent_and_what_is_held) {
  leave("s", 1);
  ScriptedClient& p = client(id_at("p", 0), {.session_expiry_s = 100'000});
  p.acks = false;
  p.publish("t/s", "one", {.qos = q2, .packet_id = 7});
  run();
  ScriptedClient& s = open(id_at("s", 1), {.clean_start = false, .session_expiry_s = 100'000, .acks = false});
  run();
  EXPECT_EQ(s.told(), "CONNACK 00 present, t/s=one q2");
  s.hang_up();
  p.hang_up();
  run();
  churn(300);
  crash();
  EXPECT_EQ(resume("s", 1).told(), "CONNACK 00 present, t/s=one q2 dup");
  ScriptedClient& again = resume("p", 0);
  again.publish("t/s", "one", {.qos = q2, .dup = true, .packet_id = 7});
  run();
  EXPECT_EQ(again.told(), "CONNACK 00 present, PUBREC 7 00, PUBCOMP 7 00");
  EXPECT_EQ(resume("s", 1).told(), "CONNACK 00 present");
}

TEST_P(Clean, waits_with_what_it_cannot_read_now) {
  leave("s", 0);
  client("p").publish("t/s", "kept", {.qos = q1});
  run();
  churn(20);
  disk.set_faults({.open_error = EMFILE});
  churn(100);
  disk.set_faults({});
  churn(300);
  EXPECT_GT(log().oldest_segment(), 3u);
  crash();
  EXPECT_EQ(resume("s", 0).told(), "CONNACK 00 present, t/s=kept q1");
}

TEST_P(Clean, makes_room_on_a_full_disk) {
  leave("s", 0);
  client("p").publish("t/s", "kept", {.qos = q1});
  run();
  churn(20);
  disk.set_faults({.room = disk.used() + 2 * kSegment});
  churn(300);
  EXPECT_EQ(log().health(), journal::Health::good);
  disk.set_faults({});
  crash();
  EXPECT_EQ(resume("s", 0).told(), "CONNACK 00 present, t/s=kept q1");
}

}  // namespace
}  // namespace gaon::broker
