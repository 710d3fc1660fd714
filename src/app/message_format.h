// `gaon sub -F`: a message as text. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gaon::app {

// Views on a message that somebody else owns.
struct ReceivedMessage {
  std::string_view topic;
  std::string_view payload;
  std::uint8_t qos = 0;
  bool retain = false;
  std::uint16_t packet_id = 0;  // 0 with QoS 0
  std::optional<std::uint8_t> payload_format = {};
  std::optional<std::uint32_t> message_expiry_s = {};
  std::optional<std::string_view> content_type = {};
  std::optional<std::string_view> response_topic = {};
  std::optional<std::string_view> correlation_data = {};
  std::vector<std::uint32_t> subscription_ids = {};
  std::vector<std::pair<std::string_view, std::string_view>> user_properties = {};
};

using WallTime = std::chrono::sys_time<std::chrono::nanoseconds>;

// What is wrong with a format; empty if nothing.
std::string format_fault(std::string_view format);

// The letters are listed by `gaon sub --help`. Times are local. format has no fault.
std::string format_message(std::string_view format, const ReceivedMessage& message, WallTime now);

}  // namespace gaon::app
