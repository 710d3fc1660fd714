// What a client of a scenario does.
#pragma once

#include "cast.h"
#include "script.h"

namespace gaon::scenario {

// Whether a packet that a client says is followed by its answer before the next line.
enum class Follow : std::uint8_t {
  answer,   // waits for it; it must be no failure
  nothing,  // the next line says what the answer is
  quiet     // a scripted server: what moves settles, and the next lines say the rest
};

Wrong act(const Statement& statement, Follow follow, Cast& cast);

}  // namespace gaon::scenario
