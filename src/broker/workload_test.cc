// Random work on random connections, with the ticks of the workers in random order,
// held against what MQTT promises: QoS 1 at least once, QoS 2 exactly once, the order of
// each publisher, each shared message to one member, nothing to who did not ask.
#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <memory>
#include <random>

#include "broker/workload_client_test.h"
#include "topic/name.h"

namespace gaon::broker {
namespace {

constexpr std::array<const char*, 4> kTopics = {"a/x", "a/y", "b/x", "c"};
constexpr std::array<const char*, 6> kFilters = {"a/#", "+/x", "c", "a/y", "#", "nobody"};

class Workload : public TestBroker {
 public:
  Workload(std::size_t workers, std::uint32_t seed) : TestBroker(workers), random_(seed) {
    config.limits.inflight_max = 5;
    config.limits.receive_maximum = 8;
    for (std::size_t i = 0; i < 4; ++i) publishers_.push_back({client_of("p", i), 0});
    steady_ = publishers_[0].client;
    for (std::size_t i = 0; i < 5; ++i) add_subscriber(i, false);
    for (std::size_t i = 0; i < 3; ++i) add_subscriber(i, true);
  }

  void work() {
    for (int i = 0; i < 600; ++i) step();
  }

  // Everybody comes back and gets what is left.
  void settle() {
    const auto all_done = [&] {
      return std::ranges::all_of(clients_, [](const auto& c) { return c->connected() && c->done(); });
    };
    for (int round = 0; round < 500; ++round) {
      for (const auto& c : clients_) {
        if (!c->connected()) c->connect(pick(3));
      }
      bool moved = false;
      for (std::size_t i = 0; i < workers(); ++i) tick(i);
      for (const auto& c : clients_) moved = c->step() || moved;
      if (!moved && quiet() && all_done() && round > 20) break;
    }
    EXPECT_TRUE(all_done());
    EXPECT_EQ(sum(&Metrics::queued_messages), 0);
  }

  void check() {
    for (const Subscriber& s : subscribers_) check_order(s);
    for (const auto& [payload, sent] : sent_) {
      std::size_t members = 0;
      for (const Subscriber& s : subscribers_) {
        const std::size_t copies = check_copies(s, payload, sent);
        if (s.shared && copies > 0) ++members;
      }
      EXPECT_GE(members, sent.group_ready && sent.qos != q0 ? 1U : 0U) << payload;
      if (sent.once) {
        EXPECT_LE(members, 1U) << payload;
      }
    }
  }

 private:
  struct Publisher {
    WorkloadClient* client;
    int number;
  };
  struct Subscriber {
    WorkloadClient* client;
    std::vector<std::string> filters;
    QoS qos;
    bool shared;
  };
  struct Sent {
    std::string topic;
    QoS qos;
    bool once = true;           // not repeated by its publisher under another id
    std::vector<bool> ready{};  // subscribers whose SUBACK had come
    bool group_ready = false;
  };

  std::size_t pick(std::size_t n) { return random_() % n; }

  WorkloadClient* client_of(const std::string& name, std::size_t number) {
    const Version version = pick(3) == 0 ? Version::v311 : Version::v5;
    clients_.push_back(std::make_unique<WorkloadClient>(
        *this, id_at(name + std::to_string(number) + "-", pick(3)), version));
    return clients_.back().get();
  }

  void add_subscriber(std::size_t number, bool shared) {
    Subscriber s{
        client_of(shared ? "g" : "s", number), {}, static_cast<QoS>(shared ? 1 + pick(2) : pick(3)), shared};
    if (shared) {
      s.filters = {"$share/g/a/#"};
    } else {
      for (std::size_t i = 0; i < 2; ++i) s.filters.emplace_back(kFilters[pick(kFilters.size())]);
    }
    subscribers_.push_back(s);
  }

  void step() {
    WorkloadClient& any = *clients_[pick(clients_.size())];
    switch (pick(12)) {
      case 0:
        if (&any != steady_ && pick(3) == 0) any.hang_up(pick(2) == 0);
        break;
      case 1:
      case 2:
        if (!any.connected()) any.connect(pick(3));
        break;
      case 3: {
        const Subscriber& s = subscribers_[pick(subscribers_.size())];
        if (s.client->connected() && (!s.client->subscribed || pick(8) == 0)) s.client->ask(s.filters, s.qos);
        break;
      }
      case 4:
      case 5:
        publish(publishers_[pick(publishers_.size())]);
        break;
      case 6:
      case 7:
      case 8:
        any.step();
        break;
      default:
        tick(pick(workers()));
    }
  }

  void publish(Publisher& publisher) {
    char payload[40];
    std::snprintf(payload, sizeof payload, "%td.%04d", &publisher - publishers_.data(), publisher.number++);
    Sent sent{.topic = kTopics[pick(kTopics.size())], .qos = static_cast<QoS>(pick(3))};
    for (const Subscriber& s : subscribers_) {
      sent.ready.push_back(s.client->subscribed);
      sent.group_ready = sent.group_ready || (s.shared && s.client->subscribed);
    }
    sent.group_ready = sent.group_ready && sent.topic.starts_with("a/");
    sent.once = sent.qos != q1 || publisher.client == steady_;
    publisher.client->publish(sent.topic, payload, sent.qos);
    sent_[payload] = std::move(sent);
  }

  // Returns how many copies came.
  std::size_t check_copies(const Subscriber& s, const std::string& payload, const Sent& sent) {
    const auto copies = static_cast<std::size_t>(
        std::ranges::count(s.client->arrivals, payload, &WorkloadClient::Arrival::payload));
    const bool wanted = std::ranges::any_of(s.filters, [&](const std::string& filter) {
      return topic::matches(s.shared ? "a/#" : filter, sent.topic);
    });
    const QoS qos = std::min(s.qos, sent.qos);
    const bool ready = sent.ready[static_cast<std::size_t>(&s - subscribers_.data())];
    EXPECT_GE(copies, wanted && !s.shared && qos != q0 && ready ? 1U : 0U) << payload;
    EXPECT_LE(copies, !wanted ? 0 : qos != q1 && sent.once ? 1 : s.client->arrivals.size()) << payload;
    return copies;
  }

  // First copies come in the order of their publisher, but for what it repeated itself.
  void check_order(const Subscriber& s) {
    if (s.shared) return;
    std::map<char, std::string> latest;
    std::map<std::string, int> seen;
    for (const WorkloadClient::Arrival& arrival : s.client->arrivals) {
      if (!sent_[arrival.payload].once || seen[arrival.payload]++ > 0) continue;
      std::string& last = latest[arrival.payload[0]];
      EXPECT_LT(last, arrival.payload);
      last = arrival.payload;
    }
  }

  std::mt19937 random_;
  std::vector<std::unique_ptr<WorkloadClient>> clients_;
  std::vector<Publisher> publishers_;
  const WorkloadClient* steady_ = nullptr;  // a publisher that never loses its connection
  std::vector<Subscriber> subscribers_;
  std::map<std::string, Sent> sent_;
};

struct RandomWork : testing::TestWithParam<std::size_t> {};
INSTANTIATE_TEST_SUITE_P(on, RandomWork, testing::Values(std::size_t{1}, std::size_t{2}, std::size_t{3}),
                         workers_name);

TEST_P(RandomWork, keeps_every_promise) {
  for (std::uint32_t seed = 1; seed <= 30 && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Workload workload(GetParam(), seed);
    workload.work();
    workload.settle();
    workload.check();
  }
}

}  // namespace
}  // namespace gaon::broker
