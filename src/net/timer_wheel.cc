#include "net/timer_wheel.h"

#include <algorithm>
#include <bit>
#include <limits>

#include "base/check.h"

namespace gaon::net {
namespace {

constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();
constexpr std::uint32_t kFree = kNone;
constexpr std::uint64_t kNoTick = std::numeric_limits<std::uint64_t>::max();

// Time before 1970 is all one to us.
std::uint64_t tick_before(Time time) {
  return static_cast<std::uint64_t>(std::max<Duration::rep>(time.time_since_epoch() / TimerWheel::kTick, 0));
}

std::uint64_t tick_after(Time time) {
  const std::uint64_t before = tick_before(time);
  return Time(TimerWheel::kTick * static_cast<Duration::rep>(before)) < time ? before + 1 : before;
}

}  // namespace

TimerWheel::TimerWheel(Time now) : free_(kNone), present_(tick_before(now)), earliest_(present_) {
  CHECK(present_ <= kFarthest);
  heads_.fill(kNone);
}

TimerId TimerWheel::schedule(Time deadline, std::uint64_t what) {
  CHECK(deadline != kNever);
  const Index index = allocate();
  Node& timer = node(index);
  timer.what = what;
  timer.tick = std::clamp(tick_after(deadline), earliest_, kFarthest);
  link(index);
  ++size_;
  return {.index = index, .generation = timer.generation};
}

bool TimerWheel::cancel(TimerId id) {
  if (!id || id.index >= made_) return false;
  const Node& timer = node(id.index);
  if (timer.generation != id.generation || timer.slot == kFree) return false;
  unlink(id.index);
  free(id.index);
  return true;
}

Time TimerWheel::next_deadline() const {
  const Tick tick = next_tick();
  return tick == kNoTick ? kNever : Time(kTick * static_cast<Duration::rep>(tick));
}

TimerWheel::Index TimerWheel::allocate() {
  if (free_ != kNone) {
    const Index index = free_;
    free_ = node(index).next;
    return index;
  }
  CHECK(made_ < kNone);
  if (made_ % kChunk == 0) chunks_.push_back(std::make_unique<Node[]>(kChunk));
  return made_++;
}

void TimerWheel::free(Index index) {
  Node& timer = node(index);
  if (++timer.generation == 0) timer.generation = 1;
  timer.slot = kFree;
  timer.next = free_;
  free_ = index;
  --size_;
}

void TimerWheel::link(Index index) {
  Node& timer = node(index);
  const Tick differing = timer.tick ^ present_;
  const auto level = differing == 0 ? 0U : (static_cast<unsigned>(std::bit_width(differing)) - 1) / kBits;
  const auto slot = static_cast<unsigned>(timer.tick >> (level * kBits)) % kSlots;
  timer.slot = level * kSlots + slot;
  occupied_[level] |= std::uint64_t{1} << slot;
  Index& head = heads_[timer.slot];
  if (head == kNone) {
    head = timer.next = timer.previous = index;
    return;
  }
  timer.next = head;
  timer.previous = node(head).previous;
  node(timer.previous).next = index;
  node(head).previous = index;
}

void TimerWheel::unlink(Index index) {
  const Node& timer = node(index);
  Index& head = heads_[timer.slot];
  if (timer.next == index) {
    head = kNone;
    occupied_[timer.slot / kSlots] &= ~(std::uint64_t{1} << (timer.slot % kSlots));
    return;
  }
  node(timer.previous).next = timer.next;
  node(timer.next).previous = timer.previous;
  if (head == index) head = timer.next;
}

TimerWheel::Tick TimerWheel::begin_expire(Time now) {
  const Tick limit = std::min(tick_before(now), kFarthest - 1);
  earliest_ = std::max(earliest_, limit + 1);
  return limit;
}

// Takes out the next timer that is due; without one, limit is done.
bool TimerWheel::pop(Tick limit, std::uint64_t& what) {
  for (;;) {
    const Tick tick = next_tick();
    if (tick > limit) {
      present_ = std::max(present_, limit + 1);
      return false;
    }
    present_ = tick;
    cascade();
    const Index index = heads_[present_ % kSlots];
    if (index == kNone) continue;
    what = node(index).what;
    unlink(index);
    free(index);
    return true;
  }
}

// Moves down what stands in the slots that the present has reached.
void TimerWheel::cascade() {
  for (unsigned level = kLevels - 1; level > 0; --level) {
    const auto slot = static_cast<unsigned>(present_ >> (level * kBits)) % kSlots;
    if ((occupied_[level] >> slot & 1) == 0) continue;
    const Index first = heads_[level * kSlots + slot];
    heads_[level * kSlots + slot] = kNone;
    occupied_[level] &= ~(std::uint64_t{1} << slot);
    Index index = first;
    do {
      const Index next = node(index).next;
      link(index);
      index = next;
    } while (index != first);
  }
}

// The first tick from the present on at which there is something to fire or to move.
TimerWheel::Tick TimerWheel::next_tick() const {
  Tick nearest = kNoTick;
  for (unsigned level = 0; level < kLevels; ++level) {
    const unsigned shift = level * kBits;
    const auto here = static_cast<unsigned>(present_ >> shift) % kSlots;
    const std::uint64_t ahead = occupied_[level] >> here;
    if (ahead == 0) continue;
    const Tick start = ((present_ >> shift) + static_cast<unsigned>(std::countr_zero(ahead))) << shift;
    nearest = std::min(nearest, std::max(start, present_));
  }
  return nearest;
}

}  // namespace gaon::net
