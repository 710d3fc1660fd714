// For a broker that more than one scenario is played on.
#pragma once

#include "script.h"
#include "stage.h"

namespace gaon::scenario {

// Takes away what a scenario left: sessions of its clients, and retained messages.
void tidy_up(const Script& script, Stage& stage);

}  // namespace gaon::scenario
