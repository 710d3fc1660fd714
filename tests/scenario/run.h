// Plays one script where the options say: in simulation, on a broker that is started for
// it, or on one that is there.
#pragma once

#include <string>

#include "options.h"
#include "play.h"

namespace gaon::scenario {

enum class Verdict : std::uint8_t { passed, failed, skipped };

struct Outcome {
  Verdict verdict = Verdict::passed;
  std::string text;  // of what failed or why it was skipped
};

Outcome run(const Script& script, const Options& options, const Transcript& transcript);

}  // namespace gaon::scenario
