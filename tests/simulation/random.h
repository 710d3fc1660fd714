// All chance of a run comes from one of these: the same seed, the same run, on any machine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>

namespace gaon::simulation {

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}

  std::size_t below(std::size_t end) { return static_cast<std::size_t>(engine_() % end); }
  std::size_t between(std::size_t low, std::size_t high) { return low + below(high - low + 1); }
  // True once in n.
  bool once_in(std::size_t n) { return below(n) == 0; }

  std::mt19937_64& engine() { return engine_; }

 private:
  std::mt19937_64 engine_;
};

}  // namespace gaon::simulation
