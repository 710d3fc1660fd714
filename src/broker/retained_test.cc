// Retained messages: what the store keeps and who is shown it.
#include <set>

#include "broker/broker_fixture_test.h"

namespace gaon::broker {
namespace {

using mqtt::RetainHandling;

struct Retained : BrokerTest {
  // What a new subscriber on that worker is shown.
  std::string shown(std::string_view filter, std::size_t worker = 0) {
    ScriptedClient& watcher = client(id_at("shown", worker));
    watcher.subscribe(filter);
    run();
    std::string told = watcher.told();
    watcher.disconnect();
    run();
    return told.substr(std::string_view("SUBACK 1 02").size());
  }
};
INSTANTIATE_TEST_SUITE_P(on, Retained, one_and_two, workers_name);

// [MQTT-3.3.1-5], [MQTT-3.3.1-6]
TEST_P(Retained, is_set_replaced_and_cleared) {
  ScriptedClient& p = client("p");
  p.publish("t", "1", {.qos = q1, .retain = true});
  p.publish("t", "2", {.qos = q1});
  run();
  EXPECT_EQ(p.told(), "PUBACK 1 10, PUBACK 2 10");
  EXPECT_EQ(shown("t"), ", t=1 q1 retain");
  p.publish("t", "3", {.retain = true});
  run();
  EXPECT_EQ(shown("t", 1), ", t=3 retain");
  EXPECT_EQ(broker().worker(0).metrics.retained_messages.get(), 1);
  p.publish("t", "", {.retain = true});
  run();
  EXPECT_EQ(shown("t"), "");
  EXPECT_EQ(shown("t", 1), "");
  for (std::size_t i = 0; i < workers(); ++i) {
    EXPECT_EQ(broker().worker(i).metrics.retained_messages.get(), 0);
    EXPECT_EQ(broker().worker(i).metrics.retained_bytes.get(), 0);
  }
}

TEST_P(Retained, comes_with_the_granted_qos_and_the_subscription_id) {
  client("p").publish("a/b", "x", {.qos = q2, .retain = true});
  run();
  ScriptedClient& s = client("s");
  const Props id = Props().number(Property::subscription_identifier, 7);
  s.subscribe({{.filter = "a/#", .qos = q1}}, id);
  run();
  EXPECT_EQ(s.told(), "SUBACK 1 01, a/b=x q1 retain id7");
}

// [MQTT-3.3.1-9], [MQTT-3.3.1-10], [MQTT-3.3.1-11]
TEST_P(Retained, is_shown_as_retain_handling_says) {
  client("p").publish("t", "x", {.retain = true});
  run();
  ScriptedClient& s = client("s");
  const auto subscribe = [&](RetainHandling handling) {
    s.subscribe({{.filter = "t", .retain_handling = handling}});
    run();
    return s.told();
  };
  EXPECT_EQ(subscribe(RetainHandling::do_not_send), "SUBACK 1 00");
  EXPECT_EQ(subscribe(RetainHandling::send_if_new), "SUBACK 2 00");
  EXPECT_EQ(subscribe(RetainHandling::send), "SUBACK 3 00, t=x retain");
  EXPECT_EQ(subscribe(RetainHandling::send), "SUBACK 4 00, t=x retain");
  s.unsubscribe({"t"});
  run();
  s.take();
  EXPECT_EQ(subscribe(RetainHandling::send_if_new), "SUBACK 6 00, t=x retain");
  s.unsubscribe({"t"});
  s.subscribe({{.filter = "t", .retain_handling = RetainHandling::send_if_new},
               {.filter = "t", .retain_handling = RetainHandling::send_if_new}});
  run();
  EXPECT_EQ(s.told(), "UNSUBACK 7 00, SUBACK 8 00 00, t=x retain");
}

TEST_P(Retained, is_shown_to_no_shared_subscription) {
  client("p").publish("t", "x", {.retain = true});
  run();
  ScriptedClient& v5 = client("s");
  ScriptedClient& old = client("o", {.version = Version::v311});
  v5.subscribe("$share/g/t");
  old.subscribe("$share/g/t");
  run();
  EXPECT_EQ(v5.told(), "SUBACK 1 02");
  EXPECT_EQ(old.told(), "SUBACK 1 02");
}

TEST_P(Retained, is_not_shown_to_its_publisher_with_no_local) {
  ScriptedClient& p = client("p");
  p.publish("t", "x", {.retain = true});
  p.subscribe({{.filter = "t", .no_local = true}});
  run();
  EXPECT_EQ(p.told(), "SUBACK 1 00");
}

TEST_P(Retained, is_not_shown_to_who_unsubscribed_at_once) {
  client(id_at("p", 1)).publish("t", "x", {.retain = true});
  run();
  ScriptedClient& s = client(id_at("s", 0));
  s.subscribe("other");
  s.subscribe("$share/g/x");  // waits for others
  s.unsubscribe({"other", "$share/g/x"});
  run();
  EXPECT_EQ(in_any_order(s.told()), "SUBACK 1 02, SUBACK 2 02, UNSUBACK 3 00 00");
}

TEST_P(Retained, is_refused_when_the_store_is_full) {
  config.limits.retained_messages_max = 2;
  ScriptedClient& p = client("p");
  p.publish("a", "1", {.qos = q1, .retain = true});
  p.publish("b", "1", {.qos = q1, .retain = true});
  p.publish("c", "1", {.qos = q1, .retain = true});
  p.publish("c", "1", {.qos = q2, .retain = true});
  p.publish("c", "1", {.retain = true});
  p.publish("a", "2", {.qos = q1, .retain = true});
  run();
  EXPECT_EQ(p.told(), "PUBACK 1 10, PUBACK 2 10, PUBACK 3 97, PUBREC 4 97, PUBACK 5 10");
  EXPECT_EQ(dropped(DropReason::retained_full), 3);
  p.publish("b", "", {.qos = q1, .retain = true});
  p.publish("c", "1", {.qos = q1, .retain = true});
  run();
  EXPECT_EQ(p.told(), "PUBACK 6 10, PUBACK 7 10");
  EXPECT_EQ(in_any_order(shown("#", 1).substr(2)), "a=2 q1 retain, c=1 q1 retain");
}

TEST_P(Retained, is_refused_when_its_bytes_are_too_many) {
  config.limits.retained_bytes_max = 10;
  ScriptedClient& p = client("p");
  p.publish("a", "12345", {.qos = q1, .retain = true});
  p.publish("b", "1234", {.qos = q1, .retain = true});
  p.publish("a", "123456789", {.qos = q1, .retain = true});
  p.publish("a", "1234567890", {.qos = q1, .retain = true});
  run();
  EXPECT_EQ(p.told(), "PUBACK 1 10, PUBACK 2 97, PUBACK 3 10, PUBACK 4 97");
  EXPECT_EQ(shown("#"), ", a=123456789 q1 retain");
}

TEST_P(Retained, is_gone_when_it_expired) {
  const Props expiry = Props().number(Property::message_expiry_interval, 10);
  client("p").publish("t", "x", {.retain = true, .properties = expiry});
  advance(seconds(4));
  ScriptedClient& s = client("s");
  s.subscribe("t");
  run();
  const auto got = s.take();
  ASSERT_EQ(got.size(), 2U);
  EXPECT_EQ(got[1].properties().number(Property::message_expiry_interval), 6U);
  advance(seconds(6));
  EXPECT_EQ(shown("t"), "");
  advance(seconds(2));  // swept
  EXPECT_EQ(broker().worker(0).metrics.retained_messages.get(), 0);
  EXPECT_EQ(dropped(DropReason::expired), 1);
}

TEST_P(Retained, of_a_wide_wildcard_all_reach_a_slow_reader) {
  constexpr int kMessages = 5'000;
  config.limits.output_bytes_high = 2'000;
  ScriptedClient& p = client("p");
  for (int i = 0; i < kMessages; ++i) {
    p.publish("r/" + std::to_string(i % 50) + "/" + std::to_string(i), "payload", {.retain = true});
  }
  run();
  ScriptedClient& slow = client(id_at("s", 1));
  slow.wire.take_at_most(0);
  slow.subscribe("r/+/#", q0);
  ScriptedClient& window = client(id_at("w", 0), {.acks = true});
  window.subscribe("#", q1);
  run();
  std::set<std::string> topics;
  std::size_t copies = 0;
  for (int rounds = 0; rounds < 10'000 && topics.size() < kMessages; ++rounds) {
    slow.wire.take_at_most(777);
    run();
    for (const Got& got : slow.take()) {
      if (got.type != mqtt::PacketType::publish) continue;
      topics.insert(got.topic);
      ++copies;
    }
  }
  EXPECT_EQ(topics.size(), std::size_t{kMessages});
  EXPECT_EQ(copies, std::size_t{kMessages});
  EXPECT_EQ(window.take().size(), std::size_t{kMessages + 1});
  EXPECT_EQ(sum(&Metrics::queued_messages), 0);
}

}  // namespace
}  // namespace gaon::broker
