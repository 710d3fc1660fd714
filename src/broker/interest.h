// Who wants a topic, at two levels with one kind of index: filter -> sessions of this
// worker, filter -> other workers. One per worker, its thread.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "broker/mail.h"
#include "broker/subscriber.h"
#include "topic/index.h"
#include "topic/match_cache.h"

namespace gaon::broker {

using WorkerSet = std::uint64_t;  // bit n: worker n

// What matched a topic.
struct Route {
  std::vector<Subscriber> subscribers;
  WorkerSet workers = 0;

  void clear() {
    subscribers.clear();
    workers = 0;
  }
};

class Interest {
 public:
  explicit Interest(const HashSeed& seed) : local_(seed), remote_(seed), cache_(kCacheSlots, seed) {}

  struct Added {
    topic::FilterId filter;
    bool existed;  // this subscriber had it: its options were replaced
    bool first;    // nobody on this worker had it: the others must know
  };
  // own: the filters this subscriber has already (empty for a group).
  Added add(std::string_view filter, const Subscriber& subscriber, std::span<const topic::FilterId> own);
  // True if it was the worker's last interest in the filter.
  bool remove(topic::FilterId filter, const Subscriber& who);
  std::optional<topic::FilterId> find(std::string_view filter) const { return local_.find(filter); }
  std::string text(topic::FilterId filter) const { return local_.filter(filter); }
  // The subscriber of that slot; null if it has none there.
  Subscriber* find(topic::FilterId filter, std::uint32_t slot, bool is_group);

  void add_worker(std::string_view filter, WorkerId worker);
  void remove_worker(std::string_view filter, WorkerId worker);

  // Valid until the next call of any member.
  const Route& match(std::string_view topic);

  std::size_t filters() const { return local_.filters(); }

 private:
  static constexpr std::size_t kCacheSlots = 4096;
  // Longer routes are not worth remembering: copying them out costs as much as the match.
  static constexpr std::size_t kCachedSubscribersMax = 64;

  void match_into(std::string_view topic, Route& route);

  topic::Index<Subscriber> local_;
  topic::Index<WorkerSet> remote_;
  topic::MatchCache<Route> cache_;
  Route scratch_;
};

}  // namespace gaon::broker
