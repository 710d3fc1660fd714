// Keep alive: closed at 1.5 times of it, not before and not after.
#include "broker/broker_fixture_test.h"

namespace gaon::broker {
namespace {

struct KeepAlive : BrokerTest {};
INSTANTIATE_TEST_SUITE_P(on, KeepAlive, one_and_two, workers_name);

// A timer is late by less than its tick.
constexpr Duration kTick = net::TimerWheel::kTick;

// [MQTT-3.1.2-22]
TEST_P(KeepAlive, closes_after_one_and_a_half_of_it) {
  for (const std::uint16_t keep_alive_s : std::initializer_list<std::uint16_t>{1, 5, 10, 600}) {
    ScriptedClient& v5 = client("a", {.keep_alive_s = keep_alive_s});
    ScriptedClient& v311 = client("b", {.version = Version::v311, .keep_alive_s = keep_alive_s});
    advance(milliseconds(keep_alive_s * 1'500) - milliseconds(1));
    EXPECT_EQ(v5.told() + v311.told(), "") << keep_alive_s;
    advance(kTick + milliseconds(1));
    EXPECT_EQ(v5.told(), "DISCONNECT 8d, closed") << keep_alive_s;
    EXPECT_EQ(v311.told(), "closed") << keep_alive_s;
  }
}

TEST_P(KeepAlive, counts_from_the_last_packet_of_any_kind) {
  ScriptedClient& c = client("a", {.keep_alive_s = 10});
  advance(seconds(14));
  c.send(mqtt::Pingreq{});
  advance(seconds(14));
  c.publish("t", "x");
  advance(milliseconds(14'999));
  EXPECT_EQ(c.told(), "PINGRESP");
  advance(kTick + milliseconds(1));
  EXPECT_EQ(c.told(), "DISCONNECT 8d, closed");
}

TEST_P(KeepAlive, is_not_kept_by_what_the_broker_sends) {
  ScriptedClient& c = client("a", {.keep_alive_s = 10, .acks = false});
  c.subscribe("t", q0);
  ScriptedClient& p = client("p");
  advance(seconds(8));
  p.publish("t", "x");
  advance(seconds(8));
  EXPECT_EQ(c.told(), "SUBACK 1 00, t=x, DISCONNECT 8d, closed");
}

TEST_P(KeepAlive, is_cut_to_the_maximum_for_version_5) {
  config.session.keep_alive_max_s = 10;
  ScriptedClient& c = client("a", {.keep_alive_s = 1'000});
  ScriptedClient& old = client("b", {.version = Version::v311, .keep_alive_s = 1'000});
  advance(seconds(15) + kTick);
  EXPECT_EQ(c.told(), "DISCONNECT 8d, closed");
  EXPECT_EQ(old.told(), "");
}

TEST_P(KeepAlive, leaves_the_session_as_a_broken_connection_does) {
  client("a", {.keep_alive_s = 10, .session_expiry_s = 20});
  advance(seconds(16));
  EXPECT_EQ(sum(&Metrics::sessions), 1);
  advance(seconds(20));
  EXPECT_EQ(sum(&Metrics::sessions), 0);
}

}  // namespace
}  // namespace gaon::broker
