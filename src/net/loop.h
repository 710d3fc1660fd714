// The clock. Here and in app/ the real time is read; everything else gets it handed in.
#pragma once

#include <chrono>

#include "base/time.h"

namespace gaon::net {

// The wall clock as it was at construction, moved on by the monotonic clock: never
// goes back, never jumps. A plain value; make one at start and copy it to the threads,
// then all of them tell the same time.
class Ticker {
 public:
  Ticker();

  Time now() const;

 private:
  std::chrono::steady_clock::time_point start_;
  Time wall_;
};

}  // namespace gaon::net
