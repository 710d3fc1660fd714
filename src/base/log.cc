#include "base/log.h"

#include <atomic>

namespace gaon {
namespace {

LogSink sink_ = nullptr;
std::atomic<LogLevel> least_ = LogLevel::info;

}  // namespace

void set_log_sink(LogSink sink, LogLevel least) {
  sink_ = sink;
  least_ = least;
}

void set_log_level(LogLevel least) { least_.store(least, std::memory_order_relaxed); }

bool log_wanted(LogLevel level) {
  return sink_ != nullptr && level >= least_.load(std::memory_order_relaxed);
}

void log(LogLevel level, std::string_view message) {
  if (log_wanted(level)) sink_(level, LogCause::known, message);
}

void log_stranger(LogLevel level, std::string_view message) {
  if (log_wanted(level)) sink_(level, LogCause::stranger, message);
}

}  // namespace gaon
