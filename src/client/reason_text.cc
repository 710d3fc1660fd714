#include "client/reason_text.h"

#include <cstdio>

namespace gaon::client {

std::string reason_text(mqtt::Reason reason, mqtt::Version version) {
  char code[32];
  const auto return_code = mqtt::connect_return_code(reason);
  if (version != mqtt::Version::v5 && return_code) {
    std::snprintf(code, sizeof code, "return code %u", *return_code);
  } else {
    std::snprintf(code, sizeof code, "0x%02X", static_cast<unsigned>(reason));
  }
  const std::string_view named = mqtt::name(reason);
  return std::string(named.empty() ? "unknown reason" : named) + " (" + code + ")";
}

std::string reason_string(const mqtt::Properties& properties) {
  const auto text = properties.text(mqtt::Property::reason_string);
  return text ? ": " + std::string(*text) : std::string();
}

}  // namespace gaon::client
