// A message as one line of JSON, shaped as mosquitto_sub's.
#pragma once

#include <string>

#include "app/message_format.h"

namespace gaon::app {

enum class PayloadAs : std::uint8_t {
  text,  // a string
  json,  // a value, if it is JSON; else a string
};

// time: ISO 8601. What is not UTF-8 becomes U+FFFD.
std::string message_json(const ReceivedMessage& message, std::string_view time, PayloadAs payload);

}  // namespace gaon::app
