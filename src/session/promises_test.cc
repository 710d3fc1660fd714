// What MQTT promises, against random lives of a pair: messages both ways, answers in any
// order, bytes held back, connections cut and sessions resumed. The model is the list of
// what was published.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <map>

#include "session/pair_test.h"

namespace gaon {
namespace {

using mqtt::QoS;
using mqtt::Version;

struct Step {
  enum class Kind : std::uint8_t { publish, deliver, settle, cut, connect };
  Kind kind;
  bool by_client;
  std::uint16_t number;  // of bytes, or which one
};

rc::Gen<Step> step() {
  using Kind = Step::Kind;
  const auto kind = rc::gen::weightedElement<Kind>(
      {{6, Kind::publish}, {12, Kind::deliver}, {8, Kind::settle}, {1, Kind::cut}, {2, Kind::connect}});
  return rc::gen::build<Step>(rc::gen::set(&Step::kind, kind),
                              rc::gen::set(&Step::by_client, rc::gen::arbitrary<bool>()),
                              rc::gen::set(&Step::number, rc::gen::inRange<std::uint16_t>(0, 90)));
}

class Life {
 public:
  Life(Version version, std::uint16_t server_window, std::uint16_t client_window, std::uint16_t inflight)
      : pair_(version) {
    pair_.server.options = options(server_window, inflight);
    pair_.client.options = options(client_window, inflight);
    const bool v5 = version == Version::v5;
    to_server_most_ = std::min<std::size_t>(inflight, v5 ? server_window : 65'535);
    to_client_most_ = std::min<std::size_t>(inflight, v5 ? client_window : 65'535);
    settle_by_hand(true);
    pair_.open();
  }

  void take(const Step& step) {
    Side& side = step.by_client ? pair_.client : pair_.server;
    Pair::Direction& direction = step.by_client ? pair_.to_server : pair_.to_client;
    switch (step.kind) {
      case Step::Kind::publish:
        publish(side, step.number);
        break;
      case Step::Kind::deliver:
        pair_.deliver(direction, step.number);
        break;
      case Step::Kind::settle:
        if (!side.owed.empty()) side.settle(step.number % side.owed.size());
        break;
      case Step::Kind::cut:
        pair_.cut();
        break;
      case Step::Kind::connect:
        if (!pair_.client.endpoint) pair_.connect(false);
        break;
    }
  }

  // Lets everything come to its end, then asks what became of it.
  void check() {
    settle_by_hand(false);
    pair_.server.settle_all();
    pair_.client.settle_all();
    if (!pair_.client.endpoint) pair_.connect(false);
    pair_.run();
    check(pair_.client, pair_.server);
    check(pair_.server, pair_.client);
    RC_ASSERT(pair_.to_server.unfinished_most <= to_server_most_);
    RC_ASSERT(pair_.to_client.unfinished_most <= to_client_most_);
  }

 private:
  static EndpointOptions options(std::uint16_t window, std::uint16_t inflight) {
    return {.receive_maximum = window, .topic_alias_maximum = 2, .inflight_max = inflight};
  }

  void settle_by_hand(bool by_hand) { pair_.server.settles = pair_.client.settles = !by_hand; }

  void publish(Side& side, unsigned number) {
    auto& list = published_[&side];
    const auto qos = static_cast<QoS>(number % 3);
    const std::string text = std::to_string(list.size());
    list.push_back(qos);
    side.publish("t" + std::to_string(number % 5), text, qos, pair_.now);
  }

  void check(const Side& from, const Side& to) {
    const std::vector<QoS>& list = published_[&from];
    std::vector<int> count(list.size());
    std::size_t last_new = 0;
    for (const Side::Got& one : to.got) {
      const auto number = static_cast<std::size_t>(std::stoul(one.payload));
      RC_ASSERT(one.qos == list.at(number));
      if (count[number]++ > 0) continue;
      RC_ASSERT(number >= last_new);  // First deliveries are in order, over all QoS.
      last_new = number;
    }
    for (std::size_t i = 0; i < list.size(); ++i) {
      if (list[i] == QoS::at_most_once) RC_ASSERT(count[i] <= 1);
      if (list[i] == QoS::at_least_once) RC_ASSERT(count[i] >= 1);
      if (list[i] == QoS::exactly_once) RC_ASSERT(count[i] == 1);
    }
    RC_ASSERT(to.violations.empty());
    RC_ASSERT(from.session.outbound.empty());
    RC_ASSERT(to.session.inbound.unfinished() == 0u);
    const auto sent = std::ranges::count_if(list, [](QoS qos) { return qos != QoS::at_most_once; });
    RC_ASSERT(from.finished.size() == static_cast<std::size_t>(sent));
  }

  Pair pair_;
  std::map<const Side*, std::vector<QoS>> published_;
  std::size_t to_server_most_ = 0;
  std::size_t to_client_most_ = 0;
};

void nothing_is_lost_or_doubled(Version version) {
  const bool held = rc::check([version] {
    const auto window = rc::gen::inRange<std::uint16_t>(1, 6);
    Life life(version, *window, *window, *rc::gen::inRange<std::uint16_t>(1, 12));
    for (const Step& one : *rc::gen::container<std::vector<Step>>(step())) life.take(one);
    life.check();
  });
  EXPECT_TRUE(held);
}

TEST(Promises, nothing_is_lost_or_doubled_in_mqtt_3_1) { nothing_is_lost_or_doubled(Version::v31); }
TEST(Promises, nothing_is_lost_or_doubled_in_mqtt_3_1_1) { nothing_is_lost_or_doubled(Version::v311); }
TEST(Promises, nothing_is_lost_or_doubled_in_mqtt_5) { nothing_is_lost_or_doubled(Version::v5); }

}  // namespace
}  // namespace gaon
