#include "app/log.h"

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <chrono>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/log.h"
#include "base/token_bucket.h"

namespace gaon::app {
namespace {

constexpr const char* kText = "%Y-%m-%d %H:%M:%S.%e %-7l %v";
constexpr const char* kJson = R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l","message":%v})";

// Made before threads start and kept to the end of the process.
std::unique_ptr<spdlog::logger> logger_;
broker::LogFormat format_ = broker::LogFormat::text;

spdlog::level::level_enum level_of(LogLevel level) {
  constexpr spdlog::level::level_enum levels[] = {spdlog::level::debug, spdlog::level::info,
                                                  spdlog::level::warn, spdlog::level::err};
  return levels[static_cast<std::size_t>(level)];
}

void write_line(LogLevel level, std::string_view message) {
  const bool json = format_ == broker::LogFormat::json;
  logger_->log(level_of(level), json ? quoted(message) : plain(message));
}

// What strangers cause: so many lines a second, and how many were left out before one.
class StrangersLines {
 public:
  void write(LogLevel level, std::string_view message) {
    std::uint64_t left_out = 0;
    {
      const std::lock_guard lock(mutex_);
      const Time now = steady_now();
      if (bucket_.ready(now) > now) {
        ++left_out_;
        return;
      }
      bucket_.take(1, now);
      left_out = std::exchange(left_out_, 0);
    }
    if (left_out > 0) {
      write_line(level, std::to_string(left_out) + " lines about strangers were left out: more than " +
                            std::to_string(kStrangersLinesPerS) + " in a second");
    }
    write_line(level, message);
  }

 private:
  static Time steady_now() {
    return Time(std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch()));
  }

  std::mutex mutex_;
  TokenBucket bucket_{kStrangersLinesPerS, steady_now()};
  std::uint64_t left_out_ = 0;
};

std::unique_ptr<StrangersLines> strangers_;

void write(LogLevel level, LogCause cause, std::string_view message) {
  cause == LogCause::stranger ? strangers_->write(level, message) : write_line(level, message);
}

}  // namespace

void start_log(const broker::LogConfig& config) {
  format_ = config.format;
  logger_ = std::make_unique<spdlog::logger>("gaon", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  const bool json = config.format == broker::LogFormat::json;
  logger_->set_formatter(std::make_unique<spdlog::pattern_formatter>(
      json ? kJson : kText, json ? spdlog::pattern_time_type::utc : spdlog::pattern_time_type::local));
  strangers_ = std::make_unique<StrangersLines>();
  logger_->set_level(spdlog::level::debug);  // base/log.h decides.
  set_log_sink(write, config.level);
}

std::string plain(std::string_view message) {
  constexpr char digits[] = "0123456789abcdef";
  std::string line;
  line.reserve(message.size());
  for (const char c : message) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte != 0x7f) {
      line += c;
    } else {
      line += {'\\', 'x', digits[byte >> 4], digits[byte & 15]};
    }
  }
  return line;
}

std::string quoted(std::string_view message) {
  return nlohmann::json(message).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace gaon::app
