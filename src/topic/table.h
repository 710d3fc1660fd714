// An open-addressing table of small values found by a 32-bit part of their hash, the tag.
// The key itself is kept by the caller, who says whether a value has it; so growing never
// looks at a key. Linear probing, at most 3/4 full; erasing closes the gap, so there are
// no tombstones. Owned by one thread.
// Growing and shrinking move all slots at once, in order: some 5 ms for a million.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>

#include "base/check.h"

namespace gaon::topic {

// No node, no token, no filter.
inline constexpr std::uint32_t kNone = 0xFFFFFFFF;

// empty is a value that is never inserted.
template <class Value, Value empty>
class Table {
  static_assert(std::is_trivially_copyable_v<Value>);

 public:
  // The value with this tag for which same(value) is true, or empty.
  template <class Same>
  Value find(std::uint32_t tag, Same&& same) const {
    if (size_ == 0) return empty;
    for (std::uint32_t at = home(tag);; at = after(at)) {
      const Slot& slot = slots_[at];
      if (slot.value == empty) return empty;
      if (slot.tag == tag && same(slot.value)) return slot.value;
    }
  }

  // Brings the slot near while the caller does something else.
  void prefetch(std::uint32_t tag) const {
    if (size_ != 0) __builtin_prefetch(&slots_[home(tag)]);
  }

  // The value must not be in the table.
  void insert(std::uint32_t tag, Value value) {
    CHECK(value != empty);
    // Half as much again and not twice: between 1/2 and 3/4 of the slots are in use.
    if (size_ >= capacity_ / 4 * 3) resize(std::max(kCapacityMin, std::size_t{capacity_} * 3 / 2));
    place({.tag = tag, .value = value});
    ++size_;
  }

  // The value must be in the table.
  void erase(std::uint32_t tag, Value value) {
    CHECK(size_ > 0);
    std::uint32_t at = home(tag);
    while (slots_[at].value != value) {
      CHECK(slots_[at].value != empty);
      at = after(at);
    }
    close_gap(at);
    --size_;
    if (capacity_ > kCapacityMin && size_ < capacity_ / 8) {
      resize(std::max(kCapacityMin, std::size_t{size_} * 2));
    }
  }

  std::size_t size() const { return size_; }
  std::size_t memory_bytes() const { return capacity_ * sizeof(Slot); }

 private:
  static constexpr std::size_t kCapacityMin = 16;

  struct Slot {
    std::uint32_t tag;
    Value value;
  };

  std::uint32_t home(std::uint32_t tag) const {
    return static_cast<std::uint32_t>((std::uint64_t{tag} * capacity_) >> 32);
  }
  std::uint32_t after(std::uint32_t at) const { return at + 1 == capacity_ ? 0 : at + 1; }

  void place(Slot slot) {
    std::uint32_t at = home(slot.tag);
    while (slots_[at].value != empty) at = after(at);
    slots_[at] = slot;
  }

  // What follows moves up, unless the gap lies before its home.
  void close_gap(std::uint32_t gap) {
    for (std::uint32_t at = after(gap); slots_[at].value != empty; at = after(at)) {
      const std::uint32_t from = home(slots_[at].tag);
      const bool stays = gap <= at ? gap < from && from <= at : gap < from || from <= at;
      if (stays) continue;
      slots_[gap] = slots_[at];
      gap = at;
    }
    slots_[gap].value = empty;
  }

  void resize(std::size_t capacity) {
    CHECK(capacity < kNone);
    const std::unique_ptr<Slot[]> old = std::move(slots_);
    const std::uint32_t old_capacity = std::exchange(capacity_, static_cast<std::uint32_t>(capacity));
    slots_ = std::make_unique_for_overwrite<Slot[]>(capacity);
    std::fill_n(slots_.get(), capacity, Slot{.tag = 0, .value = empty});
    // Homes rise with tags, so this fills the new slots from front to back.
    for (std::size_t i = 0; i < old_capacity; ++i) {
      if (old[i].value != empty) place(old[i]);
    }
  }

  std::unique_ptr<Slot[]> slots_;
  std::uint32_t capacity_ = 0;
  std::uint32_t size_ = 0;
};

// From tags to the numbers of things.
using Numbers = Table<std::uint32_t, kNone>;

}  // namespace gaon::topic
