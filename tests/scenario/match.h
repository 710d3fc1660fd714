// Whether what arrived is what a scenario expects. Pure functions.
#pragma once

#include <map>
#include <string>

#include "packet.h"
#include "script.h"

namespace gaon::scenario {

// What $name stands for.
using Variables = std::map<std::string, std::string>;

// Empty if it fits, else what does not: "qos is 0, not 1". Variables that have no value
// yet get theirs, also if something else does not fit.
//
// A field that is not named is open, but for the reason, which is then no failure; in
// DISCONNECT and AUTH it is open as well. What the version does not have is not looked at.
std::string mismatch(const Expected& expected, const Packet& packet, mqtt::Version version,
                     Variables& variables);

}  // namespace gaon::scenario
