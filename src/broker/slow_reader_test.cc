// A client that reads slowly or not at all costs what its limits say, and costs the
// others nothing.
#include "broker/broker_fixture_test.h"

namespace gaon::broker {
namespace {

struct SlowReader : BrokerTest {
  SlowReader() {
    config.limits.output_bytes_high = 2'000;
    config.limits.packet_bytes_max = 2'000;
    config.limits.queue_messages_max = 50;
  }
};
INSTANTIATE_TEST_SUITE_P(on, SlowReader, one_and_two, workers_name);

TEST_P(SlowReader, is_bounded_while_the_others_get_everything) {
  ScriptedClient& slow = client(id_at("slow", 0));
  ScriptedClient& quick = client(id_at("quick", 0));
  ScriptedClient& far = client(id_at("far", 1));
  for (ScriptedClient* c : {&slow, &quick, &far}) c->subscribe("t", q1);
  run();
  for (ScriptedClient* c : {&slow, &quick, &far}) c->take();
  slow.wire.take_at_most(0);
  ScriptedClient& p = client("p");
  const std::string payload(100, 'x');
  for (int i = 0; i < 1'000; ++i) {
    p.publish("t", payload, {.qos = q1});
    run();
  }
  EXPECT_EQ(p.take().size(), 1'000U);
  EXPECT_EQ(quick.take().size(), 1'000U);
  EXPECT_EQ(far.take().size(), 1'000U);
  EXPECT_EQ(sum(&Metrics::queued_messages), 50);
  const auto lost = dropped(DropReason::queue_full);
  EXPECT_GE(lost, 1'000 - 50 - 2'100 / 100);
  slow.wire.take_at_most(net::MemoryNetwork::kUnlimited);
  run();
  EXPECT_EQ(slow.take().size(), 1'000U - static_cast<std::size_t>(lost));
  EXPECT_EQ(sum(&Metrics::queued_messages), 0);
}

TEST_P(SlowReader, gets_all_in_order_however_little_it_takes_at_once) {
  config.limits.queue_messages_max = 1'000;
  ScriptedClient& slow = client(id_at("slow", 1));
  slow.subscribe("t", q2);
  run();
  slow.take();
  slow.wire.take_at_most(0);
  ScriptedClient& p = client(id_at("p", 0));
  for (int i = 0; i < 300; ++i) p.publish("t", std::to_string(i), {.qos = static_cast<QoS>(i % 3)});
  run();
  int next = 0;
  for (int round = 0; round < 2'000 && next < 300; ++round) {
    slow.wire.take_at_most(13);
    run();
    for (const Got& got : slow.take()) {
      if (got.type != mqtt::PacketType::publish) continue;
      EXPECT_EQ(got.payload, std::to_string(next++));
    }
  }
  EXPECT_EQ(next, 300);
}

// Answers have no queue with a limit, so their questions have to wait.
TEST_P(SlowReader, is_not_heard_while_it_does_not_take_its_answers) {
  ScriptedClient& s = client(id_at("s", 1));
  s.wire.take_at_most(0);
  s.wire.chunk(100);
  constexpr std::size_t kPings = 20'000;
  for (std::size_t i = 0; i < kPings; ++i) s.send(mqtt::Pingreq{});
  run();
  const auto heard = [&] {
    std::int64_t pings = 0;
    for (std::size_t i = 0; i < workers(); ++i) {
      pings += broker().worker(i).metrics.received[static_cast<std::size_t>(mqtt::PacketType::pingreq)].get();
    }
    return pings;
  };
  EXPECT_GE(heard(), 1'000);
  EXPECT_LE(heard(), 2'200);
  s.wire.take_at_most(1'000);
  run();
  EXPECT_LE(heard(), 2'800);
  s.wire.take_at_most(net::MemoryNetwork::kUnlimited);
  run();
  EXPECT_EQ(s.take().size(), kPings);
}

TEST_P(SlowReader, may_go_while_it_is_not_heard) {
  ScriptedClient& s = client("s", {.session_expiry_s = 100});
  s.wire.take_at_most(0);
  for (int i = 0; i < 20'000; ++i) s.send(mqtt::Pingreq{});
  run();
  s.hang_up();
  run();
  s.wire.reset(104);
  run();
  EXPECT_EQ(sum(&Metrics::connections), 0);
  EXPECT_EQ(open("s", {.clean_start = false}).told(), "CONNACK 00 present");
}

}  // namespace
}  // namespace gaon::broker
