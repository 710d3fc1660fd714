// SUBSCRIBE and UNSUBSCRIBE.
#include <set>

#include "broker/broker_fixture_test.h"

namespace gaon::broker {
namespace {

struct Subscribing : BrokerTest {};
INSTANTIATE_TEST_SUITE_P(on, Subscribing, one_and_two, workers_name);

Props subscription_id(std::uint32_t id) { return Props().number(Property::subscription_identifier, id); }

// [MQTT-3.3.4-2] to [MQTT-3.3.4-5]
TEST_P(Subscribing, gives_one_copy_with_the_highest_qos_and_all_ids) {
  ScriptedClient& s = client("s");
  s.subscribe({{.filter = "a/+", .qos = q0}}, subscription_id(1));
  s.subscribe({{.filter = "a/#", .qos = q2}}, subscription_id(2));
  s.subscribe({{.filter = "a/b", .qos = q1}});
  s.subscribe({{.filter = "+/b", .qos = q1}}, subscription_id(1));
  run();
  s.take();
  client("p").publish("a/b", "x", {.qos = q2});
  run();
  const auto got = s.take();
  ASSERT_EQ(got.size(), 2U);  // with its PUBREL
  EXPECT_EQ(got[0].qos, q2);
  std::multiset<std::uint32_t> ids;
  for (const auto& item : got[0].properties()) ids.insert(item.number);
  EXPECT_EQ(ids, (std::multiset<std::uint32_t>{1, 1, 2}));
}

TEST_P(Subscribing, drops_only_the_match_that_has_no_local) {
  ScriptedClient& s = client("s");
  s.subscribe({{.filter = "a/+", .qos = q2, .no_local = true}}, subscription_id(1));
  s.subscribe({{.filter = "a/#", .qos = q1}}, subscription_id(2));
  run();
  s.take();
  s.publish("a/b", "x", {.qos = q2});
  client("p").publish("a/c", "y", {.qos = q2});
  run();
  const std::string told = in_any_order(s.told());
  EXPECT_TRUE(told.ends_with("a/b=x q1 id2, a/c=y q2 id1 id2") ||
              told.ends_with("a/b=x q1 id2, a/c=y q2 id2 id1"))
      << told;
}

// [MQTT-3.8.4-3]
TEST_P(Subscribing, again_replaces_options_and_id) {
  ScriptedClient& s = client("s");
  ScriptedClient& p = client("p");
  s.subscribe({{.filter = "t", .qos = q2, .no_local = true}}, subscription_id(1));
  run();
  p.publish("t", "1", {.qos = q1});
  run();
  s.subscribe({{.filter = "t", .qos = q0}}, subscription_id(2));
  run();
  p.publish("t", "2", {.qos = q1});
  run();
  s.subscribe("t", q1);
  run();
  p.publish("t", "3", {.qos = q1});
  run();
  EXPECT_EQ(s.told(), "SUBACK 1 02, t=1 q1 id1, SUBACK 2 00, t=2 id2, SUBACK 3 01, t=3 q1");
  EXPECT_EQ(sum(&Metrics::subscriptions), 1);
}

// [MQTT-3.3.1-12], [MQTT-3.3.1-13]
TEST_P(Subscribing, keeps_retain_only_where_asked) {
  ScriptedClient& as_published = client("a");
  as_published.subscribe({{.filter = "t", .retain_as_published = true}});
  ScriptedClient& plain = client("b");
  plain.subscribe("t");
  ScriptedClient& both = client("c");
  both.subscribe({{.filter = "#", .retain_as_published = true}, {.filter = "t"}});
  run();
  client("p").publish("t", "1", {.retain = true});
  run();
  client("q").publish("t", "2");
  run();
  EXPECT_EQ(as_published.told(), "SUBACK 1 00, t=1 retain, t=2");
  EXPECT_EQ(plain.told(), "SUBACK 1 02, t=1, t=2");
  EXPECT_EQ(both.told(), "SUBACK 1 00 00, t=1 retain, t=2");
}

TEST_P(Subscribing, ends_with_unsubscribe) {
  ScriptedClient& s = client("s");
  s.subscribe({{.filter = "a", .qos = q1}, {.filter = "b/+", .qos = q1}});
  run();
  EXPECT_EQ(s.told(), "SUBACK 1 01 01");
  s.unsubscribe({"a", "b/#", "b/+", "a"});
  run();
  EXPECT_EQ(s.told(), "UNSUBACK 2 00 11 00 11");
  ScriptedClient& p = client("p");
  p.publish("a", "x", {.qos = q1});
  p.publish("b/c", "x", {.qos = q1});
  run();
  EXPECT_EQ(p.told(), "PUBACK 1 10, PUBACK 2 10");
  EXPECT_EQ(s.told(), "");
  EXPECT_EQ(sum(&Metrics::subscriptions), 0);
}

TEST_P(Subscribing, ends_for_one_and_goes_on_for_the_other) {
  ScriptedClient& a = client(id_at("a", 1));
  ScriptedClient& b = client(id_at("b", 1));
  a.subscribe("t/+");
  b.subscribe("t/+");
  run();
  a.unsubscribe({"t/+"});
  run();
  client(id_at("p", 0)).publish("t/x", "1");
  run();
  EXPECT_EQ(a.told(), "SUBACK 1 02, UNSUBACK 2 00");
  EXPECT_EQ(b.told(), "SUBACK 1 02, t/x=1");
}

TEST_P(Subscribing, with_an_ill_formed_filter_closes_and_does_nothing_else) {
  for (const std::string_view filter : {"a/#/b", "a#", "a+/b", "#/", "+a"}) {
    ScriptedClient& s = client("s");
    s.subscribe({{.filter = "good"}, {.filter = filter}});
    run();
    EXPECT_EQ(s.told(), "DISCONNECT 81, closed") << filter;
    ScriptedClient& u = client("u");
    u.unsubscribe({filter});
    run();
    EXPECT_EQ(u.told(), "DISCONNECT 81, closed") << filter;
    ScriptedClient& old = client("o", {.version = Version::v311});
    old.subscribe(filter);
    run();
    EXPECT_EQ(old.told(), "closed") << filter;
  }
  EXPECT_EQ(sum(&Metrics::subscriptions), 0);
}

TEST_P(Subscribing, gets_a_code_for_each_filter_beyond_the_limits) {
  config.limits.topic_levels_max = 3;
  config.limits.topic_bytes_max = 20;
  config.limits.subscriptions_per_session_max = 2;
  config.limits.filters_per_subscribe_max = 4;
  client("other").subscribe({{.filter = "c"}, {.filter = "d"}});
  ScriptedClient& s = client("s");
  s.subscribe({{.filter = "a/b/c/d"},
               {.filter = "a"},
               {.filter = "longer than 20 bytes!"},
               {.filter = "b"},
               {.filter = "z"}});
  run();
  EXPECT_EQ(s.told(), "SUBACK 1 8f 00 8f 00 97");
  // What somebody else has does not make room for me; what I have I may change.
  s.subscribe({{.filter = "c"}, {.filter = "a", .qos = q1}});
  s.subscribe("$share/g/d");
  run();
  EXPECT_EQ(in_any_order(s.told()), "SUBACK 2 97 01, SUBACK 3 97");
  s.unsubscribe({"b"});
  s.subscribe("$share/g/d");
  run();
  s.subscribe("$share/g/d", q1);
  s.subscribe("c");
  run();
  EXPECT_EQ(in_any_order(s.told()), "SUBACK 5 02, SUBACK 6 01, SUBACK 7 97, UNSUBACK 4 00");
  ScriptedClient& old = client("o", {.version = Version::v311});
  old.subscribe("a/b/c/d");
  run();
  EXPECT_EQ(old.told(), "SUBACK 1 80");
}

TEST_P(Subscribing, to_what_is_switched_off_closes) {
  config.protocol = {
      .wildcard_available = false, .shared_available = false, .subscription_id_available = false};
  ScriptedClient& wild = client("a");
  wild.subscribe("a/+");
  ScriptedClient& shared = client("b");
  shared.subscribe("$share/g/a");
  ScriptedClient& id = client("c");
  id.subscribe({{.filter = "a"}}, subscription_id(1));
  run();
  EXPECT_EQ(wild.told(), "DISCONNECT a2, closed");
  EXPECT_EQ(shared.told(), "DISCONNECT 9e, closed");
  EXPECT_EQ(id.told(), "DISCONNECT a1, closed");
}

TEST_P(Subscribing, is_granted_no_more_than_the_maximum_qos) {
  config.protocol.maximum_qos = 1;
  ScriptedClient& s = client("s");
  s.subscribe("t", q2);
  run();
  EXPECT_EQ(s.told(), "SUBACK 1 01");
}

}  // namespace
}  // namespace gaon::broker
