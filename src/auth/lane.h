// Work that takes long, off the workers' threads: a bounded queue and the threads that
// empty it. Any thread may put work in; what it does runs on one of the lane's threads.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "base/time.h"

namespace gaon::auth {

class Lane {
 public:
  using Job = std::move_only_function<void()>;

  // idle, if there is one, is called between jobs: every so often, and after each job.
  Lane(std::size_t threads, std::size_t queue_max, std::function<void()> idle = {},
       Duration idle_every = seconds(1));
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;
  ~Lane() { stop(); }

  // False: the queue is full or the lane stopped; the job will not be done.
  bool put(Job job);

  // Waits for the jobs that run; those that wait are not done.
  void stop();

  // How often put() said no because the queue was full.
  std::uint64_t refused() const;

 private:
  void run();

  const std::size_t queue_max_;
  const std::function<void()> idle_;
  const Duration idle_every_;
  mutable std::mutex mutex_;
  std::condition_variable work_;
  std::deque<Job> queue_;
  std::uint64_t refused_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace gaon::auth
