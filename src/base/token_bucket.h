// So much a second, and no more than one second's worth at once. A plain value; one thread.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/time.h"

namespace gaon {

class TokenBucket {
 public:
  // 0: no limit. At most 2^52, so that a second's worth can be counted in thousandths.
  TokenBucket(std::uint64_t per_second, Time now) : rate_(static_cast<std::int64_t>(per_second)), at_(now) {
    level_ = rate_ * kThousand;
  }

  // When something may be taken: now, or later.
  Time ready(Time now) {
    if (rate_ == 0) return now;
    fill(now);
    if (level_ > 0) return now;
    return now + Duration(-level_ / rate_ + 1);
  }

  // What is larger than what is left is taken as well, and has to be made up for first.
  void take(std::uint64_t n, Time now) {
    if (rate_ == 0) return;
    fill(now);
    level_ -= static_cast<std::int64_t>(n) * kThousand;
  }

 private:
  static constexpr std::int64_t kThousand = 1000;

  // A millisecond brings rate_ thousandths.
  void fill(Time now) {
    const std::int64_t elapsed = (now - at_).count();
    if (elapsed <= 0) return;
    at_ = now;
    // So long that the product could be too large, it is full.
    const std::int64_t missing = rate_ * kThousand - level_;
    level_ += elapsed >= missing / rate_ + 1 ? missing : elapsed * rate_;
  }

  std::int64_t rate_;
  std::int64_t level_;  // in thousandths; below 0 after a large take
  Time at_;
};

}  // namespace gaon
