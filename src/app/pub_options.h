// What `gaon pub` is told.
#pragma once

#include "app/command_line.h"
#include "app/connection_options.h"

namespace gaon::app {

enum class PubSource : std::uint8_t {
  text,            // -m
  file,            // -f
  empty,           // -n
  standard_input,  // -s: all of it is one message
  lines,           // -l: each line of standard input is one
};

struct PubOptions {
  ConnectionOptions connection;
  std::string topic;
  PubSource source = PubSource::text;
  std::string text;  // the message, or the file's name
  std::uint8_t qos = 0;
  bool retain = false;
  std::uint32_t repeat = 1;   // at least 1
  double repeat_delay_s = 0;  // between two of them
};

std::expected<PubOptions, Exit> read_pub_options(Arguments arguments);

}  // namespace gaon::app
