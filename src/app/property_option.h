// -D PACKET PROPERTY VALUE…: MQTT 5 properties as mosquitto's clients take them.
#pragma once

#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <vector>

#include "app/command_line.h"

namespace gaon::app {

// The packets that a client may put properties into, one bit each.
enum class PropertyPlace : std::uint8_t {
  connect = 1,
  will = 2,
  publish = 4,
  subscribe = 8,
  unsubscribe = 16,
  disconnect = 32,
};

struct PropertyOption {
  PropertyPlace place;
  std::uint8_t id;           // MQTT's property identifier
  std::uint32_t number = 0;  // of a number
  std::string key = {};      // of a user property
  std::string text = {};     // of strings, binary data and user properties: at most 65,535 bytes
};

inline constexpr std::size_t kPropertyOptionsMax = 1'000;

// Takes every -D with its words out of arguments.
std::expected<std::vector<PropertyOption>, std::string> take_properties(Arguments& arguments);

}  // namespace gaon::app
