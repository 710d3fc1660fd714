#include "app/factory_line.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

namespace gaon::app {
namespace {

std::vector<FactoryMessage> messages(const FactoryPlan& plan, std::size_t count) {
  FactoryLine line(plan);
  std::vector<FactoryMessage> all;
  for (std::size_t i = 0; i < count; ++i) all.push_back(line.next());
  return all;
}

bool same(const FactoryMessage& a, const FactoryMessage& b) {
  return a.due == b.due && a.topic == b.topic && a.payload == b.payload && a.qos == b.qos &&
         a.retain == b.retain;
}

std::string machine_of(const std::string& topic) { return topic.substr(0, topic.rfind('/')); }
std::string signal_of(const std::string& topic) { return topic.substr(topic.rfind('/') + 1); }

// Half an hour of the default factory.
const std::vector<FactoryMessage>& half_an_hour() {
  static const std::vector<FactoryMessage> all = messages({}, 60 * 1800);
  return all;
}

TEST(FactoryLine, the_same_seed_gives_the_same_messages) {
  const auto first = messages({.seed = 7}, 5000);
  EXPECT_TRUE(std::ranges::equal(first, messages({.seed = 7}, 5000), same));
  EXPECT_FALSE(std::ranges::equal(first, messages({.seed = 8}, 5000), same));
}

TEST(FactoryLine, messages_are_due_at_the_rate_of_the_plan) {
  const auto all = messages({.rate_per_s = 250}, 1001);
  EXPECT_EQ(all.front().due.count(), 0);
  EXPECT_EQ(all[250].due.count(), 1000);
  EXPECT_EQ(all[1000].due.count(), 4000);
  EXPECT_TRUE(std::ranges::is_sorted(all, {}, &FactoryMessage::due));
}

TEST(FactoryLine, every_machine_first_tells_its_state_and_states_are_retained) {
  const auto all = messages({}, 24);
  std::set<std::string> machines;
  for (const FactoryMessage& message : all) {
    EXPECT_EQ(signal_of(message.topic), "state");
    machines.insert(machine_of(message.topic));
  }
  EXPECT_EQ(machines.size(), 24U);
  EXPECT_TRUE(machines.contains("factory/line3/machine8"));
  for (const FactoryMessage& message : half_an_hour()) {
    EXPECT_EQ(message.retain, signal_of(message.topic) == "state") << message.topic;
  }
}

TEST(FactoryLine, every_machine_sends_every_signal) {
  std::set<std::string> topics;
  for (const FactoryMessage& message : half_an_hour()) topics.insert(message.topic);
  EXPECT_EQ(topics.size(), 24 * (kSignals.size() + 1));
}

TEST(FactoryLine, every_state_is_seen) {
  std::set<std::string> states;
  for (const FactoryMessage& message : half_an_hour()) {
    if (signal_of(message.topic) == "state") states.insert(message.payload);
  }
  EXPECT_EQ(states, (std::set<std::string>{"running", "idle", "fault"}));
}

TEST(FactoryLine, machines_drop_out_and_come_back_with_their_state) {
  std::map<std::string, Duration> last;
  int returns = 0;
  for (const FactoryMessage& message : half_an_hour()) {
    const auto [seen, is_new] = last.try_emplace(machine_of(message.topic), message.due);
    if (!is_new && message.due - seen->second > seconds(14)) {
      ++returns;
      EXPECT_EQ(signal_of(message.topic), "state") << message.topic;
    }
    seen->second = message.due;
  }
  EXPECT_GT(returns, 10);
}

TEST(FactoryLine, values_are_numbers_or_json_and_counters_never_go_back) {
  std::map<std::string, double> parts;
  for (const FactoryMessage& message : half_an_hour()) {
    const std::string signal = signal_of(message.topic);
    if (signal == "state") continue;
    const auto value = nlohmann::json::parse(message.payload, nullptr, false);
    ASSERT_FALSE(value.is_discarded()) << message.payload;
    EXPECT_EQ(value.is_object(), signal == "vibration" || signal == "power") << message.payload;
    if (signal != "parts") continue;
    EXPECT_GE(value.get<double>(), parts[message.topic]) << message.topic;
    parts[message.topic] = value;
  }
}

TEST(FactoryLine, a_machine_that_fails_has_vibrated_before) {
  std::map<std::string, double> strongest;
  int faults = 0;
  for (const FactoryMessage& message : half_an_hour()) {
    double& vibration = strongest[machine_of(message.topic)];
    const std::string signal = signal_of(message.topic);
    if (signal == "vibration") {
      vibration = std::max(vibration, nlohmann::json::parse(message.payload)["rms_mm_s"].get<double>());
    } else if (signal == "state" && message.payload == "fault") {
      ++faults;
      EXPECT_GT(vibration, 4) << message.topic;
    }
  }
  EXPECT_GT(faults, 10);
}

TEST(FactoryLine, payloads_are_padded_and_stay_what_they_are) {
  for (const FactoryMessage& message : messages({.payload_bytes_min = 200, .qos = 1}, 2000)) {
    EXPECT_GE(message.payload.size(), 200U);
    EXPECT_LT(message.payload.size(), 210U);
    EXPECT_EQ(message.qos, 1);
    if (signal_of(message.topic) == "state") continue;
    EXPECT_TRUE(nlohmann::json::accept(message.payload)) << message.payload;
  }
}

TEST(FactoryLine, a_factory_of_one_machine_goes_on_through_its_silence) {
  const auto all = messages({.lines = 1, .machines = 1, .rate_per_s = 1}, 5000);
  EXPECT_EQ(all.back().due, seconds(4999));
}

}  // namespace
}  // namespace gaon::app
