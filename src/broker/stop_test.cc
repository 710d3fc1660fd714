// The orderly end.
#include "broker/broker_fixture_test.h"

namespace gaon::broker {
namespace {

struct Stopping : BrokerTest {
  bool stopped() {
    for (std::size_t i = 0; i < workers(); ++i) {
      if (!broker().worker(i).stopped()) return false;
    }
    return true;
  }
};
INSTANTIATE_TEST_SUITE_P(on, Stopping, one_and_two, workers_name);

TEST_P(Stopping, says_goodbye_to_everybody) {
  ScriptedClient& v5 = client(id_at("a", 0));
  ScriptedClient& far = client(id_at("b", 1));
  ScriptedClient& v311 = client(id_at("c", 1), {.version = Version::v311});
  ScriptedClient& silent = call();
  run();
  EXPECT_FALSE(stopped());
  broker().stop();
  run();
  EXPECT_TRUE(stopped());
  EXPECT_EQ(v5.told(), "DISCONNECT 8b, closed");
  EXPECT_EQ(far.told(), "DISCONNECT 8b, closed");
  EXPECT_EQ(v311.told(), "closed");
  EXPECT_EQ(silent.told(), "closed");
  EXPECT_EQ(sum(&Metrics::connections), 0);
}

TEST_P(Stopping, lets_nobody_in_any_more) {
  client("a");
  broker().stop();
  run();
  EXPECT_EQ(open("b").told(), "closed");
}

TEST_P(Stopping, ends_who_is_on_the_way_between_workers) {
  const std::string id = id_at("a", 1);
  ScriptedClient& moves = dial(id, {.accepted_by = 0});
  tick(0);
  broker().stop();
  run();
  EXPECT_TRUE(stopped());
  EXPECT_TRUE(moves.told().ends_with("closed"));
}

TEST_P(Stopping, sends_what_came_before) {
  ScriptedClient& s = client("s");
  s.subscribe("t", q1);
  run();
  s.take();
  ScriptedClient& p = client("p");
  p.publish("t", "x");
  run();
  broker().stop();
  run();
  EXPECT_EQ(s.told(), "t=x, DISCONNECT 8b, closed");
}

}  // namespace
}  // namespace gaon::broker
