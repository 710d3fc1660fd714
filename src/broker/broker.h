// What all workers share: the configuration, the seams, and how to reach each other.
// Immutable after construction but for the mailboxes, which are made for it.
#pragma once

#include <array>
#include <atomic>
#include <limits>
#include <memory>
#include <span>
#include <vector>

#include "auth/acl.h"
#include "auth/authenticator.h"
#include "base/hash.h"
#include "broker/admission.h"
#include "broker/config.h"
#include "broker/limit_table.h"
#include "broker/mail.h"
#include "broker/metrics.h"
#include "journal/journal.h"
#include "net/backend.h"

namespace gaon::broker {

class Image;
class Worker;

// A shard is a fixed part of all client ids; it belongs to one worker.
inline constexpr std::size_t kShards = 1024;

// Of limits.memory_bytes_max.
enum class MemoryLevel : std::uint8_t {
  enough,
  scarce,  // no new sessions, and nothing that would have to wait in memory
  none,    // nothing more is published
};

struct BrokerParts {
  Config config;
  std::span<net::Backend* const> backends;  // one a worker; must outlive the broker
  journal::Journal* journal;
  auth::Authenticator* authenticator;
  HashSeed seed;
  std::uint16_t incarnation = 0;  // which life of the process this is
  std::uint64_t random_seed = 0;  // for the client ids that the broker assigns
  Time now;
  // That there can be at one time; limits.connections_max is cut by it.
  std::uint32_t connections_max = std::numeric_limits<std::uint32_t>::max();
};

class Broker {
 public:
  explicit Broker(const BrokerParts& parts);
  ~Broker();

  const Config& config() const { return config_; }  // as it was at start
  Admission& admission() { return admission_; }
  std::uint32_t connections_max() const { return connections_max_; }
  const HashSeed& seed() const { return seed_; }
  std::uint16_t incarnation() const { return incarnation_; }
  journal::Journal& journal() const { return *journal_; }
  auth::Authenticator& authenticator() const { return *authenticator_; }
  Time started() const { return started_; }

  std::size_t workers() const { return workers_.size(); }
  Worker& worker(std::size_t i) const { return *workers_[i]; }
  WorkerId worker_of_shard(std::size_t shard) const { return static_cast<WorkerId>(shard % workers_.size()); }
  static std::size_t shard_of(std::uint64_t hash) { return hash % kShards; }

  // A number over all workers. Any thread.
  std::int64_t sum(Metric Metrics::*metric) const;

  // Other rules from now on. Any thread.
  void set_rules(const auth::AclRules& rules);

  // One change for each worker, which calls its done. Any thread.
  void reload(std::vector<std::unique_ptr<Change>> changes);

  // How the process stands with its memory, from now on. Any thread.
  void set_memory_level(MemoryLevel level);
  MemoryLevel memory_level() const { return memory_level_.load(std::memory_order_relaxed); }

  // Any thread: more of the journal is durable.
  void journal_moved();

  // What an earlier life left; before the first tick, on one thread.
  struct Restored {
    std::size_t sessions = 0;
    std::size_t messages = 0;
    std::size_t retained = 0;
  };
  Restored restore(Image&& image, Time now);

  // Any thread: asks all workers to say goodbye and end; Worker::stopped() tells when.
  void stop();

 private:
  Config config_;
  Admission admission_;
  std::uint32_t connections_max_;
  std::atomic<MemoryLevel> memory_level_{MemoryLevel::enough};
  HashSeed seed_;
  std::uint16_t incarnation_;
  journal::Journal* journal_;
  auth::Authenticator* authenticator_;
  Time started_;
  std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace gaon::broker
