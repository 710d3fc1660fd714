// A store of one T for each topic name, found by name or walked by filter. Made for
// retained messages: T is a handle, movable, and empty when default-constructed.
// Owned by one thread.
//
// Memory for a million names: 45 to 80 bytes a name besides the T, by how many levels
// they share. What is erased is used again; nothing else bounds it, so the caller limits
// the number of names.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <utility>

#include "base/hash.h"
#include "topic/names.h"
#include "topic/pool.h"
#include "topic/walk.h"

namespace gaon::topic {

template <class T>
class Retained {
 public:
  // Walks through the names that match, in slices. Ends before its store. Between
  // slices, and within fn, the store may change in any way: a name that was there all
  // the time comes exactly once; one that came or went meanwhile may come (once) or not.
  // What it holds back is the memory of one node and those above it.
  class Cursor {
   public:
    // Calls fn(std::string_view name, T&) for each match on at most about budget nodes,
    // hits or not. If fn returns false the slice ends there, and that match is done.
    // Returns whether there may be more.
    template <class Fn>
    bool next(std::size_t budget, Fn&& fn) {
      for (; budget > 0 && !walk_.done(); --budget) {
        const bool wants_more = !walk_.at_match() || call(fn, walk_.name(), store_->values_[walk_.node()]);
        walk_.step();
        if (!wants_more) break;
      }
      return !walk_.done();
    }

   private:
    friend class Retained;
    Cursor(Retained& store, Walk walk) : store_(&store), walk_(std::move(walk)) {}

    template <class Fn>
    static bool call(Fn& fn, std::string_view name, T& value) {
      if constexpr (std::is_void_v<std::invoke_result_t<Fn&, std::string_view, T&>>) {
        fn(name, value);
        return true;
      } else {
        return fn(name, value);
      }
    }

    Retained* store_;
    Walk walk_;
  };

  explicit Retained(const HashSeed& seed) : names_(seed) {}
  Retained(const Retained&) = delete;
  Retained& operator=(const Retained&) = delete;

  // Null if there is none. The T stays where it is until it is erased.
  T* find(std::string_view name) {
    const std::uint32_t node = names_.find(name);
    return node == kNone ? nullptr : &values_[node];
  }

  // The T of a valid name, default-constructed if it is new.
  T& put(std::string_view name) {
    const std::uint32_t node = names_.add(name);
    values_.reach(node);
    return values_[node];
  }

  // False if there is none.
  bool erase(std::string_view name) {
    const std::uint32_t node = names_.find(name);
    if (node == kNone) return false;
    values_[node] = T{};
    names_.remove(node);
    if (size() == 0) values_.clear();
    return true;
  }

  // Through the names that match a valid filter.
  Cursor walk(std::string_view filter) { return Cursor(*this, Walk(names_, filter)); }
  // Through all names, those that begin with '$' too.
  Cursor walk_all() { return Cursor(*this, Walk(names_)); }

  std::size_t size() const { return names_.size(); }
  std::size_t memory_bytes() const { return names_.memory_bytes() + values_.memory_bytes(); }

 private:
  Names names_;
  Pieces<T> values_;  // by node
};

}  // namespace gaon::topic
