// PUBLISH: what the publisher hears and what the subscriber gets.
#include "broker/broker_fixture_test.h"

namespace gaon::broker {
namespace {

struct Publishing : BrokerTest {};
INSTANTIATE_TEST_SUITE_P(on, Publishing, one_and_two, workers_name);

// [MQTT-3.8.4-8]
TEST_P(Publishing, comes_with_the_lower_of_both_qos) {
  for (const QoS granted : {q0, q1, q2}) {
    for (const QoS published : {q0, q1, q2}) {
      ScriptedClient& subscriber = client(id_at("s", 0));
      ScriptedClient& publisher = client(id_at("p", 1));
      subscriber.subscribe("t", granted);
      run();
      publisher.publish("t", "x", {.qos = published});
      run();
      const int lower = static_cast<int>(std::min(granted, published));
      const std::string granted_code = std::to_string(static_cast<int>(granted));
      EXPECT_EQ(subscriber.told(),
                "SUBACK 1 0" + granted_code + ", t=x" + (lower > 0 ? " q" + std::to_string(lower) : ""));
      const char* answers[] = {"", "PUBACK 1 00", "PUBREC 1 00, PUBCOMP 1 00"};
      EXPECT_EQ(publisher.told(), answers[static_cast<int>(published)]);
    }
  }
}

TEST_P(Publishing, crosses_versions) {
  ScriptedClient& v31 = client("a", {.version = Version::v31});
  ScriptedClient& v311 = client("b", {.version = Version::v311});
  ScriptedClient& v5 = client("c");
  for (ScriptedClient* c : {&v31, &v311, &v5}) c->subscribe("t", q1);
  run();
  for (ScriptedClient* c : {&v31, &v311, &v5}) c->publish("t", "x", {.qos = q2});
  run();
  for (ScriptedClient* c : {&v31, &v311, &v5}) {
    EXPECT_EQ(in_any_order(c->told()), "PUBCOMP 2 00, PUBREC 2 00, SUBACK 1 01, t=x q1, t=x q1, t=x q1");
  }
}

// [MQTT-3.3.2-4], [MQTT-3.3.2-15] to [MQTT-3.3.2-20]
TEST_P(Publishing, passes_properties_on_unaltered_and_in_order) {
  ScriptedClient& subscriber = client("s");
  subscriber.subscribe("t", q1);
  run();
  subscriber.take();
  const Props properties = Props()
                               .user("k", "1")
                               .number(Property::payload_format_indicator, 1)
                               .text(Property::content_type, "text")
                               .text(Property::response_topic, "r")
                               .data(Property::correlation_data, "c")
                               .user("k", "2");
  client("p").publish("t", "x", {.qos = q1, .properties = properties});
  run();
  const auto got = subscriber.take();
  ASSERT_EQ(got.size(), 1U);
  const ByteView expected = mqtt::Properties(properties).bytes();
  EXPECT_EQ(got[0].property_bytes, std::vector<std::uint8_t>(expected.begin(), expected.end()));
}

TEST_P(Publishing, tells_when_nobody_subscribed) {
  ScriptedClient& publisher = client(id_at("p", 0));
  publisher.publish("t", "x", {.qos = q1});
  publisher.publish("t", "x", {.qos = q2});
  run();
  EXPECT_EQ(publisher.told(), "PUBACK 1 10, PUBREC 2 10, PUBCOMP 2 00");
  client(id_at("s", 1)).subscribe("t", q0);
  run();
  publisher.publish("t", "x", {.qos = q1});
  run();
  EXPECT_EQ(publisher.told(), "PUBACK 3 00");
}

// A subscription that exists is a subscription, even if it takes nothing now.
TEST_P(Publishing, counts_an_offline_subscriber_of_qos_0_as_one) {
  client("s", {.session_expiry_s = 100}).subscribe("t", q0);
  run();
  open("s", {.clean_start = false, .session_expiry_s = 100}).disconnect();
  run();
  ScriptedClient& publisher = client("p");
  publisher.publish("t", "x", {.qos = q1});
  run();
  EXPECT_EQ(publisher.told(), "PUBACK 1 00");
}

// [MQTT-4.7.2-1]
TEST_P(Publishing, refuses_topics_of_the_broker) {
  ScriptedClient& watcher = client("w");
  watcher.subscribe(
      {{.filter = "$x/#", .qos = q1}, {.filter = "#", .qos = q1}, {.filter = "+/a", .qos = q1}});
  run();
  EXPECT_EQ(watcher.told(), "SUBACK 1 01 01 01");
  ScriptedClient& v5 = client("p");
  ScriptedClient& v311 = client("q", {.version = Version::v311});
  for (ScriptedClient* publisher : {&v5, &v311}) {
    publisher->publish("$x/a", "x");
    publisher->publish("$x/a", "x", {.qos = q1});
    publisher->publish("$x/a", "x", {.qos = q2});
  }
  run();
  EXPECT_EQ(v5.told(), "PUBACK 1 87, PUBREC 2 87");
  EXPECT_EQ(v311.told(), "PUBACK 1 00, PUBREC 2 00, PUBCOMP 2 00");
  EXPECT_EQ(watcher.told(), "");
  EXPECT_EQ(dropped(DropReason::not_allowed), 6);
}

TEST_P(Publishing, reaches_dollar_topics_only_by_name_where_it_is_allowed) {
  config.protocol.allow_dollar_publish = true;
  ScriptedClient& wild = client("w");
  wild.subscribe({{.filter = "#"}, {.filter = "+/a"}});
  ScriptedClient& named = client("n");
  named.subscribe("$x/+");
  run();
  client("p").publish("$x/a", "x");
  run();
  EXPECT_EQ(wild.told(), "SUBACK 1 00 00");
  EXPECT_EQ(named.told(), "SUBACK 1 02, $x/a=x");
}

TEST_P(Publishing, refuses_what_is_beyond_the_limits) {
  config.limits.topic_bytes_max = 10;
  config.limits.topic_levels_max = 3;
  config.limits.user_properties_max = 1;
  ScriptedClient& publisher = client("p");
  const Props users = Props().user("a", "b").user("a", "b");
  publisher.publish("ten bytes!", "", {.qos = q1});
  publisher.publish("elevenbytes", "", {.qos = q1});
  publisher.publish("a/b/c", "", {.qos = q1});
  publisher.publish("a/b/c/d", "", {.qos = q1});
  publisher.publish("a", "", {.qos = q1, .properties = users});
  run();
  EXPECT_EQ(publisher.told(), "PUBACK 1 10, PUBACK 2 90, PUBACK 3 10, PUBACK 4 90, PUBACK 5 83");
}

TEST_P(Publishing, closes_who_does_what_was_announced_as_impossible) {
  config.protocol.maximum_qos = 1;
  config.protocol.retain_available = false;
  ScriptedClient& qos = client("a");
  ScriptedClient& retain = client("b");
  ScriptedClient& old = client("c", {.version = Version::v311});
  qos.publish("t", "x", {.qos = q2});
  retain.publish("t", "x", {.retain = true});
  old.publish("t", "x", {.qos = q2});
  run();
  EXPECT_EQ(qos.told(), "DISCONNECT 9b, closed");
  EXPECT_EQ(retain.told(), "DISCONNECT 9a, closed");
  EXPECT_EQ(old.told(), "closed");
  EXPECT_EQ(sum(&Metrics::violations), 3);
}

// [MQTT-3.8.3-3]
TEST_P(Publishing, spares_its_publisher_where_asked) {
  ScriptedClient& a = client("a");
  ScriptedClient& b = client("b");
  for (ScriptedClient* c : {&a, &b}) {
    c->subscribe({{.filter = "t", .qos = q1, .no_local = true}});
  }
  run();
  a.publish("t", "x", {.qos = q1});
  run();
  EXPECT_EQ(a.told(), "SUBACK 1 01, PUBACK 2 00");
  EXPECT_EQ(b.told(), "SUBACK 1 01, t=x q1");
}

}  // namespace
}  // namespace gaon::broker
