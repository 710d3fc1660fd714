// What the broker still does when the process is near limits.memory_bytes_max, or at it.
#include "broker/broker_fixture_test.h"

namespace gaon::broker {
namespace {

struct Ceiling : BrokerTest {
  void memory_is(MemoryLevel level) {
    broker().set_memory_level(level);
    run();
  }
  // Has a session that is away.
  void leave(std::string_view client_id, std::string_view filter) {
    ScriptedClient& s = client(client_id, {.session_expiry_s = 100});
    s.subscribe(filter, q2);
    run();
    s.hang_up();
    run();
  }
};
INSTANTIATE_TEST_SUITE_P(on, Ceiling, one_and_two, workers_name);

TEST_P(Ceiling, near_it_there_are_no_new_sessions_but_old_ones_go_on) {
  leave(id_at("s", 1), "t");
  memory_is(MemoryLevel::scarce);
  EXPECT_EQ(open("new").told(), "CONNACK 89, closed");
  EXPECT_EQ(open("new", {.version = Version::v311}).told(), "CONNACK 88, closed");
  EXPECT_EQ(open(id_at("s", 1), {.clean_start = false, .session_expiry_s = 100}).told(),
            "CONNACK 00 present");
  memory_is(MemoryLevel::enough);
  EXPECT_EQ(open("new").told(), "CONNACK 00");
}

TEST_P(Ceiling, near_it_what_would_wait_is_refused_and_the_rest_goes_on) {
  leave(id_at("s", 1), "away");
  ScriptedClient& s = client(id_at("r", 1));
  s.subscribe("here", q2);
  run();
  s.take();
  ScriptedClient& p = client(id_at("p", 0));
  memory_is(MemoryLevel::scarce);
  p.publish("away", "1", {.qos = q1});
  p.publish("here", "2", {.qos = q1});
  p.publish("away", "3", {.qos = q0});
  run();
  EXPECT_EQ(p.told(), "PUBACK 1 97, PUBACK 2 00");
  EXPECT_EQ(s.told(), "here=2 q1");
  memory_is(MemoryLevel::enough);
  p.publish("away", "4", {.qos = q1});
  run();
  EXPECT_EQ(p.told(), "PUBACK 3 00");
  EXPECT_EQ(dropped(DropReason::memory_full), 1);
}

TEST_P(Ceiling, near_it_a_publisher_without_a_word_for_refusals_waits) {
  leave(id_at("s", 1), "t");
  ScriptedClient& p = client(id_at("p", 0), {.version = Version::v311, .keep_alive_s = 5});
  memory_is(MemoryLevel::scarce);
  p.send(mqtt::Pingreq{});
  p.publish("t", "1", {.qos = q1});
  run();
  EXPECT_EQ(p.told(), "PINGRESP");
  advance(seconds(60));
  EXPECT_EQ(p.told(), "");
  memory_is(MemoryLevel::enough);
  EXPECT_EQ(p.told(), "PUBACK 1 00");
}

TEST_P(Ceiling, at_it_publishers_wait_and_acknowledgements_are_heard) {
  ScriptedClient& s = client(id_at("s", 1), {.acks = false});
  s.subscribe("t", q1);
  run();
  ScriptedClient& p = client(id_at("p", 0));
  p.publish("t", "1", {.qos = q1});
  run();
  EXPECT_EQ(s.told(), "SUBACK 1 01, t=1 q1");
  p.take();
  memory_is(MemoryLevel::none);
  p.publish("t", "2", {.qos = q1});
  p.publish("t", "3", {.qos = q0});
  s.send(mqtt::Puback{.packet_id = 1});
  s.send(mqtt::Pingreq{});
  run();
  EXPECT_EQ(p.told(), "");
  EXPECT_EQ(s.told(), "PINGRESP");
  EXPECT_EQ(sum(&Metrics::publishers_waiting), 1);
  memory_is(MemoryLevel::scarce);
  EXPECT_EQ(p.told(), "PUBACK 2 00");
  EXPECT_EQ(s.told(), "t=2 q1, t=3");
}

TEST_P(Ceiling, near_it_what_the_journal_keeps_is_still_taken) {
  keeps_log = true;
  leave(id_at("s", 1), "t");
  ScriptedClient& p = client(id_at("p", 0));
  memory_is(MemoryLevel::scarce);
  p.publish("t", "1", {.qos = q1});
  run();
  EXPECT_EQ(p.told(), "PUBACK 1 00");
}

}  // namespace
}  // namespace gaon::broker
