// Time as a parameter. Nothing below net/loop and app/ reads a clock: now is handed in.
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>

namespace gaon {

// Milliseconds since 1970 by the wall clock at start, moving on with the monotonic
// clock: never jumps while the process lives, and means the same after a restart.
struct Clock {
  using rep = std::int64_t;
  using period = std::milli;
  using duration = std::chrono::duration<rep, period>;
  using time_point = std::chrono::time_point<Clock>;
  static constexpr bool is_steady = true;
};

using Time = Clock::time_point;
using Duration = Clock::duration;

inline constexpr Time kNever = Time::max();

using std::chrono::milliseconds;
using std::chrono::seconds;

// A deadline that lies seconds after now; 0xFFFFFFFF is MQTT's "never".
inline Time after(Time now, std::uint32_t seconds_from_now) {
  if (seconds_from_now == std::numeric_limits<std::uint32_t>::max()) return kNever;
  return now + seconds(seconds_from_now);
}

}  // namespace gaon
