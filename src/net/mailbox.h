// The only place where threads meet: a Mailbox carries batches from many threads to
// one, a Waker gets that one out of its wait.
#pragma once

#include <atomic>
#include <cstddef>
#include <iterator>
#include <mutex>
#include <vector>

#include "base/check.h"
#include "base/result.h"
#include "net/descriptor.h"

namespace gaon::net {

// Any thread calls wake(); the owner, which waits on the descriptor, calls settle().
// Without open() it has no descriptor and only remembers (simulation, tests).
class Waker {
 public:
  Result<void> open();
  int descriptor() const { return event_.get(); }

  // Cheap when the owner was woken already and has not noticed yet.
  void wake();

  // Whether wake() was called since the last time. Look into mailboxes after it.
  bool settle();

 private:
  Descriptor event_;
  std::atomic<bool> woken_{false};
};

// First in, first out over all producers: what one thread put before another thread
// put because of it is taken in that order (workers rely on this). Without a bound of
// its own, because a receiver that refuses would deadlock two workers that fill each
// other's; who sends keeps to a limit, for which size() is there.
template <class T>
class Mailbox {
 public:
  // The waker of the consumer; must outlive this.
  explicit Mailbox(Waker& waker) : waker_(waker) {}

  // Any thread. Moves all out of batch, which is left empty with its capacity.
  void put(std::vector<T>& batch) {
    if (batch.empty()) return;
    bool first = false;
    {
      const std::lock_guard lock(mutex_);
      first = items_.empty();
      items_.insert(items_.end(), std::make_move_iterator(batch.begin()),
                    std::make_move_iterator(batch.end()));
      size_.store(items_.size(), std::memory_order_release);
    }
    batch.clear();
    if (first) waker_.wake();
  }

  // The consumer: everything so far goes into out, which must be empty and whose
  // memory serves the next batches. False: there was nothing.
  bool take(std::vector<T>& out) {
    CHECK(out.empty());
    if (empty()) return false;
    const std::lock_guard lock(mutex_);
    items_.swap(out);
    size_.store(0, std::memory_order_release);
    return true;
  }

  // Any thread, without the lock. For who is about to sleep; one that misses the very
  // last put() is woken by it.
  bool empty() const { return size() == 0; }
  std::size_t size() const { return size_.load(std::memory_order_acquire); }

 private:
  Waker& waker_;
  std::mutex mutex_;
  std::vector<T> items_;
  std::atomic<std::size_t> size_{0};
};

}  // namespace gaon::net
