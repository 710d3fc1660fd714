// What `gaon sub` is told.
#pragma once

#include "app/command_line.h"
#include "app/connection_options.h"

namespace gaon::app {

struct SubOptions {
  ConnectionOptions connection;
  std::vector<std::string> filters;       // 1 … 10,000
  std::vector<std::string> filter_outs;   // messages whose topic matches one are not shown
  std::vector<std::string> unsubscribes;  // sent first
  std::uint8_t qos = 0;
  bool no_local = false;
  bool retain_as_published = false;
  std::uint8_t retain_handling = 0;  // MQTT's 0 always, 1 new, 2 never

  std::string format;          // checked; empty for payloads (with topics when verbose)
  bool verbose = false;        // topic before payload
  bool newline = true;         // after each message
  bool show_retained = true;   // else messages with the retain flag are passed over
  bool retained_only = false;  // the first message without the flag ends it
  bool exit_after_subscribing = false;
  std::uint32_t count = 0;  // ends after that many messages; 0 goes on
  double timeout_s = 0;     // ends then; 0 goes on
};

inline constexpr std::size_t kFiltersMax = 10'000;

std::expected<SubOptions, Exit> read_sub_options(Arguments arguments);

}  // namespace gaon::app
