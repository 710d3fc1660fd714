// The retained store of each worker comes to the same content.
#include <random>

#include "broker/broker_fixture_test.h"

namespace gaon::broker {
namespace {

struct RetainedOnWorkers : testing::Test, TestBroker {
  RetainedOnWorkers() : TestBroker(3) {}

  std::string shown(std::size_t worker) {
    ScriptedClient& watcher = client(id_at("shown", worker));
    watcher.subscribe("#");
    run();
    std::string told = in_any_order(watcher.told());
    watcher.disconnect();
    run();
    return told;
  }
};

TEST_F(RetainedOnWorkers, is_the_latest_wherever_it_was_published) {
  std::vector<ScriptedClient*> publishers;
  for (std::size_t i = 0; i < 3; ++i) publishers.push_back(&client(id_at("p", i)));
  int value = 0;
  for (const std::size_t from : std::initializer_list<std::size_t>{2, 0, 1, 0, 2, 1, 1, 0}) {
    publishers[from]->publish("t", std::to_string(++value), {.retain = true});
    run();
    for (std::size_t i = 0; i < 3; ++i) {
      EXPECT_EQ(shown(i), "SUBACK 1 02, t=" + std::to_string(value) + " retain") << from << " " << i;
    }
  }
  publishers[0]->publish("t", "", {.retain = true});
  run();
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(shown(i), "SUBACK 1 02");
}

TEST_F(RetainedOnWorkers, is_the_same_after_publishes_at_once) {
  for (std::uint32_t seed = 0; seed < 30; ++seed) {
    std::mt19937 random(seed);
    std::vector<ScriptedClient*> publishers;
    for (std::size_t i = 0; i < 3; ++i) {
      publishers.push_back(&client(id_at("p" + std::to_string(seed) + "-", i)));
    }
    for (int step = 0; step < 40; ++step) {
      const std::string payload = random() % 4 == 0 ? "" : std::to_string(step);
      publishers[random() % 3]->publish(random() % 2 == 0 ? "t" : "u", payload, {.retain = true});
      if (random() % 2 == 0) tick(random() % 3);
    }
    run();
    const std::string first = shown(0);
    EXPECT_EQ(shown(1), first) << seed;
    EXPECT_EQ(shown(2), first) << seed;
  }
}

TEST_F(RetainedOnWorkers, forgets_cleared_topics_after_a_while) {
  ScriptedClient& p = client("p");
  p.publish("t", "x", {.retain = true});
  p.publish("t", "", {.retain = true});
  advance(seconds(70));
  p.publish("t", "y", {.retain = true});
  run();
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(shown(i), "SUBACK 1 02, t=y retain");
}

}  // namespace
}  // namespace gaon::broker
