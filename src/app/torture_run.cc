#include "app/torture_run.h"

#include <poll.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace gaon::app {
namespace {

constexpr Duration kStartPatience = seconds(30);
constexpr Duration kReportInterval = seconds(1);
// A turn waits no longer, because clients have plans of their own.
constexpr int kTurnMs = 5;
// Everything is there; what comes too often may still come.
constexpr Duration kQuiet = milliseconds(500);
// Between the shortest and longest life of a broker, as parts of the mean.
constexpr double kLifeLeast = 0.05;
constexpr double kLifeMost = 4;

// Most lives are short, few long: kills fall into every phase of what a broker does.
Duration life(Random& random, Duration mean) {
  const double parts = std::clamp(-std::log(random.between(1e-9, 1)), kLifeLeast, kLifeMost);
  return Duration(static_cast<Duration::rep>(parts * static_cast<double>(mean.count())));
}

}  // namespace

TortureRun::TortureRun(const TortureOptions& options, KilledBroker& broker,
                       std::function<void(const std::string&)> tell)
    : options_(options),
      broker_(broker),
      tell_(std::move(tell)),
      start_(ticker_.now()),
      random_(options.seed),
      scene_{judge_, random_, {.host = "127.0.0.1", .port = broker.port()}},
      next_report_(start_) {
  stop_.hold();
  add_streams();
  add_subscribers();
}

// --- who takes part

void TortureRun::add_streams() {
  using Kind = StreamFacts::Kind;
  std::vector<StreamId> retained;
  const auto version_of = [&](std::size_t i) { return options_.versions[i % options_.versions.size()]; };
  for (std::size_t i = 0; i < options_.publishers; ++i) {
    const std::string name = "p" + std::to_string(i);
    PublisherPlan plan = {.client_id = "torture-" + name,
                          .version = version_of(i),
                          .rate_per_s = options_.rate_per_s / options_.publishers,
                          .window = options_.window,
                          .size = options_.size};
    for (const std::uint8_t qos : options_.qos) {
      const std::string topic = "torture/" + name + "/q" + std::to_string(qos) + "/";
      for (std::uint32_t t = 0; t < options_.topics; ++t) {
        plan.streams.push_back(
            judge_.add(StreamFacts{plan.client_id, topic + "t" + std::to_string(t), qos, Kind::plain}));
      }
      retained.push_back(judge_.add(StreamFacts{plan.client_id, topic + "last", qos, Kind::retained}));
      plan.streams.push_back(retained.back());
    }
    publishers_.push_back(std::make_unique<TorturePublisher>(scene_, std::move(plan)));
  }
  for (const std::uint8_t qos : options_.qos) {
    for (const std::uint8_t version : options_.versions) {
      const std::string name = "w" + std::to_string(wills_.size());
      const StreamId stream = judge_.add(StreamFacts{
          "torture-" + name, "torture/" + name + "/q" + std::to_string(qos) + "/will", qos, Kind::will});
      wills_.push_back(std::make_unique<TortureWill>(scene_, "torture-" + name, version, stream));
    }
  }
  retained_ = std::make_unique<TortureRetained>(scene_, "torture/+/+/last", std::move(retained));
}

std::vector<StreamId> TortureRun::streams_of(std::size_t publisher) const {
  std::vector<StreamId> streams;
  const std::string name = "torture-p" + std::to_string(publisher);
  for (StreamId id = 0; id < judge_.streams(); ++id) {
    if (judge_.facts(id).publisher == name) streams.push_back(id);
  }
  return streams;
}

void TortureRun::add_subscribers() {
  std::vector<StreamId> all(judge_.streams());
  for (StreamId id = 0; id < all.size(); ++id) all[id] = id;
  const std::vector<StreamId> some = streams_of(0);
  std::vector<std::string> exact;
  for (const StreamId id : some) exact.push_back(judge_.facts(id).topic);

  struct Kind {
    const char* name;
    Presence presence;
    bool slow;
    bool wildcard;
  };
  constexpr Kind kKinds[] = {
      {"steady", Presence::always, false, true},     {"exact", Presence::restless, false, false},
      {"restless", Presence::restless, false, true}, {"absent", Presence::absent, false, true},
      {"slow", Presence::always, true, false},
  };
  for (const std::uint8_t qos : options_.qos) {
    for (const Kind& kind : kKinds) {
      for (const std::uint8_t version : options_.versions) {
        const std::string name =
            "torture-" + std::string(kind.name) + "-q" + std::to_string(qos) + "-v" + std::to_string(version);
        const ReceiverId receiver = judge_.add(ReceiverFacts{name, qos, false, kind.wildcard ? all : some});
        add_subscriber({.client_id = name,
                        .version = version,
                        .qos = qos,
                        .filters = kind.wildcard ? std::vector<std::string>{"torture/#"} : exact,
                        .receiver = receiver,
                        .presence = kind.presence,
                        .slow = kind.slow});
      }
    }
    add_group(qos, all);
  }
}

void TortureRun::add_group(std::uint8_t qos, const std::vector<StreamId>& streams) {
  const std::string group = "readers" + std::to_string(qos);
  const ReceiverId receiver = judge_.add(ReceiverFacts{group, qos, true, streams});
  for (const std::uint8_t version : options_.versions) {
    for (const Presence presence : {Presence::always, Presence::restless, Presence::absent}) {
      const auto member = static_cast<int>(presence);
      add_subscriber(
          {.client_id = "torture-" + group + "-" + std::to_string(member) + "-v" + std::to_string(version),
           .version = version,
           .qos = qos,
           .filters = {"$share/" + group + "/torture/#"},
           .receiver = receiver,
           .presence = presence});
    }
  }
}

void TortureRun::add_subscriber(SubscriberPlan plan) {
  subscribers_.push_back(std::make_unique<TortureSubscriber>(scene_, std::move(plan)));
}

// --- the phases

Result<void> TortureRun::begin() {
  TRY(broker_.start(kStartPatience));
  judge_.broker_started();
  const Time now = ticker_.now();
  for (auto& subscriber : subscribers_) subscriber->wire().go_online(now);
  const auto ready = [&] {
    return std::ranges::all_of(subscribers_, [](const auto& one) { return one->subscribed(); });
  };
  while (!ready()) {
    TRY(turn(false));
    if (judge_.count(Broken::crashed) > 0) return failure("the broker ended while clients subscribed");
    if (ticker_.now() > now + kStartPatience) return failure("the broker does not answer SUBSCRIBE");
  }
  for (const auto& subscriber : subscribers_) {
    if (subscriber->refused()) return failure("the broker refuses a subscription");
  }
  for (auto& publisher : publishers_) publisher->wire().go_online(now);
  for (auto& will : wills_) will->wire().go_online(now);
  retained_->wire().go_online(now);
  return {};
}

Result<void> TortureRun::torment() {
  const Time publish_until = ticker_.now() + options_.duration;
  Time kill_at = ticker_.now() + life(random_, options_.every);
  while (kills_ < options_.kills || ticker_.now() < publish_until) {
    TRY(turn(true));
    if (kills_ == options_.kills || ticker_.now() < kill_at) continue;
    broker_.kill();
    ++kills_;
    TRY(restart());
    kill_at = ticker_.now() + life(random_, options_.every);
  }
  return {};
}

Result<void> TortureRun::drain() {
  for (auto& will : wills_) will->stop();
  for (auto& subscriber : subscribers_) subscriber->come_back(ticker_.now());
  std::uint64_t before = events();
  Time quiet_since = ticker_.now();
  const auto all_there = [&] {
    if (events() != before) quiet_since = ticker_.now();
    before = events();
    return ticker_.now() >= quiet_since + kQuiet && judge_.missing() == 0 &&
           std::ranges::all_of(publishers_, [](const auto& one) { return one->idle(); });
  };
  TRY(turn_until(all_there));
  return {};
}

Result<void> TortureRun::settle() {
  retained_->begin_again(ticker_.now());
  TRY_SET(const bool complete, turn_until([&] { return retained_->complete(); }));
  if (!complete) retained_->report_missing();
  for (auto& subscriber : subscribers_) subscriber->unsubscribe();
  TRY(turn_until([&] {
    return std::ranges::all_of(subscribers_, [](const auto& one) { return one->unsubscribed(); });
  }));
  judge_.close();
  return {};
}

// --- a turn

template <class Call>
void TortureRun::each_wire(Call call) {
  for (auto& one : publishers_) call(one->wire());
  for (auto& one : wills_) call(one->wire());
  for (auto& one : subscribers_) call(one->wire());
  call(retained_->wire());
}

Result<void> TortureRun::turn(bool publishing) {
  const Time now = ticker_.now();
  for (auto& one : publishers_) one->tick(now, publishing);
  for (auto& one : wills_) one->tick(now);
  for (auto& one : subscribers_) one->tick(now);
  retained_->tick(now);
  if (now >= next_report_) report(now);
  if (stop_.raised()) return failure("ended by a signal");
  if (const auto ended = broker_.ended_by_itself()) {
    judge_.broken(Broken::crashed, *ended + ", broker " + std::to_string(judge_.incarnation()));
    TRY(restart());
  }
  wait();
  return {};
}

void TortureRun::wait() {
  std::vector<pollfd> waiting;
  waiting.push_back({stop_.descriptor(), POLLIN, 0});
  each_wire([&](TortureWire& wire) {
    if (wire.is_closed()) return;
    const auto events = static_cast<short>(POLLIN | (wire.has_output() ? POLLOUT : 0));
    waiting.push_back({wire.descriptor(), events, 0});
  });
  ::poll(waiting.data(), waiting.size(), kTurnMs);
}

Result<void> TortureRun::restart() {
  TRY(broker_.start(kStartPatience));
  judge_.broker_started();
  return {};
}

template <class Done>
Result<bool> TortureRun::turn_until(Done done) {
  std::uint64_t before = events();
  Time moved_at = ticker_.now();
  while (!done()) {
    TRY(turn(false));
    if (events() != before) moved_at = ticker_.now();
    before = events();
    if (ticker_.now() > moved_at + options_.patience) return false;
  }
  return true;
}

void TortureRun::report(Time now) {
  next_report_ = now + kReportInterval;
  char line[160];
  std::snprintf(
      line, sizeof line,
      "%5.0f s  kills %u/%u  published %llu  acknowledged %llu  received %llu  missing %llu",
      std::chrono::duration<double>(now - start_).count(), kills_, options_.kills,
      static_cast<unsigned long long>(judge_.sent()), static_cast<unsigned long long>(judge_.acknowledged()),
      static_cast<unsigned long long>(judge_.received()), static_cast<unsigned long long>(judge_.missing()));
  tell_(line);
}

}  // namespace gaon::app
