// The broker about itself: $SYS topics under the names that users of Mosquitto know,
// retained. One, on the first worker, which asks the metrics of all.
#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace gaon::broker {

class Worker;

class SysTopics {
 public:
  explicit SysTopics(Worker& worker) : worker_(worker) {}

  void publish(Time now);

 private:
  // A number that also has load averages: its growth a minute, over 1, 5 and 15 minutes.
  struct Load {
    double last = 0;
    std::array<double, 3> average{};
  };

  void put(std::string_view topic, std::string_view value);
  void put(std::string_view topic, std::int64_t value);
  void put_load(std::size_t which, std::string_view topic, std::int64_t value, Duration elapsed);

  Worker& worker_;
  Time last_{};
  std::int64_t clients_maximum_ = 0;
  std::vector<Load> loads_;
};

}  // namespace gaon::broker
