#include "world.h"

#include "broker/worker.h"

namespace gaon::simulation {

World::World(const Plan& plan) : plan_(plan), random_(plan.seed), events_(plan.verbose) {
  if (plan_.workers == 0) plan_.workers = 1 + plan.seed % 3;
  config_.sys_interval_s = 0;
  config_.listeners.push_back({.url = {}, .allow_anonymous = true});
  config_.limits.inflight_max = static_cast<std::uint16_t>(random_.between(2, 12));
  config_.limits.receive_maximum = static_cast<std::uint16_t>(random_.between(2, 20));
  config_.limits.output_bytes_high = random_.once_in(3) ? random_.between(100, 1000) : 256 * 1024;
  log_options_.segment_bytes = std::size_t{4096} << random_.below(5);
  if (plan.seed % 2 == 0) log_options_.segment_bytes = 4096;  // The smallest: cleaning has most to do.
  log_options_.seed_low = plan.seed;
  log_options_.seed_high = 1;
}

Verdict World::run() {
  start();
  add_clients();
  for (; step_ < plan_.steps && !failed(); ++step_) {
    events_.at(step_, (now_ - begun_).count());
    step();
  }
  if (!failed()) drain();
  return {.failure = model_.failure(),
          .step = step_,
          .last_events = events_.last(),
          .digest = events_.digest(),
          .workers = plan_.workers,
          .messages = model_.messages(),
          .duties = model_.duties(),
          .deaths = deaths_};
}

void World::step() {
  if (plan_.deaths) maybe_die();
  if (random_.once_in(400)) change_faults();
  if (faults_for_ > 0 && --faults_for_ == 0) disk_.set_faults({});
  if (log_ && log_->health() != journal::Health::good) model_.may_refuse();
  const std::size_t turn = random_.below(100);
  if (turn < 30) {
    if (broker_) tick(random_.below(plan_.workers));
  } else if (turn < 45) {
    if (random_.once_in(disk_pace_)) use_disk();
  } else if (turn < 75) {
    clients_[random_.below(clients_.size())]->step(now_);
  } else if (turn < 82) {
    const bool far = random_.once_in(60);
    advance(milliseconds(
        static_cast<std::int64_t>(far ? random_.between(1000, 15'000) : random_.between(1, 60))));
  } else {
    act(*clients_[random_.below(clients_.size())]);
  }
}

void World::use_disk() {
  if (!log_) return;
  log_->step();
  if (log_->pending_bytes() == 0 && quiet()) quiet_ = model_.moment();
}

bool World::quiet() const {
  for (std::size_t i = 0; broker_ && i < plan_.workers; ++i) {
    if (broker_->worker(i).may_wait(now_) == Duration::zero()) return false;
  }
  return true;
}

// No further than a second without a tick, as the timers of a real broker.
void World::advance(Duration duration) {
  const Time end = now_ + duration;
  while (now_ < end) {
    now_ = std::min(end, now_ + seconds(1));
    if (duration >= seconds(1)) tick_all();
  }
  model_.pass(now_);
}

void World::tick(std::size_t worker) {
  backends_[worker]->wait(Duration::zero());
  broker_->worker(worker).tick(now_);
  for (const auto& client : clients_) client->look_whether_gone(now_);
}

void World::tick_all() {
  for (std::size_t i = 0; broker_ && i < plan_.workers; ++i) tick(i);
}

// Faults are over, everybody comes back and gets what is left.
void World::drain() {
  events_.add("--- everybody comes back");
  disk_.set_faults({});
  if (log_ && log_->health() == journal::Health::failed) die(false);
  if (!broker_) start();
  settle();
  if (failed()) return;
  for (const auto& client : clients_) {
    if (!client->done())
      model_.fail(client->profile().id + " does not come to an end with what it publishes");
  }
  model_.end();
  if (!failed()) audit();
}

void World::settle() {
  std::size_t calm = 0;
  for (std::size_t round = 0; round < 3000 && calm < 40 && !failed(); ++round) {
    events_.at(++step_, (now_ - begun_).count());
    const std::uint64_t before = events_.digest();
    for (const auto& client : clients_) {
      if (!client->connected()) dial(*client, true);
      client->be_quick();
    }
    tick_all();
    if (log_->health() != journal::Health::good) model_.may_refuse();
    while (log_->step()) {
    }
    for (const auto& client : clients_) client->step(now_);
    advance(milliseconds(20));
    calm = events_.digest() == before && quiet() ? calm + 1 : 0;
  }
}

void World::audit() {
  SimClient& auditor = add_client({.id = "auditor"});
  settle();
  if (failed() || !auditor.open()) return model_.fail("nobody can connect any more");
  auditor.subscribe("#", mqtt::QoS::at_least_once, now_);
  settle();
  if (!failed()) model_.check_retained(auditor.retained(), now_);
}

Verdict run(const Plan& plan) { return World(plan).run(); }

}  // namespace gaon::simulation
