// gaon simulate: open-loop, so a broker that is slow does not make the factory slower.
#include <cstdio>

#include "app/broker_link.h"
#include "app/command.h"
#include "app/simulate_options.h"
#include "net/loop.h"

namespace gaon::app {
namespace {

// How long the broker may take to be there at the start.
constexpr Duration kStartTimeout = seconds(10);
constexpr Duration kReportInterval = seconds(5);
// At the end, for what is still to be acknowledged.
constexpr Duration kFinishTimeout = seconds(5);

class Factory {
 public:
  Factory(const SimulateOptions& options, BrokerLink& link)
      : options_(options), link_(link), line_(options.plan) {}

  Result<void> run();

 private:
  bool over(const FactoryMessage& message) const;
  Result<void> wait_until(Time due);
  Result<void> look(const client::Incoming& incoming);
  Result<void> publish(const FactoryMessage& message);
  Result<void> finish();
  void report() const;

  const SimulateOptions& options_;
  BrokerLink& link_;
  const net::Ticker ticker_;
  FactoryLine line_;
  Time start_;
  Time next_report_;
  Time back_at_;  // values that were due before are not told any more
  std::uint64_t told_ = 0;
  std::uint64_t sent_ = 0;
  std::uint64_t refused_ = 0;
  std::uint64_t missed_ = 0;  // due without a connection, or without room
};

Result<void> Factory::run() {
  TRY(link_.open_within(kStartTimeout));
  start_ = back_at_ = ticker_.now();
  next_report_ = start_ + kReportInterval;
  for (FactoryMessage message = line_.next(); !over(message); message = line_.next()) {
    TRY(wait_until(start_ + message.due));
    if (link_.stopped()) break;
    TRY(publish(message));
  }
  TRY(finish());
  report();
  return link_.client().disconnect();
}

bool Factory::over(const FactoryMessage& message) const {
  const bool late =
      options_.duration_s > 0 && std::chrono::duration<double>(message.due).count() >= options_.duration_s;
  return late || (options_.count > 0 && told_ == options_.count);
}

// Also when nothing has to be waited for, the broker is heard now and then.
Result<void> Factory::wait_until(Time due) {
  const bool look_around = told_++ % 64 == 0;
  for (Time now = ticker_.now(); (now < due || look_around) && !link_.stopped(); now = ticker_.now()) {
    if (now >= next_report_) {
      report();
      next_report_ += kReportInterval * (1 + (now - next_report_) / kReportInterval);
    }
    const Time wake = std::min(due, next_report_);
    TRY_SET(const auto incoming, link_.next(std::max(Duration(0), wake - now)));
    if (incoming) TRY(look(*incoming));
    if (now >= due && !incoming) break;
  }
  return {};
}

Result<void> Factory::look(const client::Incoming& incoming) {
  if (std::holds_alternative<client::NotDelivered>(incoming)) ++refused_;
  const auto* ended = std::get_if<client::Disconnected>(&incoming);
  if (ended == nullptr) return {};
  if (!worth_retrying(*ended)) return failure(ended->what);
  link_.tell(ended->what + "; connecting again");
  TRY(link_.open_within(Duration::max()));
  back_at_ = ticker_.now();
  return {};
}

Result<void> Factory::publish(const FactoryMessage& message) {
  const bool outdated = start_ + message.due < back_at_ && !message.retain;
  if (outdated || !link_.client().room()) {
    ++missed_;
    return {};
  }
  TRY(link_.client().publish({.topic = message.topic,
                              .payload = as_bytes(message.payload),
                              .qos = static_cast<mqtt::QoS>(message.qos),
                              .retain = message.retain}));
  ++sent_;
  return {};
}

Result<void> Factory::finish() {
  TRY(link_.wait_until_sent(kFinishTimeout));
  while (link_.client().waiting() > 0) {
    TRY_SET(const auto incoming, link_.next(Duration(0)));
    if (incoming && std::holds_alternative<client::NotDelivered>(*incoming)) ++refused_;
  }
  return {};
}

void Factory::report() const {
  const double elapsed_s = std::chrono::duration<double>(ticker_.now() - start_).count();
  std::printf("%6.0f s  %llu sent", elapsed_s, static_cast<unsigned long long>(sent_));
  if (options_.plan.qos > 0) {
    std::printf("  %llu acknowledged", static_cast<unsigned long long>(link_.client().acknowledged()));
  }
  if (refused_ > 0) std::printf("  %llu refused", static_cast<unsigned long long>(refused_));
  if (missed_ > 0) std::printf("  %llu missed", static_cast<unsigned long long>(missed_));
  std::printf("\n");
  std::fflush(stdout);
}

}  // namespace

int simulate_command(const Arguments& arguments) {
  const auto options = read_simulate_options(arguments);
  if (!options) return finish(options.error());
  BrokerLink link("gaon simulate", options->connection);
  const auto run = Factory(*options, link).run();
  return run ? kDone : link.fail(run.error().what);
}

}  // namespace gaon::app
