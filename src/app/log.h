// The process's log: lines on standard error, as text or as one JSON object a line.
#pragma once

#include <string>
#include <string_view>

#include "broker/config.h"

namespace gaon::app {

// Gives base/log.h its sink. Called once, before threads start; what is logged
// afterwards is safe from any thread.
void start_log(const broker::LogConfig& config);

// The message as it may stand in a line of text: control characters (a client id may
// hold a line break) become \xNN.
std::string plain(std::string_view message);

// The message as a JSON string, quotes included; what is not UTF-8 becomes U+FFFD.
std::string quoted(std::string_view message);

}  // namespace gaon::app
