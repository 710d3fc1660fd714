// Where the floors below app/ say what happened. Any thread may log; the sink is
// set once, before threads start, and must be safe to call from all of them.
#pragma once

#include <cstdint>
#include <string_view>

namespace gaon {

enum class LogLevel : std::uint8_t { debug, info, warning, error };

// Who made it happen. What strangers can bring about as often as they like, a sink need
// not write as often.
enum class LogCause : std::uint8_t { known, stranger };

using LogSink = void (*)(LogLevel, LogCause, std::string_view message);

// Without a sink nothing is written.
void set_log_sink(LogSink sink, LogLevel least);

// Another least level. Any thread.
void set_log_level(LogLevel least);

// So that callers need not build a message nobody wants.
bool log_wanted(LogLevel level);
void log(LogLevel level, std::string_view message);
// Of somebody who has not shown who it is.
void log_stranger(LogLevel level, std::string_view message);

}  // namespace gaon
