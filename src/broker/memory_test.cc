// What waits beyond storage.memory_bytes is only in the journal, and comes as if it were not.
#include <numeric>

#include "broker/broker_fixture_test.h"

namespace gaon::broker {
namespace {

struct Memory : BrokerTest {
  static constexpr std::size_t kMessages = 1000;

  Memory() {
    keeps_log = true;
    config.storage.memory_bytes = 0;
    log_options.segment_bytes = 64 * kKiB;
  }

  ScriptedClient& subscriber(bool acks) {
    ScriptedClient& s = client(id_at("s", 1), {.session_expiry_s = 1000, .acks = acks});
    s.subscribe("t", q2);
    run();
    s.take();
    return s;
  }
  // Payloads of 1,000 bytes that end with their number.
  void publish_all(QoS qos = q1) {
    ScriptedClient& p = client(id_at("p", 0));
    for (std::size_t i = 0; i < kMessages; ++i) {
      std::string payload = std::to_string(i);
      payload.insert(0, 1000 - payload.size(), '.');
      p.publish("t", payload, {.qos = qos});
      if (i % 20 == 19) run();
    }
    run();
  }
  ScriptedClient& resume() { return open(id_at("s", 1), {.clean_start = false, .session_expiry_s = 1000}); }
  // The numbers of the messages that came, if they are of this QoS.
  static std::vector<std::size_t> numbers(ScriptedClient& s, QoS qos = q1) {
    std::vector<std::size_t> all;
    for (const Got& got : s.take()) {
      if (got.type != mqtt::PacketType::publish || got.qos != qos) continue;
      all.push_back(std::stoul(got.payload.substr(got.payload.find_last_of('.') + 1)));
    }
    return all;
  }
  static std::vector<std::size_t> counted() {
    std::vector<std::size_t> all(kMessages);
    std::iota(all.begin(), all.end(), 0U);
    return all;
  }
};
INSTANTIATE_TEST_SUITE_P(on, Memory, one_and_two, workers_name);

TEST_P(Memory, holds_little_of_a_long_queue_and_gives_all_of_it_in_order) {
  subscriber(true).hang_up();
  run();
  const std::int64_t before = Shared::live_bytes();
  publish_all();
  EXPECT_LT(Shared::live_bytes() - before, 350'000);
  EXPECT_EQ(sum(&Metrics::queued_messages), 1000);
  EXPECT_EQ(numbers(resume()), counted());
  EXPECT_EQ(sum(&Metrics::queued_messages), 0);
}

TEST_P(Memory, holds_little_for_a_client_that_does_not_acknowledge) {
  config.limits.inflight_max = 10;
  ScriptedClient& s = subscriber(false);
  const std::int64_t before = Shared::live_bytes();
  publish_all();
  EXPECT_LT(Shared::live_bytes() - before, 350'000);
  s.hang_up();
  run();
  EXPECT_EQ(numbers(resume()), counted());
}

TEST_P(Memory, keeps_qos_2_in_order_and_once) {
  subscriber(true).hang_up();
  run();
  publish_all(q2);
  EXPECT_EQ(numbers(resume(), q2), counted());
}

TEST_P(Memory, that_left_is_there_after_a_crash) {
  subscriber(true).hang_up();
  run();
  publish_all();
  crash();
  EXPECT_EQ(numbers(resume()), counted());
}

TEST_P(Memory, is_used_as_long_as_there_is_some) {
  config.storage.memory_bytes = 256 * kMiB;
  subscriber(true).hang_up();
  run();
  const std::int64_t before = Shared::live_bytes();
  publish_all();
  EXPECT_GT(Shared::live_bytes() - before, 950'000);
}

}  // namespace
}  // namespace gaon::broker
