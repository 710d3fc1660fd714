// Shared subscriptions: who gets what while everybody is there. What happens when
// members go is in share_leave_test.cc.
#include <map>

#include "broker/broker_fixture_test.h"

namespace gaon::broker {
namespace {

struct Sharing : BrokerTest {
  void publish(int first, int last, QoS qos = q1) {
    if (publisher == nullptr) publisher = &client("publisher");
    for (int i = first; i <= last; ++i) publisher->publish("t", std::to_string(i), {.qos = qos});
    run();
  }
  ScriptedClient* publisher = nullptr;
};
INSTANTIATE_TEST_SUITE_P(on, Sharing, one_and_two, workers_name);

std::vector<std::string> payloads(ScriptedClient& client) {
  std::vector<std::string> found;
  for (const Got& got : client.take()) {
    if (got.type == mqtt::PacketType::publish) found.push_back(got.payload);
  }
  return found;
}

// U5-4.8.2-a
TEST_P(Sharing, gives_each_message_to_one_member_of_each_group_and_to_the_others) {
  std::map<std::string, std::vector<ScriptedClient*>> groups;
  for (const std::string filter : {"$share/a/t", "$share/b/t", "$share/a/#", "t"}) {
    for (std::size_t i = 0; i < 4; ++i) {
      ScriptedClient& member = client(id_at(filter + std::to_string(i) + "-", i % 2), {.accepted_by = i / 2});
      member.subscribe(filter, i % 2 == 0 ? q1 : q2);
      groups[filter].push_back(&member);
    }
  }
  run();
  publish(1, 100);
  for (auto& [filter, members] : groups) {
    std::map<std::string, int> copies;
    for (ScriptedClient* member : members) {
      const auto got = payloads(*member);
      for (const std::string& payload : got) ++copies[payload];
      EXPECT_EQ(got.size(), filter == "t" ? 100U : 25U) << filter;  // in turn
    }
    EXPECT_EQ(copies.size(), 100U) << filter;
    for (const auto& [payload, count] : copies) EXPECT_EQ(count, filter == "t" ? 4 : 1) << filter;
  }
}

TEST_P(Sharing, and_a_plain_subscription_of_one_client_are_two_deliveries) {
  ScriptedClient& s = client("s");
  const Props plain = Props().number(Property::subscription_identifier, 1);
  const Props shared = Props().number(Property::subscription_identifier, 2);
  s.subscribe({{.filter = "#", .qos = q0}}, plain);
  s.subscribe({{.filter = "$share/g/t", .qos = q1}}, shared);
  run();
  s.take();
  publish(1, 1);
  EXPECT_EQ(in_any_order(s.told()), "t=1 id1, t=1 q1 id2");
}

TEST_P(Sharing, obeys_the_window_of_each_member) {
  const Props two = Props().number(Property::receive_maximum, 2);
  ScriptedClient& narrow = client(id_at("n", 0), {.properties = &two, .acks = false});
  ScriptedClient& wide = client(id_at("w", 1), {.acks = false});
  narrow.subscribe("$share/g/t", q1);
  wide.subscribe("$share/g/t", q1);
  run();
  publish(1, 10);
  EXPECT_EQ(payloads(narrow).size(), 2U);
  EXPECT_EQ(payloads(wide).size(), 8U);
}

TEST_P(Sharing, lets_wait_in_the_group_what_no_member_has_room_for) {
  const Props two = Props().number(Property::receive_maximum, 2);
  ScriptedClient& a = client(id_at("a", 0), {.properties = &two, .acks = false});
  ScriptedClient& b = client(id_at("b", 1), {.properties = &two, .acks = false});
  a.subscribe("$share/g/t", q1);
  b.subscribe("$share/g/t", q1);
  run();
  publish(1, 10);
  const auto unacked = a.take();
  EXPECT_EQ(payloads(b).size(), 2U);
  EXPECT_EQ(sum(&Metrics::queued_messages), 6);
  a.acks = true;
  a.send(mqtt::Puback{.packet_id = unacked.back().packet_id});
  run();
  EXPECT_EQ(payloads(a), (std::vector<std::string>{"5", "6", "7", "8", "9", "10"}));
  EXPECT_EQ(sum(&Metrics::queued_messages), 0);
}

// [MQTT-4.8.2-6]
TEST_P(Sharing, tries_nobody_else_after_a_negative_answer) {
  ScriptedClient& a = client("a", {.acks = false});
  ScriptedClient& b = client("b", {.acks = false});
  a.subscribe("$share/g/t", q2);
  b.subscribe("$share/g/t", q2);
  run();
  publish(1, 2);
  publish(3, 4, q2);
  for (ScriptedClient* c : {&a, &b}) {
    for (const Got& got : c->take()) {
      const Reason no = Reason::quota_exceeded;
      if (got.qos == q1) c->send(mqtt::Puback{.packet_id = got.packet_id, .reason = no});
      if (got.qos == q2) c->send(mqtt::Pubrec{.packet_id = got.packet_id, .reason = no});
    }
  }
  run();
  EXPECT_EQ(a.told() + b.told(), "");
}

// U5-4.8.2-d
TEST_P(Sharing, again_changes_the_options_and_needs_one_unsubscribe) {
  ScriptedClient& s = client("s");
  s.subscribe("$share/g/t", q1);
  s.subscribe("$share/g/t", q0);
  run();
  publish(1, 1);
  EXPECT_EQ(s.told(), "SUBACK 1 01, SUBACK 2 00, t=1");
  EXPECT_EQ(sum(&Metrics::shared_subscriptions), 1);
  s.unsubscribe({"$share/g/t", "$share/g/t", "$share/h/t"});
  run();
  EXPECT_EQ(s.told(), "UNSUBACK 3 00 11 11");
  publish(2, 2);
  EXPECT_EQ(s.told(), "");
  EXPECT_EQ(sum(&Metrics::shared_subscriptions), 0);
}

TEST_P(Sharing, is_for_clients_of_every_version) {
  std::vector<ScriptedClient*> members;
  for (const Version version : {Version::v31, Version::v311, Version::v5}) {
    members.push_back(&client(mqtt::name(version), {.version = version}));
    members.back()->subscribe("$share/g/t", q1);
  }
  run();
  publish(1, 30);
  for (ScriptedClient* member : members) EXPECT_EQ(payloads(*member).size(), 10U);
}

// [MQTT-4.8.2-1], [MQTT-4.8.2-2], [MQTT-3.8.3-4]
TEST_P(Sharing, asked_for_in_the_wrong_way_closes) {
  for (const std::string_view filter :
       {"$share/", "$share//t", "$share/g", "$share/g/", "$share/+/t", "$share/g#/t", "$share/g/#/t"}) {
    ScriptedClient& s = client("s");
    s.subscribe(filter);
    run();
    EXPECT_EQ(s.told(), "DISCONNECT 81, closed") << filter;
  }
  ScriptedClient& s = client("s");
  s.subscribe({{.filter = "$share/g/t", .no_local = true}});
  run();
  EXPECT_EQ(s.told(), "DISCONNECT 82, closed");
}

TEST_P(Sharing, hands_out_retain_as_published_where_asked) {
  ScriptedClient& s = client("s");
  s.subscribe({{.filter = "$share/g/t", .retain_as_published = true}});
  s.subscribe("$share/h/t");
  run();
  s.take();
  client("p").publish("t", "x", {.retain = true});
  run();
  EXPECT_EQ(in_any_order(s.told()), "t=x, t=x retain");
}

}  // namespace
}  // namespace gaon::broker
