// The process's log: lines on standard error, as text or as one JSON object a line.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "broker/config.h"

namespace gaon::app {

// Of LogCause::stranger; how many more there were is told with the next one.
inline constexpr std::uint64_t kStrangersLinesPerS = 50;

// Gives base/log.h its sink. Called once, before threads start; what is logged
// afterwards is safe from any thread.
void start_log(const broker::LogConfig& config);

// The message as it may stand in a line of text: control characters (a client id may
// hold a line break) become \xNN.
std::string plain(std::string_view message);

// The message as a JSON string, quotes included; what is not UTF-8 becomes U+FFFD.
std::string quoted(std::string_view message);

}  // namespace gaon::app
