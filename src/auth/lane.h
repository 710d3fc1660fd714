// Work that takes long, off the workers' threads: a bounded queue and the threads that
// empty it. Any thread may put work in; what it does runs on one of the lane's threads. What
// would come too late is not taken, and what has become late is not done: a lane that is
// behind would else work only for those who are gone.
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
  // late: nobody waits for it any more; it has only to be put away.
  using Job = std::move_only_function<void(bool late)>;
  using Now = std::function<Time()>;

  // idle, if there is one, is called between jobs: every so often, and after each job.
  Lane(std::size_t threads, std::size_t queue_max, Now now, std::function<void()> idle = {},
       Duration idle_every = seconds(1));
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;
  ~Lane() { stop(); }

  // False: the queue is full, or so long that more than half of the time until the deadline
  // would be over before it is its turn, or the lane stopped; the job will not be done.
  bool put(Job job, Time deadline);

  // Waits for the jobs that run; those that wait are not done.
  void stop();

  // How often put() said no because the queue was full or long.
  std::uint64_t refused() const;

 private:
  struct Waiting {
    Job job;
    Time deadline;
  };

  void run();
  bool is_long_for(Time deadline) const;
  void note(Duration took);

  const std::size_t queue_max_;
  const Now now_;
  const std::function<void()> idle_;
  const Duration idle_every_;
  mutable std::mutex mutex_;
  std::condition_variable work_;
  std::deque<Waiting> queue_;
  double mean_ms_ = -1;  // of a job, the last ones above all; below 0: there was none
  std::uint64_t refused_ = 0;
  bool stopping_ = false;
  const std::size_t thread_count_;
  std::vector<std::thread> threads_;
};

}  // namespace gaon::auth
