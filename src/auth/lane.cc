#include "auth/lane.h"

namespace gaon::auth {

namespace {

constexpr double kOfTheLast = 1.0 / 16;

}  // namespace

Lane::Lane(std::size_t threads, std::size_t queue_max, Now now, std::function<void()> idle,
           Duration idle_every)
    : queue_max_(queue_max),
      now_(std::move(now)),
      idle_(std::move(idle)),
      idle_every_(idle_every),
      thread_count_(threads) {
  for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { run(); });
}

bool Lane::put(Job job, Time deadline) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return false;
    if (queue_.size() >= queue_max_ || is_long_for(deadline)) {
      ++refused_;
      return false;
    }
    queue_.push_back({std::move(job), deadline});
  }
  work_.notify_one();
  return true;
}

void Lane::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  work_.notify_all();
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
  queue_.clear();
}

std::uint64_t Lane::refused() const {
  const std::lock_guard lock(mutex_);
  return refused_;
}

bool Lane::is_long_for(Time deadline) const {
  if (deadline == kNever || mean_ms_ < 0) return false;
  const double wait_ms = static_cast<double>(queue_.size()) * mean_ms_ / static_cast<double>(thread_count_);
  return wait_ms > static_cast<double>((deadline - now_()).count()) / 2;
}

void Lane::note(Duration took) {
  const auto took_ms = static_cast<double>(took.count());
  mean_ms_ = mean_ms_ < 0 ? took_ms : mean_ms_ + (took_ms - mean_ms_) * kOfTheLast;
}

void Lane::run() {
  std::unique_lock lock(mutex_);
  const auto wanted = [this] { return stopping_ || !queue_.empty(); };
  while (!stopping_) {
    if (idle_) {
      work_.wait_for(lock, idle_every_, wanted);
    } else {
      work_.wait(lock, wanted);
    }
    if (stopping_) return;
    Waiting next;
    if (!queue_.empty()) {
      next = std::move(queue_.front());
      queue_.pop_front();
    }
    lock.unlock();
    const Time begin = now_();
    const bool late = next.job && begin >= next.deadline;
    const bool did = next.job && !late;
    if (next.job) next.job(late);
    next.job = {};
    const Duration took = now_() - begin;
    if (idle_) idle_();
    lock.lock();
    if (did) note(took);
  }
}

}  // namespace gaon::auth
