// One torture: clients, a broker that dies, and the judge.
//
//   begin     all are connected and subscribed
//   torment   publishing; the broker is killed and started again
//   drain     nothing new; all come back, until everything is there or nothing moves
//   settle    retained messages and subscriptions are asked for, and the judge closes
//
// Used by one thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/killed_broker.h"
#include "app/stop_signal.h"
#include "app/torture_options.h"
#include "app/torture_publisher.h"
#include "app/torture_subscriber.h"
#include "net/loop.h"

namespace gaon::app {

class TortureRun {
 public:
  // Progress is told in lines.
  TortureRun(const TortureOptions& options, KilledBroker& broker,
             std::function<void(const std::string&)> tell);

  // Starts the broker. Fails when it or its answers do not let us begin.
  Result<void> begin();
  // Fails when a signal ends it, or the broker does not come back.
  Result<void> torment();
  Result<void> drain();
  Result<void> settle();

  const Judge& judge() const { return judge_; }
  std::uint32_t kills() const { return kills_; }

 private:
  void add_streams();
  void add_subscribers();
  void add_group(std::uint8_t qos, const std::vector<StreamId>& streams);
  void add_subscriber(SubscriberPlan plan);
  std::vector<StreamId> streams_of(std::size_t publisher) const;

  // One turn: every client, then a wait for whatever comes first.
  Result<void> turn(bool publishing);
  void wait();
  Result<void> restart();
  template <class Call>
  void each_wire(Call call);
  // Turns until done(); false: nothing arrived for the patience.
  template <class Done>
  Result<bool> turn_until(Done done);
  std::uint64_t events() const { return judge_.acknowledged() + judge_.received(); }
  void report(Time now);

  const TortureOptions& options_;
  KilledBroker& broker_;
  std::function<void(const std::string&)> tell_;
  const net::Ticker ticker_;
  const Time start_;
  StopSignal stop_;
  Random random_;
  Judge judge_;
  TortureScene scene_;
  std::vector<std::unique_ptr<TorturePublisher>> publishers_;
  std::vector<std::unique_ptr<TortureWill>> wills_;
  std::vector<std::unique_ptr<TortureSubscriber>> subscribers_;
  std::unique_ptr<TortureRetained> retained_;
  std::uint32_t kills_ = 0;
  Time next_report_;
};

}  // namespace gaon::app
