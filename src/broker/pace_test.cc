// Who publishes faster than it may is read later: nothing is lost, and nothing comes sooner.
#include "broker/believer_test.h"
#include "broker/broker_fixture_test.h"

namespace gaon::broker {
namespace {

struct PublishRate : BrokerTest {
  // How many messages s got since the last time.
  static std::size_t got(ScriptedClient& s) {
    std::size_t count = 0;
    for (const Got& one : s.take()) count += one.type == mqtt::PacketType::publish;
    return count;
  }
  static std::string last(ScriptedClient& s) {
    std::string payload;
    for (const Got& one : s.take()) {
      if (one.type == mqtt::PacketType::publish) payload = one.payload;
    }
    return payload;
  }
  void publish_all(ScriptedClient& p, int count, QoS qos = q0) {
    for (int i = 0; i < count; ++i) p.publish("t", std::to_string(i), {.qos = qos});
    run();
  }
  ScriptedClient& subscriber() {
    ScriptedClient& s = client(id_at("s", 1), {.acks = true});
    s.subscribe("t", q2);
    run();
    s.take();
    return s;
  }
};
INSTANTIATE_TEST_SUITE_P(on, PublishRate, one_and_two, workers_name);

TEST_P(PublishRate, is_held_without_losing_or_reordering_anything) {
  config.limits.messages_per_s = 10;
  config.limits.receive_maximum = 100;
  for (const QoS qos : {q0, q1, q2}) {
    ScriptedClient& s = subscriber();
    ScriptedClient& p = client(id_at("p", 0));
    publish_all(p, 50, qos);
    EXPECT_EQ(got(s), 10U);
    for (int second = 1; second <= 3; ++second) {
      advance(seconds(1));
      const std::size_t came = got(s);
      EXPECT_LE(came, 10U);
      EXPECT_GE(came, 9U);
    }
    advance(seconds(2));
    EXPECT_EQ(last(s), "49");
    p.disconnect();
    s.disconnect();
    run();
  }
  EXPECT_EQ(sum(&Metrics::publishers_waiting), 0);
}

TEST_P(PublishRate, lets_a_steady_client_alone) {
  config.limits.messages_per_s = 10;
  ScriptedClient& s = subscriber();
  ScriptedClient& p = client("p");
  for (int i = 0; i < 100; ++i) {
    publish_all(p, 1);
    EXPECT_EQ(got(s), 1U) << i;
    advance(milliseconds(100));
  }
}

TEST_P(PublishRate, counts_bytes_and_lets_a_large_message_pass_once_it_is_made_up_for) {
  config.limits.bytes_per_s = 1'000;
  ScriptedClient& s = subscriber();
  ScriptedClient& p = client("p");
  p.publish("t", std::string(10'000, 'x'));
  p.publish("t", "next");
  run();
  EXPECT_EQ(got(s), 1U);
  advance(milliseconds(8'900));
  EXPECT_EQ(got(s), 0U);
  advance(milliseconds(200));
  EXPECT_EQ(got(s), 1U);
}

TEST_P(PublishRate, is_that_of_each_client_alone) {
  config.limits.messages_per_s = 10;
  ScriptedClient& s = subscriber();
  ScriptedClient& fast = client("fast");
  ScriptedClient& other = client("other");
  publish_all(fast, 100);
  publish_all(other, 5);
  EXPECT_EQ(got(s), 15U);
}

TEST_P(PublishRate, does_not_end_a_connection_that_is_not_read) {
  config.limits.messages_per_s = 1;
  ScriptedClient& s = subscriber();
  ScriptedClient& p = client("p", {.keep_alive_s = 2});
  publish_all(p, 60);
  for (int i = 0; i < 62; ++i) {
    p.send(mqtt::Pingreq{});
    advance(seconds(1));
  }
  const std::string told = p.told();
  EXPECT_EQ(told.find("closed"), std::string::npos) << told;
  EXPECT_EQ(got(s), 60U);
  advance(seconds(4));  // Now it is read, and says nothing.
  EXPECT_TRUE(p.told().ends_with("DISCONNECT 8d, closed"));
}

TEST_P(PublishRate, lets_acknowledgements_in_front_of_a_publish_pass) {
  config.limits.messages_per_s = 1;
  config.limits.inflight_max = 1;
  ScriptedClient& p = client("p", {.acks = false});
  p.subscribe("t", q1);
  publish_all(p, 1, q1);
  ScriptedClient& other = client("other");
  other.publish("t", "a", {.qos = q1});
  run();
  p.take();
  p.send(mqtt::Puback{.packet_id = 1});
  publish_all(p, 5);
  EXPECT_EQ(p.told(), "t=a q1");
}

TEST_P(PublishRate, is_not_passed_by_behind_a_ping) {
  config.limits.messages_per_s = 1;
  ScriptedClient& s = subscriber();
  ScriptedClient& p = client("p");
  for (int i = 0; i < 10; ++i) {
    p.send(mqtt::Pingreq{});
    p.publish("t", "x");
  }
  run();
  EXPECT_EQ(got(s), 1U);
}

TEST_P(PublishRate, holds_for_what_comes_in_one_piece_with_the_connect) {
  config.limits.messages_per_s = 10;
  ScriptedClient& s = subscriber();
  ScriptedClient& p = dial(id_at("p", 1));
  publish_all(p, 30);
  EXPECT_EQ(got(s), 10U);
}

TEST_P(PublishRate, is_no_reason_to_forget_who_says_goodbye_behind_its_messages) {
  config.limits.messages_per_s = 10;
  ScriptedClient& s = subscriber();
  ScriptedClient& p = client("p", {.will = mqtt::Will{.topic = "t", .payload = as_bytes("will")}});
  for (int i = 0; i < 30; ++i) p.publish("t", std::to_string(i));
  p.disconnect();
  p.hang_up();
  run();
  advance(seconds(3));
  EXPECT_EQ(got(s), 30U);
  EXPECT_TRUE(p.wire.closed());
}

TEST_P(PublishRate, ends_with_the_connection_when_another_takes_over) {
  config.limits.messages_per_s = 10;
  ScriptedClient& p = client("p");
  publish_all(p, 100);
  EXPECT_EQ(sum(&Metrics::publishers_waiting), 1);
  client("p");
  EXPECT_EQ(p.told(), "DISCONNECT 8e, closed");
  EXPECT_EQ(sum(&Metrics::publishers_waiting), 0);
  advance(seconds(20));
}

struct LimitsOfClients : BrokerTest {
  LimitsOfClients() { authenticator = &believer; }
  ScriptedClient& enter(std::string_view client_id, std::string_view user) {
    return client(client_id, {.user_name = user});
  }
  static ClientLimitValues values(std::string_view name, std::uint64_t value) {
    return {{find_client_limit(name), value}};
  }
  NameBeliever believer;
};
INSTANTIATE_TEST_SUITE_P(on, LimitsOfClients, one_and_two, workers_name);

TEST_P(LimitsOfClients, are_those_of_the_first_entry_that_fits_over_those_of_the_listener) {
  config.listeners.push_back({.url = {}, .limits = {.of_clients = values("topic_levels_max", 3)}});
  config.limit_entries = {{.user = "plc*", .values = values("topic_levels_max", 5)},
                          {.user = "plc7", .values = values("topic_levels_max", 1)},
                          {.user = "eve", .client = "x*", .values = values("topic_levels_max", 2)}};
  struct Case {
    const char* user;
    const char* client_id;
    const char* most;
  };
  for (const Case& one : {Case{"plc7", "a", "1/2/3/4/5"}, Case{"eve", "xx", "1/2"}, Case{"eve", "y", "1/2/3"},
                          Case{"", "x", "1/2/3"}}) {
    ScriptedClient& c = enter(one.client_id, one.user);
    c.publish(one.most, "x", {.qos = q1});
    c.publish(std::string(one.most) + "/more", "x", {.qos = q1});
    run();
    EXPECT_EQ(c.told(), "PUBACK 1 10, PUBACK 2 90") << one.user << one.client_id;
  }
}

TEST_P(LimitsOfClients, are_told_in_connack_and_kept_to) {
  config.limit_entries = {{.client = "small",
                           .values = {{find_client_limit("packet_bytes_max"), 1'024},
                                      {find_client_limit("receive_maximum"), 2}}}};
  ScriptedClient& large = enter("large", "u");
  large.publish("t", std::string(5'000, 'x'), {.qos = q1});
  run();
  EXPECT_EQ(large.told(), "PUBACK 1 10");
  ScriptedClient& small = open("small");
  const auto got = small.take();
  ASSERT_EQ(got.size(), 1U);
  EXPECT_EQ(got[0].properties().number(Property::maximum_packet_size), 1'024U);
  EXPECT_EQ(got[0].properties().number(Property::receive_maximum), 2U);
  small.publish("t", std::string(5'000, 'x'), {.qos = q1});
  run();
  EXPECT_EQ(small.told(), "DISCONNECT 95, closed");
}

TEST_P(LimitsOfClients, hold_for_subscriptions_and_what_waits) {
  config.limit_entries = {{.user = "small",
                           .values = {{find_client_limit("subscriptions_per_session_max"), 1},
                                      {find_client_limit("queue_messages_max"), 2}}}};
  ScriptedClient& s = client("s", {.session_expiry_s = 100, .user_name = "small"});
  s.subscribe("a", q1);
  s.subscribe("b", q1);
  run();
  EXPECT_EQ(s.told(), "SUBACK 1 01, SUBACK 2 97");
  s.hang_up();
  run();
  ScriptedClient& p = enter("p", "other");
  for (int i = 0; i < 5; ++i) p.publish("a", std::to_string(i), {.qos = q1});
  run();
  ScriptedClient& again = open("s", {.clean_start = false, .session_expiry_s = 100, .user_name = "small"});
  EXPECT_EQ(again.told(), "CONNACK 00 present, a=3 q1, a=4 q1");
}

TEST_P(LimitsOfClients, hold_for_what_each_has_retained) {
  config.limit_entries = {{.user = "small", .values = values("retained_per_client_max", 2)},
                          {.user = "narrow", .values = values("retained_bytes_per_client_max", 10)}};
  ScriptedClient& small = enter(id_at("s", 0), "small");
  for (const char* topic : {"a", "b", "c", "a"}) small.publish(topic, "x", {.qos = q1, .retain = true});
  run();
  EXPECT_EQ(small.told(), "PUBACK 1 10, PUBACK 2 10, PUBACK 3 97, PUBACK 4 10");
  ScriptedClient& narrow = enter(id_at("n", 1), "narrow");
  narrow.publish("d", "123456789", {.qos = q1, .retain = true});
  narrow.publish("e", "", {.qos = q1, .retain = true});
  narrow.publish("e", "x", {.qos = q1, .retain = true});
  narrow.publish("d", "12345678", {.qos = q1, .retain = true});
  run();
  EXPECT_EQ(narrow.told(), "PUBACK 1 10, PUBACK 2 10, PUBACK 3 97, PUBACK 4 10");
  // What another one took over or cleared is no longer its own.
  ScriptedClient& other = enter("o", "other");
  other.publish("a", "y", {.qos = q1, .retain = true});
  other.publish("b", "", {.qos = q1, .retain = true});
  run();
  for (const char* topic : {"f", "g", "a"}) small.publish(topic, "x", {.qos = q1, .retain = true});
  run();
  EXPECT_EQ(small.told(), "PUBACK 5 10, PUBACK 6 10, PUBACK 7 97");
  for (const char* topic : {"h", "i", "k"}) other.publish(topic, "x", {.qos = q1, .retain = true});
  run();
  EXPECT_EQ(other.told(), "PUBACK 1 10, PUBACK 2 10, PUBACK 3 10, PUBACK 4 10, PUBACK 5 10");
}

TEST_P(LimitsOfClients, of_what_is_retained_hold_for_what_was_retained_before_a_restart) {
  keeps_log = true;
  config.limit_entries = {{.user = "small", .values = values("retained_per_client_max", 2)}};
  ScriptedClient& before = enter("s", "small");
  before.publish("a", "x", {.qos = q1, .retain = true});
  before.publish("b", "x", {.qos = q1, .retain = true});
  run();
  crash();
  ScriptedClient& small = enter("s", "small");
  small.publish("c", "x", {.qos = q1, .retain = true});
  small.publish("a", "", {.qos = q1, .retain = true});
  small.publish("c", "x", {.qos = q1, .retain = true});
  run();
  EXPECT_EQ(small.told(), "PUBACK 1 97, PUBACK 2 10, PUBACK 3 10");
}

TEST_P(LimitsOfClients, hold_for_a_session_that_was_restored_too) {
  keeps_log = true;
  config.limit_entries = {{.user = "small", .values = values("queue_messages_max", 2)}};
  ScriptedClient& s = client("s", {.session_expiry_s = 100, .user_name = "small"});
  s.subscribe("a", q1);
  run();
  crash();
  ScriptedClient& p = enter("p", "other");
  for (int i = 0; i < 5; ++i) p.publish("a", std::to_string(i), {.qos = q1});
  run();
  ScriptedClient& again = open("s", {.clean_start = false, .session_expiry_s = 100, .user_name = "small"});
  EXPECT_EQ(again.told(), "CONNACK 00 present, a=3 q1, a=4 q1");
}

}  // namespace
}  // namespace gaon::broker
