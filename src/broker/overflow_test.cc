// Queues at their limits: what gives way, who hears of it, what is counted.
#include "broker/broker_fixture_test.h"

namespace gaon::broker {
namespace {

struct Overflow : BrokerTest {
  // A session that is offline, with room for three messages unless told otherwise.
  void leave_subscriber(OverflowPolicy policy, std::string_view filter = "t") {
    config.session.overflow = policy;
    config.limits.queue_messages_max = 3;
    config.limits.group_queue_messages_max = 3;
    client("s", {.session_expiry_s = 100}).subscribe(filter, q1);
    run();
    client("s", {.clean_start = false, .session_expiry_s = 100}).hang_up();
    run();
  }
  // What the publisher hears of five messages, and what the subscriber gets.
  std::string publish_five() {
    ScriptedClient& p = client("p");
    for (const std::string_view payload : {"1", "2", "3", "4", "5"}) p.publish("t", payload, {.qos = q1});
    run();
    return p.told();
  }
  std::string come_back() { return open("s", {.clean_start = false}).told(); }
};
INSTANTIATE_TEST_SUITE_P(on, Overflow, one_and_two, workers_name);

constexpr const char* kAllTaken = "PUBACK 1 00, PUBACK 2 00, PUBACK 3 00, PUBACK 4 00, PUBACK 5 00";
constexpr const char* kTwoRefused = "PUBACK 1 00, PUBACK 2 00, PUBACK 3 00, PUBACK 4 97, PUBACK 5 97";

TEST_P(Overflow, drops_the_oldest) {
  leave_subscriber(OverflowPolicy::drop_oldest);
  EXPECT_EQ(publish_five(), kAllTaken);
  EXPECT_EQ(sum(&Metrics::queued_messages), 3);
  EXPECT_EQ(come_back(), "CONNACK 00 present, t=3 q1, t=4 q1, t=5 q1");
  EXPECT_EQ(dropped(DropReason::queue_full), 2);
  EXPECT_EQ(sum(&Metrics::queued_messages), 0);
}

TEST_P(Overflow, drops_the_newest) {
  leave_subscriber(OverflowPolicy::drop_newest);
  EXPECT_EQ(publish_five(), kAllTaken);
  EXPECT_EQ(come_back(), "CONNACK 00 present, t=1 q1, t=2 q1, t=3 q1");
  EXPECT_EQ(dropped(DropReason::queue_full), 2);
}

TEST_P(Overflow, refuses_where_told_to) {
  leave_subscriber(OverflowPolicy::reject);
  EXPECT_EQ(publish_five(), kTwoRefused);
  EXPECT_EQ(come_back(), "CONNACK 00 present, t=1 q1, t=2 q1, t=3 q1");
  EXPECT_EQ(dropped(DropReason::queue_full), 2);
}

TEST_P(Overflow, refuses_nothing_that_somebody_took) {
  leave_subscriber(OverflowPolicy::reject);
  for (std::size_t i = 0; i < 2; ++i) client(id_at("other", i)).subscribe("t", q1);
  run();
  EXPECT_EQ(publish_five(), kAllTaken);
}

TEST_P(Overflow, refuses_qos_2_so_that_it_may_be_tried_again) {
  leave_subscriber(OverflowPolicy::reject);
  publish_five();
  ScriptedClient& p = client("q");
  p.publish("t", "6", {.qos = q2, .packet_id = 7});
  run();
  EXPECT_EQ(p.told(), "PUBREC 7 97");
  EXPECT_EQ(come_back(), "CONNACK 00 present, t=1 q1, t=2 q1, t=3 q1");
  p.publish("t", "6", {.qos = q2, .packet_id = 7});
  run();
  EXPECT_EQ(p.told(), "PUBREC 7 00, PUBCOMP 7 00");
}

TEST_P(Overflow, of_a_group_drops_the_oldest) {
  leave_subscriber(OverflowPolicy::drop_oldest, "$share/g/t");
  EXPECT_EQ(publish_five(), kAllTaken);
  EXPECT_EQ(come_back(), "CONNACK 00 present, t=3 q1, t=4 q1, t=5 q1");
  EXPECT_EQ(dropped(DropReason::queue_full), 2);
  EXPECT_EQ(sum(&Metrics::queued_messages), 0);
}

TEST_P(Overflow, of_a_group_drops_the_newest) {
  leave_subscriber(OverflowPolicy::drop_newest, "$share/g/t");
  EXPECT_EQ(publish_five(), kAllTaken);
  EXPECT_EQ(come_back(), "CONNACK 00 present, t=1 q1, t=2 q1, t=3 q1");
}

TEST_P(Overflow, of_a_group_refuses_where_told_to) {
  leave_subscriber(OverflowPolicy::reject, "$share/g/t");
  EXPECT_EQ(publish_five(), kTwoRefused);
  EXPECT_EQ(come_back(), "CONNACK 00 present, t=1 q1, t=2 q1, t=3 q1");
}

TEST_P(Overflow, counts_bytes_too) {
  config.limits.queue_bytes_max = 10;  // topics and payloads
  config.limits.group_queue_bytes_max = 10;
  for (const std::string_view filter : {"t", "$share/g/t"}) {
    client("s", {.session_expiry_s = 100}).subscribe(filter, q1);
    run();
    client("s", {.clean_start = false, .session_expiry_s = 100}).hang_up();
    run();
    ScriptedClient& p = client("p");
    for (const std::string_view payload : {"aaaa", "bbbb", "cccc", "larger than all"}) {
      p.publish("t", payload, {.qos = q1});
    }
    run();
    EXPECT_EQ(sum(&Metrics::queued_messages), 0) << filter;
    p.publish("t", "dddd", {.qos = q1});
    run();
    EXPECT_EQ(come_back(), "CONNACK 00 present, t=dddd q1") << filter;
  }
  EXPECT_EQ(dropped(DropReason::queue_full), 8);
}

TEST_P(Overflow, does_not_drop_what_is_under_way) {
  const Props one = Props().number(Property::receive_maximum, 1);
  config.limits.queue_messages_max = 1;
  ScriptedClient& s = client("s", {.properties = &one, .acks = false});
  s.subscribe("t", q1);
  run();
  EXPECT_EQ(publish_five(), kAllTaken);
  const auto got = s.take();
  ASSERT_EQ(got.size(), 2U);
  EXPECT_EQ(got[1].payload, "1");
  s.send(mqtt::Puback{.packet_id = got[1].packet_id});
  run();
  EXPECT_EQ(s.told(), "t=5 q1");
  EXPECT_EQ(dropped(DropReason::queue_full), 3);
}

}  // namespace
}  // namespace gaon::broker
