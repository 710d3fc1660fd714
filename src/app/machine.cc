#include "app/machine.h"

#include <algorithm>
#include <cstdio>

namespace gaon::app {
namespace {

struct StateTraits {
  std::string_view name;
  double least_s;  // how long it lasts
  double most_s;
  double temperature_c;  // where these tend to
  double pressure_bar;
  double power_kw;
};

constexpr StateTraits kTraits[] = {
    {"running", 60, 400, 62, 6.0, 11.5},
    {"idle", 8, 40, 38, 5.5, 1.2},
    {"fault", 15, 60, 30, 1.0, 0.3},
};

const StateTraits& traits_of(MachineState state) { return kTraits[static_cast<std::size_t>(state)]; }

std::string text(const char* format, double a, double b = 0) {
  char buffer[96];
  const int size = std::snprintf(buffer, sizeof buffer, format, a, b);
  return {buffer, static_cast<std::size_t>(size)};
}

}  // namespace

Machine::Machine(Random& random)
    : state_left_s_(random.between(5, 200)),
      silence_left_s_(random.between(20, 600)),
      temperature_c_(random.between(40, 62)),
      pressure_bar_(random.between(5.5, 6.2)),
      parts_per_s_(random.between(0.2, 1.5)) {}

bool Machine::advance(Duration now, Random& random) {
  const double seconds = std::chrono::duration<double>(now - now_).count();
  now_ = now;
  const MachineState before = state_;
  const bool was_silent = silent_;

  drift(seconds, random);
  silence_left_s_ -= seconds;
  if (silence_left_s_ <= 0) {
    silent_ = !silent_;
    silence_left_s_ = silent_ ? random.between(15, 60) : random.between(120, 900);
  }
  state_left_s_ -= seconds;
  if (wear_ >= 1) {
    change(MachineState::fault, random);
  } else if (state_left_s_ <= 0) {
    change(state_ == MachineState::running ? MachineState::idle
           : state_ == MachineState::fault ? MachineState::idle
                                           : MachineState::running,
           random);
  }
  return !silent_ && (was_silent || state_ != before);
}

std::string_view Machine::state() const { return traits_of(state_).name; }

std::string Machine::value(std::size_t signal, Random& random) {
  switch (signal) {
    case 0:
      return text("%.2f", temperature_c_ + random.noise(0.15));
    case 1: {
      const double rms = (state_ == MachineState::running ? 1.8 + 9 * wear_ : 0.1) * (1 + random.noise(0.08));
      return text(R"({"rms_mm_s":%.3f,"peak_mm_s":%.3f})", rms, rms * random.between(1.4, 2.2));
    }
    case 2:
      return text("%.3f", std::max(0.0, pressure_bar_ + random.noise(0.02)));
    case 3:
      return text(R"({"kw":%.2f,"kwh":%.3f})", std::max(0.0, power_kw_ + random.noise(0.1)), energy_kwh_);
    default:
      return text("%.0f", std::max(0.0, parts_ - 0.5));
  }
}

void Machine::change(MachineState state, Random& random) {
  state_ = state;
  state_left_s_ = random.between(traits_of(state).least_s, traits_of(state).most_s);
  wear_ = 0;
  // Every other run ends in a fault instead of a pause.
  const bool wears = state == MachineState::running && random.chance(0.5);
  wear_per_s_ = wears ? 1.2 / state_left_s_ : 0;
}

// First-order lag towards what the state asks for, in steps that cannot overshoot.
void Machine::drift(double seconds, Random& random) {
  const StateTraits& traits = traits_of(state_);
  const auto towards = [seconds](double& value, double goal, double lag_s) {
    value += (goal - value) * std::min(1.0, seconds / lag_s);
  };
  wear_ += wear_per_s_ * seconds;
  towards(temperature_c_, traits.temperature_c + 18 * wear_ + random.noise(1.5), 45);
  towards(pressure_bar_, traits.pressure_bar + random.noise(0.1), 4);
  towards(power_kw_, traits.power_kw + 2 * wear_, 3);
  energy_kwh_ += power_kw_ * seconds / 3600;
  if (state_ == MachineState::running) parts_ += parts_per_s_ * seconds;
}

}  // namespace gaon::app
