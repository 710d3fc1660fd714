#include "net/loop.h"

namespace gaon::net {

Ticker::Ticker()
    : start_(std::chrono::steady_clock::now()),
      wall_(std::chrono::duration_cast<Duration>(std::chrono::system_clock::now().time_since_epoch())) {}

Time Ticker::now() const {
  return wall_ + std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - start_);
}

}  // namespace gaon::net
