// A broker in this thread: the real workers on a network in memory with a clock that
// stands until pass(). The same script gives the same run.
#pragma once

#include <memory>
#include <vector>

#include "broker/broker.h"
#include "journal/memory_journal.h"
#include "method.h"
#include "net/memory_backend.h"
#include "stage.h"

namespace gaon::scenario {

class Simulation final : public Stage {
 public:
  // method: of authentication, by EchoMethod; empty: none.
  Simulation(broker::Config config, std::size_t workers, std::string method = {});
  ~Simulation() override;

  Result<std::unique_ptr<Wire>> connect() override;
  void begin() override {}
  bool more() override;
  void pass(Duration duration, const std::function<void()>& look) override;
  bool is_simulated() const override { return true; }

 private:
  void tick();
  std::int64_t traffic() const;
  Duration may_wait() const;

  Time now_{seconds(1'700'000'000)};
  net::MemoryNetwork network_;
  journal::MemoryJournal journal_;
  auth::AnonymousOnly anonymous_;
  EchoMethod by_method_;
  std::vector<std::unique_ptr<net::MemoryBackend>> backends_;
  std::unique_ptr<broker::Broker> broker_;
  std::size_t connections_ = 0;
};

}  // namespace gaon::scenario
