#include "broker/interest.h"

#include <algorithm>

namespace gaon::broker {

using topic::FilterId;

Interest::Added Interest::add(std::string_view filter, const Subscriber& subscriber,
                              std::span<const FilterId> own) {
  cache_.invalidate(filter);
  const auto known = local_.find(filter);
  if (!known) return {local_.insert(filter, subscriber), false, true};
  const auto values = local_.values(*known);
  // Look through the shorter of the two lists.
  const bool may_have = own.size() > values.size() || std::ranges::find(own, *known) != own.end();
  if (may_have) {
    if (Subscriber* mine = find(*known, subscriber.slot, subscriber.is_group)) {
      *mine = subscriber;  // [MQTT-3.8.4-3]
      return {*known, true, false};
    }
  }
  return {local_.insert(filter, subscriber), false, false};
}

bool Interest::remove(FilterId filter, const Subscriber& who) {
  cache_.invalidate(local_.filter(filter));
  const bool last = local_.values(filter).size() == 1;
  const bool removed = local_.erase(
      filter, [&](const Subscriber& s) { return s.slot == who.slot && s.is_group == who.is_group; });
  return removed && last;
}

Subscriber* Interest::find(FilterId filter, std::uint32_t slot, bool is_group) {
  for (Subscriber& s : local_.values(filter)) {
    if (s.slot == slot && s.is_group == is_group) return &s;
  }
  return nullptr;
}

void Interest::add_worker(std::string_view filter, WorkerId worker) {
  cache_.invalidate(filter);
  const WorkerSet bit = WorkerSet{1} << worker;
  if (const auto known = remote_.find(filter)) {
    remote_.values(*known)[0] |= bit;
  } else {
    remote_.insert(filter, bit);
  }
}

void Interest::remove_worker(std::string_view filter, WorkerId worker) {
  cache_.invalidate(filter);
  const auto known = remote_.find(filter);
  if (!known) return;
  WorkerSet& set = remote_.values(*known)[0];
  set &= ~(WorkerSet{1} << worker);
  if (set == 0) remote_.erase(*known, [](WorkerSet) { return true; });
}

const Route& Interest::match(std::string_view topic) {
  if (const Route* cached = cache_.find(topic)) return *cached;
  scratch_.clear();
  match_into(topic, scratch_);
  if (scratch_.subscribers.size() > kCachedSubscribersMax || !cache_.cacheable(topic)) return scratch_;
  Route& stored = cache_.store(topic);
  stored = scratch_;
  return stored;
}

void Interest::match_into(std::string_view topic, Route& route) {
  local_.match(topic, [&](FilterId, std::span<Subscriber> found) {
    route.subscribers.insert(route.subscribers.end(), found.begin(), found.end());
  });
  remote_.match(topic, [&](FilterId, std::span<WorkerSet> found) { route.workers |= found[0]; });
}

}  // namespace gaon::broker
