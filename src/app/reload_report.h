// What became of a reload: for the log, for `gaon reload`, and as reload.json in data_dir,
// by which the second hears of it from the broker.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "app/config_difference.h"
#include "app/config_problem.h"
#include "broker/change.h"

namespace gaon::app {

struct ReloadReport {
  std::uint64_t number = 0;  // counted from the start of the process
  std::string time;          // UTC, "2026-01-31T23:59:59Z"
  bool ok = false;           // it holds; else nothing changed
  std::vector<Problem> problems;
  ConfigDifference difference;
  broker::Toll toll;
};

std::string to_json(const ReloadReport& report);  // indented
// Lines without a line break at the end.
std::string to_text(const ReloadReport& report);

// Replaces what was there. Errors name the file.
Result<void> write_report(const std::filesystem::path& data_dir, const ReloadReport& report);
void forget_report(const std::filesystem::path& data_dir);
// Nothing if there is none, or it is none.
std::optional<ReloadReport> read_report(const std::filesystem::path& data_dir);

}  // namespace gaon::app
