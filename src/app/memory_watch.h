// Tells the broker once a second how the process stands with limits.memory_bytes_max. Has a
// thread of its own.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string_view>
#include <thread>

#include "broker/broker.h"

namespace gaon::app {

// What limits.memory_bytes_max comes to here: 0 is 80 % of the machine's memory, or of what
// the control group may have. 0 if that cannot be found out: no ceiling.
std::uint64_t memory_ceiling(std::uint64_t memory_bytes_max);

// The first number of such a file as bytes; "max" and what is no number are 0.
std::uint64_t parse_limit(std::string_view text);

// The second number of /proc/self/statm, in pages; 0 if there is none.
std::uint64_t parse_resident_pages(std::string_view statm);

// Scarce from 90 % of the ceiling on, none from 100 %; better again 5 % below.
broker::MemoryLevel memory_level(std::uint64_t resident, std::uint64_t ceiling, broker::MemoryLevel before);

class MemoryWatch {
 public:
  // Borrows broker. Without a ceiling there is nothing to watch.
  MemoryWatch(broker::Broker& broker, std::uint64_t ceiling);
  MemoryWatch(const MemoryWatch&) = delete;
  ~MemoryWatch() = default;

 private:
  void look();

  broker::Broker& broker_;
  const std::uint64_t ceiling_;
  broker::MemoryLevel level_ = broker::MemoryLevel::enough;
  std::mutex mutex_;
  std::condition_variable_any condition_;
  std::jthread thread_;  // last: it ends first
};

}  // namespace gaon::app
