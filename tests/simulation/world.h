// One run: the production broker on a network and a disk in memory, under a clock that
// this moves, all in one thread. A seed decides everything: who does what when, what the
// network and the disk do, and when the process dies.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "auth/authenticator.h"
#include "broker/broker.h"
#include "events.h"
#include "journal/log.h"
#include "journal/memory_disk.h"
#include "model.h"
#include "net/memory_backend.h"
#include "random.h"
#include "sim_client.h"

namespace gaon::simulation {

struct Plan {
  std::uint64_t seed = 1;
  std::size_t workers = 0;  // 0: 1, 2 or 3, by the seed
  std::size_t steps = 3000;
  bool deaths = true;  // of the process
  bool verbose = false;
};

struct Verdict {
  std::optional<std::string> failure;
  std::size_t step = 0;
  std::deque<std::string> last_events;
  std::uint64_t digest = 0;
  std::size_t workers = 0;
  std::size_t messages = 0;
  std::size_t duties = 0;
  std::size_t deaths = 0;
};

Verdict run(const Plan& plan);

class World {
 public:
  explicit World(const Plan& plan);
  Verdict run();

 private:
  // world.cc
  void step();
  void advance(Duration duration);
  void tick(std::size_t worker);
  void tick_all();
  void use_disk();
  void drain();
  void settle();
  void audit();

  // world_life.cc: the process.
  void start();
  void die(bool power);
  void maybe_die();
  void change_faults();
  bool quiet() const;

  // world_clients.cc
  void add_clients();
  SimClient& add_client(const Profile& profile);
  void act(SimClient& client);
  void act_open(SimClient& client);
  void publish(SimClient& client);
  void subscribe(SimClient& client);
  void dial(SimClient& client, bool quick);

  bool failed() const { return model_.failure().has_value(); }

  Plan plan_;
  Random random_;
  Events events_;
  Model model_;
  auth::AnonymousOnly anonymous_;
  journal::MemoryDisk disk_;
  journal::LogOptions log_options_;
  broker::Config config_;
  std::deque<net::MemoryNetwork> networks_;  // of all lives: old links may look back
  std::vector<std::unique_ptr<net::MemoryBackend>> backends_;
  std::unique_ptr<journal::Log> log_;
  std::unique_ptr<broker::Broker> broker_;
  std::vector<std::unique_ptr<SimClient>> clients_;
  Time now_{seconds(1'700'000'000)};
  Time begun_ = now_;
  std::size_t step_ = 0;
  std::size_t deaths_ = 0;
  std::size_t down_for_ = 0;    // steps
  std::size_t disk_pace_ = 1;   // a round of the log once in so many turns
  std::size_t faults_for_ = 0;  // steps until the disk has room again
  std::size_t death_in_ = 0;    // steps; 0: none planned
  bool power_fails_ = false;
  Moment quiet_ = 0;  // when everything was last on the disk
};

}  // namespace gaon::simulation
