// Chance that repeats: the same numbers from the same seed, with every library.
#pragma once

#include <cstdint>
#include <random>

namespace gaon::app {

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}

  // From least up to, but not, most. (The standard's distributions differ by library.)
  double between(double least, double most) {
    constexpr double kUnit = 1.0 / 9007199254740992.0;  // 2^-53
    return least + (most - least) * static_cast<double>(engine_() >> 11) * kUnit;
  }

  // Around 0, nearly normal, within ±3 deviations.
  double noise(double deviation) {
    double sum = 0;
    for (int i = 0; i < 12; ++i) sum += between(-0.5, 0.5);
    return deviation * (sum > 3 ? 3 : sum < -3 ? -3 : sum);
  }

  bool chance(double probability) { return between(0, 1) < probability; }

 private:
  std::mt19937_64 engine_;
};

}  // namespace gaon::app
