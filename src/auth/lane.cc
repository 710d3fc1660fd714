#include "auth/lane.h"

namespace gaon::auth {

Lane::Lane(std::size_t threads, std::size_t queue_max, std::function<void()> idle, Duration idle_every)
    : queue_max_(queue_max), idle_(std::move(idle)), idle_every_(idle_every) {
  for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { run(); });
}

bool Lane::put(Job job) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return false;
    if (queue_.size() >= queue_max_) {
      ++refused_;
      return false;
    }
    queue_.push_back(std::move(job));
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
    Job job;
    if (!queue_.empty()) {
      job = std::move(queue_.front());
      queue_.pop_front();
    }
    lock.unlock();
    if (job) job();
    job = {};
    if (idle_) idle_();
    lock.lock();
  }
}

}  // namespace gaon::auth
