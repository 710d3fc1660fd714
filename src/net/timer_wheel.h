// Millions of timers in a hierarchical wheel: scheduling and cancelling cost the same
// however many there are. One per worker, used by its thread; time is a parameter.
//
// A tick is 8 ms and a timer belongs to the first tick not before its deadline, so it
// is never early, and late by less than a tick if expire() is called in time. Level n
// has 64 slots of 64^n ticks. A timer stands on the level of the highest six bits in
// which its tick differs from the present; when the present reaches its slot there, it
// moves down (at most kLevels - 1 times in its life). 32 bytes a timer, never given back.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/time.h"

namespace gaon::net {

// Names one timer for good: when it has fired or was cancelled, no later one has its id.
struct TimerId {
  std::uint32_t index = 0;
  std::uint32_t generation = 0;  // 0: no timer

  explicit operator bool() const { return generation != 0; }
  bool operator==(const TimerId&) const = default;
};

class TimerWheel {
 public:
  static constexpr Duration kTick = milliseconds(8);

  explicit TimerWheel(Time now);

  // deadline may lie in the past (then it is due at the next tick) or centuries ahead,
  // but must not be kNever.
  TimerId schedule(Time deadline, std::uint64_t what);

  // False if it has fired, was cancelled or is no timer.
  bool cancel(TimerId id);

  std::size_t size() const { return size_; }

  // When to call expire() next; kNever without timers. Not later than the tick of the
  // earliest timer; may be earlier, but always after the last expire().
  Time next_deadline() const;

  // Calls fn(what) for every timer that is due, in order of their ticks. fn may schedule
  // and cancel; what it schedules fires at a later expire(), so this always ends.
  template <class Fn>
  void expire(Time now, Fn&& fn) {
    const Tick limit = begin_expire(now);
    std::uint64_t what = 0;
    while (pop(limit, what)) fn(what);
  }

 private:
  using Tick = std::uint64_t;
  using Index = std::uint32_t;

  static constexpr unsigned kBits = 6;
  static constexpr unsigned kSlots = 1U << kBits;
  static constexpr unsigned kLevels = 7;
  static constexpr Tick kFarthest = (Tick{1} << (kBits * kLevels)) - 1;  // in the year 3085
  static constexpr unsigned kChunk = 1024;

  struct Node {
    std::uint64_t what = 0;
    Tick tick = 0;
    Index next = 0;
    Index previous = 0;
    std::uint32_t generation = 1;
    std::uint32_t slot = 0;  // level * kSlots + slot, or kFree
  };
  static_assert(sizeof(Node) <= 32);

  Node& node(Index index) { return chunks_[index / kChunk][index % kChunk]; }
  Index allocate();
  void free(Index index);
  void link(Index index);
  void unlink(Index index);

  Tick begin_expire(Time now);
  bool pop(Tick limit, std::uint64_t& what);
  void cascade();
  Tick next_tick() const;

  std::vector<std::unique_ptr<Node[]>> chunks_;
  Index made_ = 0;  // nodes handed out so far
  Index free_;
  std::size_t size_ = 0;
  Tick present_;                                   // all before it is done
  Tick earliest_;                                  // the first tick that a new timer may have
  std::array<std::uint64_t, kLevels> occupied_{};  // a bit for each slot that has timers
  std::array<Index, kLevels * kSlots> heads_;      // circular lists in order of arrival
};

}  // namespace gaon::net
