// Plays a script on a stage.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "script.h"
#include "stage.h"

namespace gaon::scenario {

struct Failure {
  int line = 0;
  std::string text;  // several lines: the statement, what is wrong, what arrived
};

using Transcript = std::function<void(const std::string& line)>;

// Nullopt: everything was as the script says. A script of the client library needs a
// Library as its stage, any other a broker. transcript may be empty.
std::optional<Failure> play(const Script& script, Stage& stage, const Transcript& transcript);

}  // namespace gaon::scenario
