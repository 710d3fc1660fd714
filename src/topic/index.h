// The subscription index: from a filter to the values kept for it, and from a name to
// the values of all filters that match. Owned by one thread.
//
// Memory for a million filters of 20 bytes with one value each: 44 bytes a filter besides
// the value if all are exact, 55 if four in ten have wildcards. What is erased
// is used again; nothing else bounds it, so the caller limits the number of filters and
// their levels.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/hash.h"
#include "topic/few.h"
#include "topic/filters.h"
#include "topic/pool.h"

namespace gaon::topic {

// Dense, stable as long as the filter holds a value, used again afterwards.
using FilterId = std::uint32_t;

template <class T>
class Index {
 public:
  using FilterId = topic::FilterId;

  explicit Index(const HashSeed& seed) : filters_(seed) {}

  // Appends a value to a valid filter. Equal values are not noticed.
  FilterId insert(std::string_view filter, const T& value) {
    const FilterId id = filters_.add(filter);
    values_.reach(id);
    Few<T>& few = values_[id];
    array_bytes_ -= few.memory_bytes();
    few.add(value);
    array_bytes_ += few.memory_bytes();
    ++count_;
    return id;
  }

  std::optional<FilterId> find(std::string_view filter) const {
    const FilterId id = filters_.find(filter);
    return id == kNone ? std::nullopt : std::optional(id);
  }

  // Valid until the filter gets or loses a value.
  std::span<T> values(FilterId id) { return values_[id].all(); }

  // Removes one value for which pred(value) is true, looking from the last to the first;
  // the filter goes with its last value. False if there is no such value.
  template <class Pred>
  bool erase(FilterId id, Pred&& pred) {
    const std::span<T> all = values(id);
    for (std::size_t i = all.size(); i-- > 0;) {
      if (!pred(std::as_const(all[i]))) continue;
      remove(id, i);
      return true;
    }
    return false;
  }

  std::string filter(FilterId id) const { return filters_.text(id); }

  // Calls fn(FilterId, std::span<T>) once for each filter that matches a valid name, in
  // no order. fn may change values, but not insert, erase or match.
  template <class Fn>
  void match(std::string_view name, Fn&& fn) {
    for (const FilterId id : filters_.match(name)) fn(id, values(id));
  }

  std::size_t filters() const { return filters_.size(); }
  std::size_t values() const { return count_; }
  std::size_t memory_bytes() const { return filters_.memory_bytes() + values_.memory_bytes() + array_bytes_; }

 private:
  void remove(FilterId id, std::size_t at) {
    Few<T>& few = values_[id];
    array_bytes_ -= few.memory_bytes();
    few.remove(at);
    array_bytes_ += few.memory_bytes();
    --count_;
    if (few.size() > 0) return;
    filters_.remove(id);
    if (count_ == 0) values_.clear();
  }

  Filters filters_;
  Pieces<Few<T>> values_;  // by FilterId
  std::size_t count_ = 0;
  std::size_t array_bytes_ = 0;
};

}  // namespace gaon::topic
