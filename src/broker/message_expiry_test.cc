// Message Expiry Interval on the way to a session. Retained ones are in retained_test.cc.
#include "broker/broker_fixture_test.h"

namespace gaon::broker {
namespace {

struct MessageExpiry : BrokerTest {
  void publish(std::string_view payload, std::uint32_t expiry_s) {
    if (publisher == nullptr) publisher = &client("p");
    const Props expiry = Props().number(Property::message_expiry_interval, expiry_s);
    publisher->publish("t", payload, {.qos = q1, .properties = expiry});
    run();
  }
  // A subscriber that is offline.
  void leave_subscriber(std::string_view filter = "t") {
    client("s", {.session_expiry_s = 1'000}).subscribe(filter, q1);
    run();
    client("s", {.clean_start = false, .session_expiry_s = 1'000}).hang_up();
    run();
  }
  std::vector<Got> come_back() {
    auto got = open("s", {.clean_start = false, .session_expiry_s = 1'000}).take();
    got.erase(got.begin());  // CONNACK
    return got;
  }

  ScriptedClient* publisher = nullptr;
};
INSTANTIATE_TEST_SUITE_P(on, MessageExpiry, one_and_two, workers_name);

std::optional<std::uint32_t> left(const Got& got) {
  return got.properties().number(Property::message_expiry_interval);
}

// [MQTT-3.3.2-6]
TEST_P(MessageExpiry, is_passed_on_less_the_time_it_waited) {
  leave_subscriber();
  publish("x", 10);
  advance(milliseconds(3'500));
  const auto got = come_back();
  ASSERT_EQ(got.size(), 1U);
  EXPECT_EQ(left(got[0]), 7U);  // rounded up
}

TEST_P(MessageExpiry, is_whole_when_nothing_waited) {
  ScriptedClient& s = client("s");
  s.subscribe("t", q1);
  run();
  s.take();
  publish("x", 10);
  const auto got = s.take();
  ASSERT_EQ(got.size(), 1U);
  EXPECT_EQ(left(got[0]), 10U);
}

// [MQTT-3.3.2-5]
TEST_P(MessageExpiry, drops_what_waited_too_long_and_keeps_the_order_of_the_rest) {
  leave_subscriber();
  publish("1", 1'000);
  publish("2", 10);
  publish("3", 1'000);
  advance(seconds(10));
  const auto got = come_back();
  ASSERT_EQ(got.size(), 2U);
  EXPECT_EQ(got[0].payload + got[1].payload, "13");
  EXPECT_EQ(dropped(DropReason::expired), 1);
  EXPECT_EQ(sum(&Metrics::queued_messages), 0);
}

TEST_P(MessageExpiry, is_not_applied_once_sent) {
  ScriptedClient& s = client("s", {.session_expiry_s = 1'000, .acks = false});
  s.subscribe("t", q1);
  run();
  publish("x", 10);
  EXPECT_EQ(s.told(), "SUBACK 1 01, t=x q1");
  s.hang_up();
  advance(seconds(20));
  const auto got = come_back();
  ASSERT_EQ(got.size(), 1U);
  EXPECT_EQ(got[0].text(), "t=x q1 dup");
  EXPECT_EQ(left(got[0]), 1U);
}

TEST_P(MessageExpiry, holds_in_a_shared_group_too) {
  leave_subscriber("$share/g/t");
  publish("1", 10);
  publish("2", 1'000);
  advance(seconds(10));
  const auto got = come_back();
  ASSERT_EQ(got.size(), 1U);
  EXPECT_EQ(got[0].payload, "2");
  EXPECT_EQ(left(got[0]), 990U);
  EXPECT_EQ(dropped(DropReason::expired), 1);
}

}  // namespace
}  // namespace gaon::broker
