// The life of the process: start from what is on the disk, faults, death.
#include "broker/image.h"
#include "broker/worker.h"
#include "world.h"

namespace gaon::simulation {

using journal::Log;
using journal::MemoryDisk;

void World::start() {
  broker::Image image;
  log_options_.on_durable = [this] {
    if (broker_) broker_->journal_moved();
  };
  auto opened = Log::open(disk_, log_options_, [&](ByteView records, journal::Place begin) {
    return image.apply(records, begin);
  });
  if (!opened) {
    if (power_fails_) {  // While it starts.
      events_.add("the power fails again");
      disk_.crash(random_.engine());
      power_fails_ = false;
      return start();
    }
    return model_.fail("the broker does not start: " + opened.error().what);
  }
  log_ = std::move(*opened);
  if (!power_fails_) disk_.set_faults({});
  net::MemoryNetwork& network = networks_.emplace_back();
  backends_.clear();
  std::vector<net::Backend*> backends;
  for (std::size_t i = 0; i < plan_.workers; ++i) {
    backends_.push_back(std::make_unique<net::MemoryBackend>(network));
    backends.push_back(backends_.back().get());
  }
  const journal::Identity identity = log_->identity();
  broker_ =
      std::make_unique<broker::Broker>(broker::BrokerParts{.config = config_,
                                                           .backends = backends,
                                                           .journal = log_.get(),
                                                           .authenticator = &anonymous_,
                                                           .seed = {identity.seed_low, identity.seed_high},
                                                           .incarnation = identity.incarnation,
                                                           .random_seed = plan_.seed + identity.incarnation,
                                                           .now = now_});
  const auto restored = broker_->restore(std::move(image), now_);
  events_.add("the broker starts with " + std::to_string(restored.sessions) + " sessions, " +
              std::to_string(restored.messages) + " messages, " + std::to_string(restored.retained) +
              " retained");
  model_.back(now_, quiet_);
  tick_all();
}

void World::die(bool power) {
  ++deaths_;
  events_.add(power ? "--- the power fails" : "--- the broker dies");
  // What was on the way to them may still arrive.
  for (const auto& client : clients_) client->broker_died(now_);
  model_.died(now_);
  broker_.reset();
  backends_.clear();
  log_.reset();
  disk_.set_faults({});
  if (power) disk_.crash(random_.engine());
  power_fails_ = false;
  death_in_ = faults_for_ = 0;
  down_for_ = random_.between(1, 60);
}

void World::maybe_die() {
  if (!broker_) {
    if (--down_for_ > 0) return;
    if (random_.once_in(8)) {
      disk_.set_faults({.power_fails_at = random_.between(1, 12)});
      power_fails_ = true;
    }
    start();
    // The disk may be off by now; the rest of the machine follows.
    if (power_fails_) death_in_ = random_.between(1, 20);
    return;
  }
  if (log_->health() == journal::Health::failed && !power_fails_) {
    events_.add("the journal failed: " + log_->why_failed());
    return die(false);
  }
  if (death_in_ > 0) {
    if (--death_in_ == 0) die(power_fails_ || random_.once_in(2));
    return;
  }
  if (!random_.once_in(600)) return;
  death_in_ = 1;
  if (random_.once_in(2)) {  // In the middle of what the disk does.
    disk_.set_faults({.power_fails_at = random_.between(1, 6)});
    power_fails_ = true;
    death_in_ = random_.between(1, 40);
  }
}

void World::change_faults() {
  if (power_fails_ || !broker_) return;
  disk_pace_ = random_.once_in(2) ? 1 : random_.between(2, 30);
  if (random_.once_in(4)) {
    events_.add("the disk fills up");
    disk_.set_faults({.room = disk_.used() + random_.below(2 * log_options_.segment_bytes)});
    faults_for_ = random_.between(50, 400);
  } else if (plan_.deaths && random_.once_in(6)) {
    events_.add("a sync will fail");
    disk_.set_faults({.sync_fails_at = random_.between(1, 10)});
    faults_for_ = 200;
  } else if (random_.once_in(3)) {
    disk_.set_faults({.write_max = random_.between(1, 700)});
    faults_for_ = random_.between(50, 400);
  }
}

}  // namespace gaon::simulation
