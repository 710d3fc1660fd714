// The listeners that one backend accepts from. Used by its thread.
//
// Without descriptors left a listener stays ready for ever, and the loop would spin.
// So one descriptor is kept in reserve: it is given up, the connection is accepted and
// dropped, and the reserve is opened again. If even that fails, nothing is accepted
// for a while.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "base/metric.h"
#include "base/result.h"
#include "base/time.h"
#include "net/descriptor.h"
#include "net/loop.h"

namespace gaon::net {

class Acceptor {
 public:
  static constexpr std::uint32_t kTurn = 64;  // accepts of one listener in a tick
  static constexpr Duration kRest = milliseconds(100);

  // epoll's events for the listener at index have tag_of(index) as data.
  static constexpr std::uint64_t tag_of(std::size_t index) { return index * 2 + 1; }
  static constexpr std::size_t index_of(std::uint64_t tag) { return static_cast<std::size_t>(tag / 2); }
  static constexpr bool is_tag(std::uint64_t data) { return (data & 1) != 0; }

  // Borrows both.
  Acceptor(int epoll, const Ticker& ticker);

  Result<void> add(int descriptor, std::uint32_t id);
  void remove_all();
  std::uint32_t id(std::size_t index) const { return doors_[index].id; }

  // Nobody is accepted by the listeners with this id until unpause().
  void pause(std::uint32_t id);
  void unpause(std::uint32_t id);

  // Drops what gets this descriptor or a higher one.
  void accept_below(int descriptor) { below_ = descriptor; }

  // A new turn for each listener.
  void begin_tick();

  // The next connection at index, non-blocking, or -1: there is none, or its turn is
  // over. Counts in refused what it dropped and each time it goes to rest.
  int accept(std::size_t index, Metric& refused);

  // While it rests, no listener is watched. kNever: it does not rest.
  Time resume_at() const { return resume_at_; }
  void resume();

 private:
  struct Door {
    int descriptor;
    std::uint32_t id;
    std::uint32_t left;  // of this turn
    bool paused = false;
  };

  // Why accept() gave nothing.
  enum class Trouble : std::uint8_t { none_waiting, with_the_connection, no_descriptor, no_memory, dropped };

  static Trouble trouble(int error);
  Trouble drop_one(int descriptor);
  bool watch(std::size_t index);
  void unwatch(const Door& door);
  void rest();

  int epoll_;
  const Ticker& ticker_;
  Descriptor reserve_;
  int below_ = std::numeric_limits<int>::max();
  std::vector<Door> doors_;
  Time resume_at_ = kNever;
};

}  // namespace gaon::net
