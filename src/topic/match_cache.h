// A cache from a topic name to V, what a match of that name gave. Direct-mapped, of fixed
// size, allocated with the first entry. Owned by one thread.
//
// Whoever changes a filter calls invalidate: that drops the names that begin with the
// same level (or one of the same hash out of 256), and all names only if the filter
// begins with a wildcard. So the subscriptions of one device do not empty the cache.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/hash.h"
#include "topic/name.h"

namespace gaon::topic {

template <class V>
class MatchCache {
 public:
  static constexpr std::size_t kNameMax = 256;  // bytes

  // slots is a power of two.
  MatchCache(std::size_t slots, const HashSeed& seed) : count_(slots), seed_(seed) {
    CHECK(std::has_single_bit(slots));
  }

  bool cacheable(std::string_view name) const { return name.size() <= kNameMax; }

  // Null if nothing is known. Valid until the next store.
  V* find(std::string_view name) {
    if (slots_ == nullptr || !cacheable(name)) return nullptr;
    Slot& slot = slot_of(name);
    if (slot.name != name || slot.wild_epoch != wild_epoch_ || slot.epoch != epoch_of(name)) return nullptr;
    return &slot.value;
  }

  // An empty V for a cacheable name, to be filled at once. What its slot held is lost.
  V& store(std::string_view name) {
    CHECK(cacheable(name));
    if (slots_ == nullptr) slots_ = std::make_unique<Slot[]>(count_);
    Slot& slot = slot_of(name);
    slot.name = name;
    slot.wild_epoch = wild_epoch_;
    slot.epoch = epoch_of(name);
    if constexpr (requires { slot.value.clear(); }) {
      slot.value.clear();
    } else {
      slot.value = V{};
    }
    return slot.value;
  }

  // What was stored for names that match this valid filter holds no longer.
  void invalidate(std::string_view filter) {
    if (filter.starts_with('+') || filter.starts_with('#')) {
      ++wild_epoch_;
    } else {
      ++epoch_of(filter);
    }
  }

  // Upper bound, without what the Vs hold; the caller bounds those by what it stores.
  std::size_t memory_bytes_max() const { return count_ * (sizeof(Slot) + kNameMax + 1); }

 private:
  struct Slot {
    std::string name;  // empty: never used
    std::uint64_t wild_epoch = 0;
    std::uint64_t epoch = 0;
    V value{};
  };

  Slot& slot_of(std::string_view name) { return slots_[hash(name, seed_) & (count_ - 1)]; }
  std::uint64_t& epoch_of(std::string_view text) {
    return epochs_[hash(Levels(text).next(), seed_) % epochs_.size()];
  }

  std::size_t count_;
  HashSeed seed_;
  std::unique_ptr<Slot[]> slots_;
  std::uint64_t wild_epoch_ = 0;
  std::array<std::uint64_t, 256> epochs_{};  // by the hash of the first level
};

}  // namespace gaon::topic
