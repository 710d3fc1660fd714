#include "app/log.h"

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "base/log.h"

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

void write(LogLevel level, std::string_view message) {
  const bool json = format_ == broker::LogFormat::json;
  logger_->log(level_of(level), json ? quoted(message) : plain(message));
}

}  // namespace

void start_log(const broker::LogConfig& config) {
  format_ = config.format;
  logger_ = std::make_unique<spdlog::logger>("gaon", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  const bool json = config.format == broker::LogFormat::json;
  logger_->set_formatter(std::make_unique<spdlog::pattern_formatter>(
      json ? kJson : kText, json ? spdlog::pattern_time_type::utc : spdlog::pattern_time_type::local));
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
