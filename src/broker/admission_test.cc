// Who is let in, and how many at a time and a second.
#include "broker/believer_test.h"
#include "broker/broker_fixture_test.h"
#include "net/entrance.h"

namespace gaon::broker {
namespace {

struct AdmissionOf : BrokerTest {
  AdmissionOf() { config.listeners.push_back({.url = {}, .allow_anonymous = true}); }
  ListenerLimits& listener() { return config.listeners[0].limits; }
  std::int64_t refused(Refusal why) {
    std::int64_t total = 0;
    for (std::size_t i = 0; i < workers(); ++i)
      total += broker().worker(i).metrics.refused[static_cast<std::size_t>(why)].get();
    return total;
  }
  std::string told(std::string_view client_id, const Opening& opening = {}) {
    return open(client_id, opening).told();
  }
  NameBeliever believer;
};
INSTANTIATE_TEST_SUITE_P(on, AdmissionOf, one_and_two, workers_name);

TEST_P(AdmissionOf, a_listener_ends_with_its_connections_and_begins_again_when_one_goes) {
  listener().connections_max = 2;
  ScriptedClient& first = client(id_at("a", 0), {.accepted_by = 1});
  client(id_at("b", 1));
  ScriptedClient& third = call();
  run();
  EXPECT_TRUE(third.wire.aborted());
  EXPECT_EQ(refused(Refusal::listener_connections), 1);
  first.disconnect();
  run();
  EXPECT_EQ(told("c"), "CONNACK 00");
}

TEST_P(AdmissionOf, an_address_ends_with_its_connections_whether_they_sent_connect_or_not) {
  config.limits.connections_per_address_max = 2;
  call();
  ScriptedClient& second = client(id_at("a", 1));
  ScriptedClient& third = call(Version::v5, 1);
  run();
  EXPECT_TRUE(third.wire.aborted());
  EXPECT_EQ(refused(Refusal::address_connections), 1);
  second.hang_up();
  run();
  EXPECT_EQ(told("c"), "CONNACK 00");
}

TEST_P(AdmissionOf, a_listener_may_say_otherwise_about_addresses) {
  config.limits.connections_per_address_max = 1;
  listener().connections_per_address_max = 3;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(told("c" + std::to_string(i)), "CONNACK 00");
  ScriptedClient& fourth = call();
  run();
  EXPECT_TRUE(fourth.wire.aborted());
}

TEST_P(AdmissionOf, addresses_behind_a_proxy_are_those_that_it_tells) {
  listener().connections_per_address_max = 1;
  config.listeners[0].proxy_protocol = true;
  admit = net::admit_by({.proxies = net::Networks::parse("127.0.0.1").value()});
  const auto come = [&](const std::string& address) -> ScriptedClient& {
    ScriptedClient& c = call();
    c.send_bytes(as_bytes("PROXY TCP4 " + address + " 10.0.0.1 4711 1883\r\n"));
    c.send(mqtt::Connect{.version = Version::v5, .clean_start = true, .client_id = address});
    run();
    return c;
  };
  EXPECT_EQ(come("192.0.2.1").told(), "CONNACK 00");
  EXPECT_EQ(come("192.0.2.2").told(), "CONNACK 00");
  EXPECT_EQ(come("192.0.2.1").told(), "closed");
}

TEST_P(AdmissionOf, addresses_of_one_site_count_as_one) {
  listener().connections_per_address_max = 1;
  config.listeners[0].proxy_protocol = true;
  admit = net::admit_by({.proxies = net::Networks::parse("127.0.0.1").value()});
  const auto come = [&](const std::string& address) {
    ScriptedClient& c = call();
    c.send_bytes(as_bytes("PROXY TCP6 " + address + " 2001:db8::1 4711 1883\r\n"));
    c.send(mqtt::Connect{.version = Version::v5, .clean_start = true, .client_id = address});
    run();
    return c.told();
  };
  EXPECT_EQ(come("2001:db8:0:1::1"), "CONNACK 00");
  EXPECT_EQ(come("2001:db8:0:1:ffff::2"), "closed");
  EXPECT_EQ(come("2001:db8:0:2::1"), "CONNACK 00");
  EXPECT_EQ(come("::ffff:192.0.2.1"), "CONNACK 00");
  EXPECT_EQ(come("::ffff:192.0.2.2"), "CONNACK 00");
  EXPECT_EQ(come("::ffff:192.0.2.1"), "closed");
}

TEST_P(AdmissionOf, a_user_ends_with_its_connections_but_may_take_its_own_over) {
  authenticator = &believer;
  config.limits.connections_per_user_max = 2;
  config.limit_entries = {{.user = "many", .values = {{find_client_limit("connections_per_user_max"), 3}}}};
  EXPECT_EQ(told(id_at("a", 0), {.user_name = "u"}), "CONNACK 00");
  EXPECT_EQ(told(id_at("b", 1), {.user_name = "u"}), "CONNACK 00");
  EXPECT_EQ(told(id_at("c", 1), {.user_name = "u"}), "CONNACK 97, closed");
  EXPECT_EQ(told(id_at("c", 1), {.version = Version::v311, .user_name = "u"}), "CONNACK 88, closed");
  EXPECT_EQ(told(id_at("b", 1), {.user_name = "u"}), "CONNACK 00");
  EXPECT_EQ(told(id_at("c", 0), {.user_name = "u"}), "CONNACK 97, closed");
  EXPECT_EQ(told(id_at("c", 0), {.user_name = "other"}), "CONNACK 00");
  for (const char* id : {"x", "y", "z"}) EXPECT_EQ(told(id, {.user_name = "many"}), "CONNACK 00");
  EXPECT_EQ(told("w", {.user_name = "many"}), "CONNACK 97, closed");
  EXPECT_EQ(refused(Refusal::user_connections), 4);
}

TEST_P(AdmissionOf, who_comes_too_fast_is_accepted_later) {
  listener().connects_per_s = 5;
  std::vector<ScriptedClient*> all;
  for (int i = 0; i < 25; ++i) {
    all.push_back(&dial("c" + std::to_string(i), {.accepted_by = static_cast<std::size_t>(i) % 2}));
  }
  run();
  const auto in = [&] { return sum(&Metrics::clients_connected); };
  EXPECT_GE(in(), 5);
  EXPECT_LE(in(), 6);  // Each worker may be one too fast, and makes up for it.
  for (int second = 1; second <= 3; ++second) {
    advance(seconds(1));
    EXPECT_LE(in(), 6 + 5 * second);
    EXPECT_GE(in(), 4 + 5 * second - 1);
  }
  advance(seconds(2));
  EXPECT_EQ(in(), 25);
  for (ScriptedClient* one : all) EXPECT_EQ(one->told(), "CONNACK 00");
}

TEST_P(AdmissionOf, the_banned_are_told_so) {
  authenticator = &believer;
  config.bans = {{.client = "scanner-*"}, {.user = "eve"}};
  EXPECT_EQ(told("scanner-1", {.user_name = "u"}), "CONNACK 8a, closed");
  EXPECT_EQ(told("a", {.user_name = "eve"}), "CONNACK 8a, closed");
  EXPECT_EQ(told("scanner", {.user_name = "adam"}), "CONNACK 00");
  EXPECT_EQ(refused(Refusal::banned), 2);
}

TEST_P(AdmissionOf, a_banned_network_is_told_so) {
  config.bans = {{.address = "10.0.0.0/8"}, {.address = "127.0.0.0/8"}};
  EXPECT_EQ(told("a"), "CONNACK 8a, closed");
}

TEST_P(AdmissionOf, a_client_that_connects_too_often_stays_out_for_a_while) {
  config.limits.flapping_connects = 3;
  config.limits.flapping_window_s = 10;
  config.limits.flapping_ban_s = 60;
  const std::string flapping = id_at("f", 1);
  for (int i = 0; i < 3; ++i) {
    ScriptedClient& c = client(flapping);
    c.disconnect();
    advance(seconds(1));
  }
  EXPECT_EQ(told(flapping), "CONNACK 9f, closed");
  EXPECT_EQ(told("other"), "CONNACK 00");
  advance(seconds(55));
  EXPECT_EQ(told(flapping), "CONNACK 9f, closed");
  advance(seconds(10));
  EXPECT_EQ(told(flapping), "CONNACK 00");
  EXPECT_EQ(refused(Refusal::flapping), 2);
}

TEST_P(AdmissionOf, a_client_that_connects_now_and_then_does_not_flap) {
  config.limits.flapping_connects = 3;
  config.limits.flapping_window_s = 10;
  for (int i = 0; i < 10; ++i) {
    client("c").disconnect();
    advance(seconds(6));
  }
}

TEST_P(AdmissionOf, a_packet_before_connect_is_bounded) {
  config.limits.connect_bytes_max = 1'024;
  ScriptedClient& c = call();
  const std::string start("\x10\x81\x08", 3);  // CONNECT of 1,025 bytes, of which nothing comes
  c.send_bytes(as_bytes(start));
  run();
  EXPECT_TRUE(c.wire.closed());
}

}  // namespace
}  // namespace gaon::broker
