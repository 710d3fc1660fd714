// What gaon_scenario is told on its command line.
#pragma once

#include <string>
#include <vector>

#include "script.h"

namespace gaon::scenario {

struct Options {
  std::vector<std::string> paths;
  std::vector<std::string> filters;
  std::string command;
  std::string address;
  std::size_t workers = 1;
  double patience_s = 2;
  bool slow = false;
  bool json = false;
  bool verbose = false;
  bool list = false;
  bool ours = false;  // said so; if neither is said, the place tells
  bool others = false;

  bool simulated() const { return command.empty() && address.empty(); }
  Whose whose() const {
    const bool is_others = others || (!ours && !address.empty());
    return is_others ? Whose::others : Whose::ours;
  }

  Duration patience() const { return Duration(static_cast<Duration::rep>(patience_s * 1000)); }
};

}  // namespace gaon::scenario
