// Plays a script on a stage.
#pragma once

#include <optional>
#include <string>

#include "actor.h"
#include "script.h"
#include "stage.h"

namespace gaon::scenario {

struct Failure {
  int line = 0;
  std::string text;  // several lines: the statement, what is wrong, what arrived
};

// Nullopt: everything was as the script says. A script of the client library needs a
// Library as its stage, any other a broker. transcript may be empty.
std::optional<Failure> play(const Script& script, Stage& stage, const Transcript& transcript);

}  // namespace gaon::scenario
