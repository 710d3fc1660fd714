// What is wrong with a configuration, where it stands and what would be right.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>

namespace gaon::app {

struct Problem {
  std::string what;        // the cause, a clause without a full stop
  std::string fix;         // what to write instead; may be empty
  std::string key = {};    // dotted; empty when no key is meant
  std::string file = {};   // empty for the command line
  std::uint32_t line = 0;  // from 1; 0 when unknown
  bool warning = false;    // the broker starts all the same
  bool denied = false;     // a file is there, but not for this process
};

// Where a file says what, by key; of its first listener "listener.0" and "listener.0.auth".
using ConfigLines = std::map<std::string, std::uint32_t>;

// One line: "gaon.toml:12: limits.receive_maximum: 0 is too small; use 1 to 65535".
std::string to_text(const Problem& problem);

// {"ok": …, "problems": [{"severity", "file", "line", "key", "what", "fix"}]}, indented.
std::string to_json(std::span<const Problem> problems);

// Whether one of them keeps the broker from starting.
bool has_error(std::span<const Problem> problems);

}  // namespace gaon::app
