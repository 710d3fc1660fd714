// What a client of a scenario sees.
#pragma once

#include "cast.h"
#include "script.h"

namespace gaon::scenario {

// For all but events of our client library.
Wrong expect(const Statement& statement, Cast& cast);

}  // namespace gaon::scenario
