#include "simulation.h"

#include <algorithm>

#include "base/check.h"
#include "broker/worker.h"

namespace gaon::scenario {
namespace {

// A broker that is busy for so many ticks after its last byte will be so for ever.
constexpr int kTicksMax = 1'000'000;

class MemoryWire final : public Wire {
 public:
  explicit MemoryWire(net::MemoryPeer peer) : peer_(peer) {}
  ~MemoryWire() override { cut(); }

  void write(std::string_view bytes) override { peer_.write(as_bytes(bytes)); }
  std::string read() override { return std::string(as_text(peer_.read())); }
  bool closed() const override { return peer_.closed() || peer_.aborted(); }
  void hang_up() override {
    if (!ended_) peer_.close();
    ended_ = true;
  }
  void cut() override {
    if (!ended_) peer_.reset(ECONNRESET);
    ended_ = true;
  }

 private:
  net::MemoryPeer peer_;
  bool ended_ = false;
};

}  // namespace

Simulation::Simulation(broker::Config config, std::size_t workers, std::string method) : by_method_(method) {
  auth::Authenticator* authenticator = &anonymous_;
  if (!method.empty()) authenticator = &by_method_;
  config.listeners = {{.url = {}, .allow_anonymous = true}};
  std::vector<net::Backend*> seams;
  for (std::size_t i = 0; i < workers; ++i) {
    backends_.push_back(std::make_unique<net::MemoryBackend>(network_));
    seams.push_back(backends_.back().get());
  }
  broker_ = std::make_unique<broker::Broker>(broker::BrokerParts{.config = config,
                                                                 .backends = seams,
                                                                 .journal = &journal_,
                                                                 .authenticator = authenticator,
                                                                 .seed = {},
                                                                 .incarnation = 1,
                                                                 .random_seed = 1,
                                                                 .now = now_});
}

Simulation::~Simulation() = default;

Result<std::unique_ptr<Wire>> Simulation::connect() {
  // By turns, so that sessions are reached from every worker.
  net::MemoryBackend& backend = *backends_[connections_++ % backends_.size()];
  return std::make_unique<MemoryWire>(backend.peer(backend.connect()));
}

void Simulation::tick() {
  for (std::size_t i = 0; i < backends_.size(); ++i) {
    backends_[i]->wait(Duration::zero());
    broker_->worker(i).tick(now_);
  }
}

bool Simulation::more() {
  const std::int64_t before = traffic();
  for (int ticks = 0;; ++ticks) {
    CHECK(ticks < kTicksMax);
    const std::int64_t last = traffic();
    tick();
    if (traffic() == last && may_wait() > Duration::zero()) return last != before;
  }
}

void Simulation::pass(Duration duration, const std::function<void()>& look) {
  const Time end = now_ + duration;
  do {
    while (more()) look();
    const Duration step = std::min(end - now_, std::max(may_wait(), milliseconds(1)));
    now_ += step;
  } while (now_ < end);
  while (more()) look();
}

Duration Simulation::may_wait() const {
  Duration wait = Duration::max();
  for (std::size_t i = 0; i < backends_.size(); ++i) wait = std::min(wait, broker_->worker(i).may_wait(now_));
  return wait;
}

std::int64_t Simulation::traffic() const {
  std::int64_t total = 0;
  for (const auto& backend : backends_) {
    const net::Traffic& t = backend->traffic;
    total += t.accepted.get() + t.received_bytes.get() + t.sent_bytes.get();
  }
  return total;
}

}  // namespace gaon::scenario
