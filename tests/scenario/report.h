// What gaon_scenario tells of what it played.
#pragma once

#include <nlohmann/json.hpp>

#include "run.h"

namespace gaon::scenario {

class Report {
 public:
  explicit Report(const Options& options) : options_(options) {}

  // milliseconds: how long it took.
  void add(const Script& script, const Outcome& outcome, double milliseconds);
  // The sums; returns the exit code.
  int finish() const;

 private:
  const Options& options_;
  int counts_[3] = {};
  int left_out_ = 0;
  nlohmann::json entries_ = nlohmann::json::array();
};

}  // namespace gaon::scenario
