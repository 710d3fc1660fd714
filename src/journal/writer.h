// The thread that steps a log, which must outlive it. Started and stopped by one thread.
#pragma once

#include <atomic>
#include <thread>

#include "journal/log.h"

namespace gaon::journal {

class Writer {
 public:
  explicit Writer(Log& log);
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
  ~Writer() { stop(); }

  // Writes what was appended before the call, unless that cannot be done, and ends the thread.
  void stop();

 private:
  void run();

  Log& log_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace gaon::journal
