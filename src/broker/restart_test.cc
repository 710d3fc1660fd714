// What a restart finds: the real journal on a disk in memory that loses power.
#include "broker/broker_fixture_test.h"

namespace gaon::broker {
namespace {

struct Restart : BrokerTest {
  Restart() { keeps_log = true; }

  // A session with one subscription that is offline.
  void leave(std::string_view id, const std::string& filter, QoS qos = q2, std::uint32_t expiry_s = 1000) {
    ScriptedClient& s = client(id, {.session_expiry_s = expiry_s});
    s.subscribe(filter, qos);
    run();
    s.hang_up();
    run();
  }
  ScriptedClient& resume(std::string_view id, bool acks = true) {
    return open(id, {.clean_start = false, .session_expiry_s = 1000, .acks = acks});
  }
};
INSTANTIATE_TEST_SUITE_P(on, Restart, one_and_two, workers_name);

TEST_P(Restart, brings_back_a_session_and_its_subscriptions) {
  leave("s", "t/+", q1);
  crash();
  client("p").publish("t/1", "x", {.qos = q2});
  run();
  EXPECT_EQ(resume("s").told(), "CONNACK 00 present, t/1=x q1");
}

TEST_P(Restart, brings_back_places_in_shared_groups) {
  leave("a", "$share/g/t", q1);
  leave("b", "$share/g/t", q1);
  crash();
  ScriptedClient& a = resume("a");
  ScriptedClient& b = resume("b");
  ScriptedClient& p = client("p");
  p.publish("t", "1", {.qos = q1});
  p.publish("t", "2", {.qos = q1});
  run();
  EXPECT_EQ(in_any_order(a.told() + ", " + b.told()),
            "CONNACK 00 present, CONNACK 00 present, t=1 q1, t=2 q1");
}

// Of use under the address sanitizer: the replay walks the store of what ends.
TEST_P(Restart, may_come_in_the_middle_of_a_replay_of_retained_messages) {
  ScriptedClient& p = client("p");
  for (int i = 0; i < 200; ++i) p.publish("t/" + std::to_string(i), "x", {.qos = q1, .retain = true});
  run();
  const Props one_at_a_time =
      Props().number(Property::session_expiry_interval, 1000).number(Property::receive_maximum, 1);
  ScriptedClient& s = client("s", {.properties = &one_at_a_time, .acks = false});
  s.subscribe("t/#", q1);
  run();
  EXPECT_EQ(s.take().size(), 2U);  // SUBACK and the first
  crash();
  EXPECT_EQ(resume("s").told().find("CONNACK 00 present"), 0U);
}

TEST_P(Restart, does_not_bring_back_what_ended) {
  leave("cleaned", "t");
  client("cleaned");
  leave("expired", "t", q1, 10);
  advance(seconds(20));
  ScriptedClient& s = client("unsubscribed", {.session_expiry_s = 1000});
  s.subscribe("t");
  s.unsubscribe({"t"});
  run();
  crash();
  ScriptedClient& p = client("p");
  p.publish("t", "x", {.qos = q1});
  run();
  EXPECT_EQ(p.told(), "PUBACK 1 10");
  EXPECT_EQ(sum(&Metrics::sessions), 2);  // with the publisher's
  EXPECT_EQ(resume("expired").told(), "CONNACK 00");
  EXPECT_EQ(resume("cleaned").told(), "CONNACK 00");
  EXPECT_EQ(resume("unsubscribed").told(), "CONNACK 00 present");
}

TEST_P(Restart, brings_back_what_waited_in_order) {
  leave(id_at("s", 1), "t/#");
  ScriptedClient& p = client(id_at("p", 0));
  p.publish("t/1", "a", {.qos = q1});
  p.publish("t/2", "b", {.qos = q2});
  p.publish("t/3", "c", {.qos = q1});
  run();
  EXPECT_EQ(p.told(), "PUBACK 1 00, PUBREC 2 00, PUBACK 3 00, PUBCOMP 2 00");
  crash();
  EXPECT_EQ(resume(id_at("s", 1)).told(), "CONNACK 00 present, t/1=a q1, t/2=b q2, t/3=c q1");
  EXPECT_EQ(sum(&Metrics::queued_messages), 0);
  crash();
  EXPECT_EQ(resume(id_at("s", 1)).told(), "CONNACK 00 present");
}

// [MQTT-3.3.1-1] [MQTT-4.4.0-1]
TEST_P(Restart, sends_the_unacknowledged_again_with_the_same_ids) {
  ScriptedClient& before = client("s", {.session_expiry_s = 1000, .acks = false});
  before.subscribe("t/#", q2);
  run();
  before.take();
  ScriptedClient& p = client("p");
  for (const char* topic : {"t/1", "t/2", "t/3", "t/4"}) p.publish(topic, "x", {.qos = q1});
  p.publish("t/5", "y", {.qos = q2});
  p.publish("t/6", "y", {.qos = q2});
  run();
  const std::vector<Got> first = before.take();
  ASSERT_EQ(first.size(), 6U);
  before.send(mqtt::Puback{.packet_id = first[1].packet_id});
  before.send(mqtt::Pubrec{.packet_id = first[4].packet_id});
  run();
  EXPECT_EQ(before.told(), "PUBREL 5 00");
  crash();
  const std::vector<Got> again = resume("s", false).take();
  ASSERT_EQ(again.size(), 6U);
  EXPECT_EQ(again[1].text(), "t/1=x q1 dup");
  EXPECT_EQ(again[1].packet_id, first[0].packet_id);
  EXPECT_EQ(again[2].text(), "t/3=x q1 dup");
  EXPECT_EQ(again[2].packet_id, first[2].packet_id);
  EXPECT_EQ(again[3].packet_id, first[3].packet_id);
  EXPECT_EQ(again[4].text(), "PUBREL 5 00");
  EXPECT_EQ(again[5].text(), "t/6=y q2 dup");
  EXPECT_EQ(again[5].packet_id, first[5].packet_id);
}

// The first is left unacknowledged until its packet id would come round again.
TEST_P(Restart, sends_again_with_the_id_that_was_taken_instead_of_one_in_use) {
  constexpr std::size_t kRound = 65'535;
  leave(id_at("s", 1), "t", q1);
  ScriptedClient& p = client(id_at("p", 0));
  for (std::size_t i = 0; i <= kRound; ++i) {
    p.publish("t", std::to_string(i), {.qos = q1, .packet_id = static_cast<std::uint16_t>(i % 1000 + 1)});
    if (i % 500 == 0) run();
  }
  run();
  ScriptedClient& before = resume(id_at("s", 1), false);
  std::uint16_t last = 0;
  for (bool more = true; std::exchange(more, false) && last == 0; run()) {
    for (const Got& got : before.take()) {
      if (got.type != mqtt::PacketType::publish || got.packet_id == 1) continue;
      more = true;
      if (got.payload == std::to_string(kRound)) {
        last = got.packet_id;
      } else {
        before.send(mqtt::Puback{.packet_id = got.packet_id});
      }
    }
  }
  ASSERT_GT(last, 1);
  crash();
  const std::vector<Got> again = resume(id_at("s", 1), false).take();
  ASSERT_EQ(again.size(), 3U);
  EXPECT_EQ(again[1].packet_id, 1);
  EXPECT_EQ(again[2].text(), "t=65535 q1 dup");
  EXPECT_EQ(again[2].packet_id, last);
}

// [MQTT-4.3.3-10]
TEST_P(Restart, knows_a_repeated_publish_of_qos_2) {
  leave(id_at("s", 1), "t");
  ScriptedClient& before = client(id_at("p", 0), {.session_expiry_s = 1000, .acks = false});
  before.publish("t", "x", {.qos = q2, .packet_id = 9});
  run();
  EXPECT_EQ(before.told(), "PUBREC 9 00");
  crash();
  ScriptedClient& after = resume(id_at("p", 0));
  after.publish("t", "x", {.qos = q2, .dup = true, .packet_id = 9});
  run();
  EXPECT_EQ(after.told(), "CONNACK 00 present, PUBREC 9 00, PUBCOMP 9 00");
  EXPECT_EQ(resume(id_at("s", 1)).told(), "CONNACK 00 present, t=x q2");
  after.publish("t", "y", {.qos = q2, .packet_id = 9});
  run();
  EXPECT_EQ(after.told(), "PUBREC 9 00, PUBCOMP 9 00");
}

TEST_P(Restart, promises_nothing_that_is_not_on_the_disk) {
  leave("s", "t");
  log_stands = true;
  ScriptedClient& p = client("p");
  p.publish("t", "x", {.qos = q1});
  p.publish("t", "y", {.qos = q2});
  run();
  EXPECT_EQ(p.told(), "");
  log_stands = false;
  run();
  EXPECT_EQ(p.told(), "PUBACK 1 00, PUBREC 2 00, PUBCOMP 2 00");
}

// [MQTT-3.1.3-9]: it was due with the crash, so coming back does not take it away.
TEST_P(Restart, publishes_the_will_of_one_that_is_back_at_once) {
  leave("s", "will/#", q1);
  const mqtt::Will will{.topic = "will/now", .qos = q1};
  client("w", {.session_expiry_s = 1000, .will = will});
  advance(net::TimerWheel::kTick / 2);  // Between two ticks of the timers.
  crash();
  open("w", {.clean_start = false, .session_expiry_s = 1000, .will = will});
  EXPECT_EQ(resume("s").told(), "CONNACK 00 present, will/now= q1");
}

// [MQTT-3.1.3-9]
TEST_P(Restart, publishes_the_wills_of_those_it_cut_off) {
  leave("s", "will/#", q1);
  client("now", {.session_expiry_s = 1000, .will = mqtt::Will{.topic = "will/now", .qos = q1}});
  const Props delay = Props().number(Property::will_delay_interval, 30);
  client("late", {.session_expiry_s = 1000,
                  .will = mqtt::Will{.topic = "will/late", .qos = q1, .properties = delay}});
  client("gone", {.session_expiry_s = 1000, .will = mqtt::Will{.topic = "will/gone", .qos = q1}})
      .disconnect();
  run();
  crash();
  ScriptedClient& s = resume("s");
  run();
  EXPECT_EQ(s.told(), "CONNACK 00 present, will/now= q1");
  advance(seconds(29));
  EXPECT_EQ(s.told(), "");
  advance(seconds(1));
  EXPECT_EQ(s.told(), "will/late= q1");
  crash();
  EXPECT_EQ(resume("s").told(), "CONNACK 00 present");
}

TEST_P(Restart, does_not_prolong_what_was_offline) {
  leave("s", "t", q1, 100);
  advance(seconds(60));
  crash();
  broker();
  advance(seconds(30));
  crash();
  EXPECT_EQ(sum(&Metrics::sessions), 1);
  advance(seconds(11));
  EXPECT_EQ(sum(&Metrics::sessions), 0);
}

TEST_P(Restart, counts_the_expiry_of_who_was_online_from_the_crash) {
  client("s", {.session_expiry_s = 100});
  advance(seconds(500));
  crash();
  broker();
  run();
  advance(seconds(60));
  crash();
  EXPECT_EQ(sum(&Metrics::sessions), 1);
  advance(seconds(41));
  EXPECT_EQ(sum(&Metrics::sessions), 0);
}

TEST_P(Restart, brings_back_the_latest_retained_messages) {
  ScriptedClient& p = client("p");
  const Props expiry = Props().number(Property::message_expiry_interval, 10);
  p.publish("t/1", "old", {.qos = q1, .retain = true});
  p.publish("t/1", "new", {.qos = q1, .retain = true});
  p.publish("t/2", "x", {.qos = q2, .retain = true});
  p.publish("t/2", "", {.qos = q1, .retain = true});
  p.publish("t/3", "y", {.retain = true});
  p.publish("t/4", "z", {.retain = true, .properties = expiry});
  run();
  crash();
  advance(seconds(10));
  crash();
  ScriptedClient& s = client("s");
  s.subscribe("t/#", q2);
  run();
  EXPECT_EQ(in_any_order(s.told()), "SUBACK 1 02, t/1=new q1 retain, t/3=y retain");
}

// What was taken in and had not come to the other worker is brought there.
TEST_P(Restart, finishes_the_way_of_a_qos_2_message) {
  const std::string near = id_at("near", 0);
  const std::string far = id_at("far", 1);
  leave(near, "t");
  leave(far, "t");
  ScriptedClient& p = client(id_at("p", 0), {.session_expiry_s = 1000, .acks = false});
  p.publish("t", "x", {.qos = q2, .packet_id = 4});
  tick(0);  // The other worker does not come to it.
  while (log().step()) {
  }
  crash();
  EXPECT_EQ(resume(near).told(), "CONNACK 00 present, t=x q2");
  EXPECT_EQ(resume(far).told(), "CONNACK 00 present, t=x q2");
  crash();
  EXPECT_EQ(resume(far).told(), "CONNACK 00 present");
  ScriptedClient& again = resume(id_at("p", 0));
  again.publish("t", "x", {.qos = q2, .dup = true, .packet_id = 4});
  run();
  EXPECT_EQ(again.told(), "CONNACK 00 present, PUBREC 4 00, PUBCOMP 4 00");
  EXPECT_EQ(resume(near).told(), "CONNACK 00 present");
}

TEST_P(Restart, forgets_a_session_that_resumed_without_expiry) {
  leave("s", "t");
  client("s", {.clean_start = false});
  crash();
  EXPECT_EQ(resume("s").told(), "CONNACK 00");
}

TEST_P(Restart, what_cannot_be_read_now_comes_later) {
  leave("s", "t");
  client("p").publish("t", "kept", {.qos = q1});
  run();
  crash();
  broker();
  disk.set_faults({.open_error = EMFILE});
  ScriptedClient& s = resume("s");
  advance(seconds(1));
  EXPECT_EQ(s.told(), "CONNACK 00 present");
  disk.set_faults({});
  advance(seconds(1));
  EXPECT_EQ(s.told(), "t=kept q1");
  EXPECT_EQ(dropped(DropReason::unreadable), 0);
}

TEST_P(Restart, refuses_what_must_be_kept_while_the_disk_is_full) {
  leave("s", "t");
  ScriptedClient& transient = client("transient");
  transient.subscribe("t", q1);
  run();
  transient.take();
  disk.set_faults({.room = disk.used()});
  ScriptedClient& p = client("p");
  ScriptedClient& old = client("old", {.version = Version::v311});
  std::uint16_t refused = 0;
  // First the rest of the segment is used.
  for (std::uint16_t i = 1; i <= 2000 && refused == 0; ++i) {
    p.publish("t", std::string(1000, 'x'), {.qos = q1});
    run();
    for (const Got& got : p.take()) {
      if (got.reason == Reason::quota_exceeded) refused = got.packet_id;
    }
  }
  ASSERT_NE(refused, 0);
  transient.take();
  old.publish("t", "from old", {.qos = q1});
  p.publish("t", "not kept");
  run();
  EXPECT_EQ(old.told(), "closed");            // [MQTT-3.3.5-2@311]
  EXPECT_EQ(transient.told(), "t=not kept");  // What is refused comes to nobody.
  EXPECT_GT(dropped(DropReason::journal_full), 0);
  disk.set_faults({});
  run();
  p.publish("t", "again", {.qos = q1});
  run();
  EXPECT_EQ(p.take().back().reason, Reason::success);
}

}  // namespace
}  // namespace gaon::broker
