// What `gaon torture` is told.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include "app/command_line.h"
#include "base/time.h"

namespace gaon::app {

struct TortureOptions {
  std::string command;  // for sh, with {port}, {dir}, {gaon} and {workers}
  std::string dir;      // a new directory is made in it
  std::uint32_t kills = 10;
  Duration every{};     // between a start and its kill, on average
  Duration duration{};  // publishing goes on for that long at least
  Duration patience{};  // at the end: without anything that arrives
  std::uint32_t publishers = 4;
  std::uint32_t topics = 3;    // of each publisher, by QoS; and a retained one
  double rate_per_s = 500;     // of all publishers
  std::uint16_t window = 200;  // unacknowledged messages of each publisher
  std::uint32_t size = 64;     // payload bytes
  std::vector<std::uint8_t> qos;
  std::vector<std::uint8_t> versions;  // MQTT's protocol versions: 4, 5
  std::uint32_t workers = 0;
  std::uint64_t seed = 0;  // 0: by chance
  bool json = false;
};

std::expected<TortureOptions, Exit> read_torture_options(const Arguments& arguments);

}  // namespace gaon::app
