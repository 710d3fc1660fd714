// The messages of a simulated factory, one after the other: a pure function of its
// plan. No clock, no network; whoever publishes waits until a message is due.
//
//   factory/line1/machine3/state         running | idle | fault, retained
//   factory/line1/machine3/temperature   61.93
//   factory/line1/machine3/vibration     {"rms_mm_s":1.812,"peak_mm_s":3.107}
//   … pressure, power, parts
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "app/machine.h"
#include "app/random.h"
#include "base/time.h"

namespace gaon::app {

struct FactoryPlan {
  std::uint32_t lines = 3;              // 1 … 100
  std::uint32_t machines = 8;           // 1 … 1,000, on each line
  double rate_per_s = 60;               // above 0: messages of all machines together
  std::uint32_t payload_bytes_min = 0;  // 0 … 1 MiB: shorter payloads are padded
  std::uint64_t seed = 1;
  std::uint8_t qos = 0;  // 0 … 2
};

struct FactoryMessage {
  Duration due;  // since the start; never goes back
  std::string topic;
  std::string payload;
  std::uint8_t qos;
  bool retain;
};

class FactoryLine {
 public:
  explicit FactoryLine(const FactoryPlan& plan);

  FactoryMessage next();

 private:
  struct Place {
    std::string topic;  // "factory/line1/machine3/"
    Machine machine;
    std::size_t signal = 0;  // that comes next
  };

  FactoryMessage message(Duration due, const Place& place, std::string_view name, std::string payload,
                         bool retain) const;

  const FactoryPlan plan_;
  Random random_;
  std::vector<Place> places_;
  std::deque<std::size_t> states_;  // places whose state is to be told first; each at most once
  std::size_t turn_ = 0;
  std::uint64_t sent_ = 0;
};

}  // namespace gaon::app
