// CONNECT and CONNACK: who gets in, and what the others hear.

#include <set>

#include "broker/broker_fixture_test.h"

namespace gaon::broker {
namespace {

struct Connecting : BrokerTest {};
INSTANTIATE_TEST_SUITE_P(on, Connecting, one_and_two, workers_name);

// A client id of any length; the broker's limit is met by it.
std::string long_id(std::size_t size) { return std::string(size, 'x'); }

TEST_P(Connecting, takes_clients_of_every_version_on_every_worker) {
  for (const Version version : {Version::v31, Version::v311, Version::v5}) {
    for (std::size_t home = 0; home < 2; ++home) {
      for (std::size_t from = 0; from < 2; ++from) {
        const std::string id = id_at("c" + std::to_string(from), home);
        ScriptedClient& client = open(id, {.version = version, .accepted_by = from});
        EXPECT_EQ(client.told(), "CONNACK 00") << id;
        client.disconnect();
        run();
        EXPECT_EQ(client.told(), "closed");
      }
    }
  }
  EXPECT_EQ(sum(&Metrics::connections), 0);
  EXPECT_EQ(sum(&Metrics::clients_connected), 0);
  EXPECT_EQ(sum(&Metrics::sessions), 0);
}

// [MQTT-3.2.2-16]
TEST_P(Connecting, gives_different_ids_to_clients_without_one) {
  std::set<std::string> ids;
  for (std::size_t i = 0; i < 20; ++i) {
    ScriptedClient& client = open("", {.accepted_by = i % 2});
    const auto got = client.take();
    ASSERT_EQ(got.size(), 1U);
    ids.emplace(got[0].properties().text(Property::assigned_client_identifier).value_or(""));
  }
  EXPECT_EQ(ids.size(), 20U);
  EXPECT_EQ(ids.count(""), 0U);
  EXPECT_EQ(open("", {.version = Version::v311}).told(), "CONNACK 00");
}

TEST_P(Connecting, refuses_with_the_code_that_the_version_has) {
  config.limits.client_id_bytes_max = 30;
  const std::string id = long_id(31);
  EXPECT_EQ(open(id).told(), "CONNACK 85, closed");
  EXPECT_EQ(open(id, {.version = Version::v311}).told(), "CONNACK 85, closed");
  EXPECT_EQ(open("", {.version = Version::v311, .clean_start = false}).told(), "CONNACK 85, closed");
  const Props method = Props().text(Property::authentication_method, "SCRAM-SHA-1");
  EXPECT_EQ(open("a", {.properties = &method}).told(), "CONNACK 8c, closed");
  EXPECT_EQ(open(long_id(30)).told(), "CONNACK 00");
}

TEST_P(Connecting, refuses_wills_that_may_not_be_published) {
  config.protocol.maximum_qos = 1;
  config.protocol.retain_available = false;
  config.limits.will_bytes_max = 10;
  EXPECT_EQ(open("a", {.will = mqtt::Will{.topic = "t", .qos = q2}}).told(), "CONNACK 9b, closed");
  EXPECT_EQ(open("a", {.will = mqtt::Will{.topic = "t", .retain = true}}).told(), "CONNACK 9a, closed");
  EXPECT_EQ(open("a", {.will = mqtt::Will{.topic = "$SYS/x"}}).told(), "CONNACK 90, closed");
  EXPECT_EQ(open("a", {.will = mqtt::Will{.topic = "ten bytes", .payload = as_bytes("xx")}}).told(),
            "CONNACK 95, closed");
  // 3.1.1 has no code for any of them.
  EXPECT_EQ(open("a", {.version = Version::v311, .will = mqtt::Will{.topic = "t", .qos = q2}}).told(),
            "closed");
}

TEST_P(Connecting, refuses_anonymous_clients_where_they_are_not_allowed) {
  config.listeners.push_back({.url = {}, .allow_anonymous = false});
  EXPECT_EQ(open("a").told(), "CONNACK 87, closed");
  EXPECT_EQ(open("a", {.version = Version::v311}).told(), "CONNACK 87, closed");
}

TEST_P(Connecting, announces_what_is_limited) {
  config.session.expiry_max_s = 100;
  config.session.keep_alive_max_s = 60;
  config.session.keep_alive_allow_zero = false;
  config.protocol = {.maximum_qos = 1, .wildcard_available = false};
  config.limits.packet_bytes_max = 5'000;
  config.limits.receive_maximum = 7;
  config.limits.topic_alias_maximum = 3;
  const auto got = open("a", {.session_expiry_s = 101}).take();
  ASSERT_EQ(got.size(), 1U);
  const auto number = [&](Property id) { return got[0].properties().number(id); };
  EXPECT_EQ(number(Property::session_expiry_interval), 100U);
  EXPECT_EQ(number(Property::server_keep_alive), 60U);
  EXPECT_EQ(number(Property::maximum_qos), 1U);
  EXPECT_EQ(number(Property::wildcard_subscription_available), 0U);
  EXPECT_EQ(number(Property::retain_available), std::nullopt);
  EXPECT_EQ(number(Property::maximum_packet_size), 5'000U);
  EXPECT_EQ(number(Property::receive_maximum), 7U);
  EXPECT_EQ(number(Property::topic_alias_maximum), 3U);
}

TEST_P(Connecting, understands_packets_that_come_with_the_connect) {
  for (const std::size_t chunk : {std::size_t{1}, std::size_t{7}, std::size_t{1'000}}) {
    ScriptedClient& client = dial(id_at("a", 1), {.accepted_by = 0});
    client.wire.chunk(chunk);
    client.subscribe("t", q1);
    client.publish("t", "x", {.qos = q1});
    run();
    EXPECT_EQ(in_any_order(client.told()), "CONNACK 00, PUBACK 2 00, SUBACK 1 01, t=x q1") << chunk;
    client.publish("t", "y");
    client.disconnect();
    run();
    EXPECT_EQ(client.told(), "t=y, closed") << chunk;
  }
}

TEST_P(Connecting, closes_who_says_nothing_in_time) {
  config.limits.connect_timeout_s = 10;
  ScriptedClient& silent = call();
  ScriptedClient& slow = call(Version::v5, 1);
  slow.send_bytes(as_bytes("\x10"));
  advance(milliseconds(9'990));
  EXPECT_EQ(silent.told() + slow.told(), "");
  advance(milliseconds(20));
  EXPECT_EQ(silent.told(), "closed");
  EXPECT_EQ(slow.told(), "closed");
  EXPECT_EQ(sum(&Metrics::connections), 0);
}

TEST_P(Connecting, who_connected_may_be_silent_for_ever_without_keep_alive) {
  ScriptedClient& client = this->client("a");
  advance(seconds(10'000));
  EXPECT_EQ(client.told(), "");
}

TEST_P(Connecting, takes_no_more_connections_than_allowed) {
  config.limits.connections_max = 2;
  ScriptedClient& first = client("a");
  client("b");
  EXPECT_EQ(open("c").told(), "closed");
  first.disconnect();
  run();
  EXPECT_EQ(open("d").told(), "CONNACK 00");
}

TEST_P(Connecting, keeps_no_more_sessions_than_allowed) {
  config.limits.sessions_max = 2;
  client("a", {.session_expiry_s = 100}).disconnect();
  client("b");
  EXPECT_EQ(open("c").told(), "CONNACK 97, closed");
  EXPECT_EQ(open("d", {.version = Version::v311}).told(), "CONNACK 88, closed");
  EXPECT_EQ(open("a", {.clean_start = false}).told(), "CONNACK 00 present");
}

// [MQTT-3.1.0-1], [MQTT-3.1.0-2]
TEST_P(Connecting, closes_who_begins_otherwise_or_twice) {
  ScriptedClient& otherwise = call();
  otherwise.send(mqtt::Pingreq{});
  ScriptedClient& twice = client("a");
  twice.send(mqtt::Connect{.client_id = "a"});
  run();
  EXPECT_EQ(otherwise.told(), "closed");
  EXPECT_EQ(twice.told(), "DISCONNECT 82, closed");
}

}  // namespace
}  // namespace gaon::broker
