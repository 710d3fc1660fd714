// One machine of the simulated factory: what its sensors say as time goes on.
//
//           wears out                repaired
//   running ────────▶ fault ─────────────────▶ idle
//      ▲  └───────────────────────────────────▶ │
//      └────────────────────────────────────────┘
//
// A wearing machine vibrates and heats up before it fails. In any state it may drop
// out: it is silent for a while, as with a broken network, and goes on behind it.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "app/random.h"
#include "base/time.h"

namespace gaon::app {

enum class MachineState : std::uint8_t { running, idle, fault };

inline constexpr std::array<std::string_view, 5> kSignals = {"temperature", "vibration", "pressure", "power",
                                                             "parts"};

class Machine {
 public:
  explicit Machine(Random& random);

  // Lets time pass up to now. True when the state is to be told: it changed, or the
  // machine is back after having been silent.
  bool advance(Duration now, Random& random);

  bool silent() const { return silent_; }
  std::string_view state() const;

  // What the sensor of kSignals[signal] says: numbers, or JSON objects.
  std::string value(std::size_t signal, Random& random);

 private:
  void change(MachineState state, Random& random);
  void drift(double seconds, Random& random);

  MachineState state_ = MachineState::running;
  bool silent_ = false;
  double state_left_s_;    // until the next change
  double silence_left_s_;  // until it drops out, or is back
  double wear_ = 0;        // 1 is a fault
  double wear_per_s_ = 0;
  double temperature_c_;
  double pressure_bar_;
  double power_kw_ = 0;
  double energy_kwh_ = 0;
  double parts_ = 0;
  double parts_per_s_;
  Duration now_{0};
};

}  // namespace gaon::app
