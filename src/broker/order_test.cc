// What comes before what, however the ticks of the workers fall.
#include <array>
#include <random>

#include "broker/broker_fixture_test.h"

namespace gaon::broker {
namespace {

struct Order : testing::TestWithParam<std::size_t>, TestBroker {
  Order() : TestBroker(GetParam()) {}
};
INSTANTIATE_TEST_SUITE_P(on, Order, testing::Values(std::size_t{1}, std::size_t{2}, std::size_t{3}),
                         workers_name);

// [MQTT-4.6.0-2], [MQTT-4.6.0-3]: some of the receipts come from here, some from there.
TEST_P(Order, acknowledgements_leave_in_the_order_of_the_publishes) {
  for (std::size_t i = 0; i < 3; ++i) {
    client(id_at("s", i)).subscribe("to/" + std::to_string(i), q1);
  }
  run();
  for (std::uint32_t seed = 0; seed < 20; ++seed) {
    std::mt19937 random(seed);
    ScriptedClient& p = client(id_at("p", seed));
    p.acks = false;
    std::string expected;
    for (std::uint16_t id = 1; id <= 30; ++id) {
      const bool twice = random() % 3 == 0;
      const bool someone = random() % 4 != 0;
      p.publish("to/" + std::to_string(someone ? random() % 3 : 9), "x", {.qos = twice ? q2 : q1});
      expected += std::string(id > 1 ? ", " : "") + (twice ? "PUBREC " : "PUBACK ") + std::to_string(id) +
                  (someone ? " 00" : " 10");
      if (random() % 2 == 0) tick(random() % workers());
    }
    run();
    EXPECT_EQ(p.told(), expected) << seed;
  }
}

// No publish that is sent after the SUBACK came is missed, plain or shared.
TEST_P(Order, a_subscription_holds_from_its_suback_on) {
  for (std::uint32_t seed = 0; seed < 60; ++seed) {
    std::mt19937 random(seed);
    const std::string topic = "t" + std::to_string(seed % 20);
    const std::array<std::string, 4> filters = {topic, "+", "$share/g/" + topic, "$share/g/#"};
    const std::string& filter = filters[random() % 4];
    ScriptedClient& s = client(id_at("s" + std::to_string(seed) + "-", random() % 3));
    ScriptedClient& p = client(id_at("p" + std::to_string(seed) + "-", random() % 3));
    // Somebody else makes the filter known and unknown meanwhile.
    ScriptedClient& other = client(id_at("o" + std::to_string(seed) + "-", random() % 3));
    s.subscribe(filter, q1);
    bool acknowledged = false;
    int after = 0;
    for (int step = 0; step < 60; ++step) {
      if (random() % 8 == 0) other.subscribe("+", q0);
      if (random() % 8 == 0) other.unsubscribe({"+"});
      const bool shout = random() % 2 == 0;
      if (shout) p.publish(topic, acknowledged ? "after" : "before", {.qos = random() % 2 == 0 ? q1 : q2});
      if (shout && acknowledged) ++after;
      tick(random() % workers());
      poll();
      for (const Got& got : s.inbox()) acknowledged = acknowledged || got.type == mqtt::PacketType::suback;
    }
    run();
    int arrived = 0;
    for (const Got& got : s.take()) arrived += got.payload == "after";
    EXPECT_EQ(arrived, after) << "seed " << seed << ", " << filter;
    s.disconnect();
    other.disconnect();
    run();
  }
}

TEST_P(Order, a_resubscription_of_a_shared_filter_waits_as_the_first_one_does) {
  for (std::uint32_t seed = 0; seed < 20; ++seed) {
    std::mt19937 random(seed);
    const std::string filter = "$share/g" + std::to_string(seed) + "/t";
    ScriptedClient& s = client(id_at("s", random() % 3));
    ScriptedClient& p = client(id_at("p", random() % 3));
    s.subscribe(filter, q1);
    s.subscribe(filter, q1);
    bool sent = false;
    for (int step = 0; step < 40; ++step) {
      tick(random() % workers());
      poll();
      if (!sent && !s.inbox().empty()) p.publish("t", "x", {.qos = q1});
      sent = !s.inbox().empty();
    }
    run();
    EXPECT_EQ(in_any_order(s.told()), "SUBACK 1 01, SUBACK 2 01, t=x q1") << seed;
    s.disconnect();
    run();
  }
}

TEST_P(Order, messages_of_one_publisher_come_in_order_over_all_qos) {
  ScriptedClient& s = client(id_at("s", 0));
  s.subscribe("#", q2);
  run();
  s.take();
  std::mt19937 random(7);
  ScriptedClient& p = client(id_at("p", 1));
  for (int i = 0; i < 200; ++i) {
    p.publish(random() % 2 == 0 ? "a" : "b", std::to_string(i), {.qos = static_cast<QoS>(random() % 3)});
    if (random() % 4 == 0) tick(random() % workers());
    if (random() % 8 == 0) poll();
  }
  run();
  int next = 0;
  for (const Got& got : s.take()) {
    if (got.type != mqtt::PacketType::publish) continue;
    EXPECT_EQ(got.payload, std::to_string(next++));
  }
  EXPECT_EQ(next, 200);
}

}  // namespace
}  // namespace gaon::broker
