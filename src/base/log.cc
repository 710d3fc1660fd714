#include "base/log.h"

namespace gaon {
namespace {

LogSink sink_ = nullptr;
LogLevel least_ = LogLevel::info;

}  // namespace

void set_log_sink(LogSink sink, LogLevel least) {
  sink_ = sink;
  least_ = least;
}

bool log_wanted(LogLevel level) { return sink_ != nullptr && level >= least_; }

void log(LogLevel level, std::string_view message) {
  if (log_wanted(level)) sink_(level, message);
}

}  // namespace gaon
