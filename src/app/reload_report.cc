#include "app/reload_report.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>

#include "app/text_file.h"
#include "net/descriptor.h"

namespace gaon::app {
namespace {

using json = nlohmann::ordered_json;

constexpr std::size_t kReportMax = 1 << 20;
constexpr const char* kName = "reload.json";

std::string of_clients(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " connected client" : " connected clients");
}

}  // namespace

std::string to_json(const ReloadReport& report) {
  const json told = {{"number", report.number},
                     {"time", report.time},
                     {"ok", report.ok},
                     {"changed", report.difference.changed},
                     {"needs_restart", report.difference.needs_restart},
                     {"disconnected", report.toll.disconnected},
                     {"restricted", report.toll.restricted},
                     {"problems", json::parse(to_json(report.problems)).at("problems")}};
  return told.dump(2, ' ', false, json::error_handler_t::replace);
}

std::string to_text(const ReloadReport& report) {
  std::string text;
  const auto line = [&text](const std::string& one) { text += (text.empty() ? "" : "\n") + one; };
  for (const Problem& problem : report.problems) line(to_text(problem));
  if (!report.ok) {
    line("not reloaded: nothing changed");
    return text;
  }
  for (const std::string& changed : report.difference.changed) line("changed: " + changed);
  for (const std::string& key : report.difference.needs_restart) line("needs a restart: " + key);
  if (report.toll.disconnected > 0) line(of_clients(report.toll.disconnected) + " lost access");
  if (report.toll.restricted > 0)
    line(of_clients(report.toll.restricted) + " lost the right to a subscription");
  line(report.difference.changed.empty() ? "reloaded: nothing is different" : "reloaded");
  return text;
}

Result<void> write_report(const std::filesystem::path& data_dir, const ReloadReport& report) {
  const std::string name = (data_dir / kName).string();
  const std::string fresh = name + ".new";
  const net::Descriptor file(open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  const std::string text = to_json(report) + '\n';
  if (file && write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
      rename(fresh.c_str(), name.c_str()) == 0) {
    return {};
  }
  return failure(name + " cannot be written: " + std::strerror(errno));
}

void forget_report(const std::filesystem::path& data_dir) {
  std::error_code ignored;
  std::filesystem::remove(data_dir / kName, ignored);
}

std::optional<ReloadReport> read_report(const std::filesystem::path& data_dir) {
  const auto text = read_text_file(data_dir / kName, kReportMax);
  if (!text) return std::nullopt;
  try {
    const json told = json::parse(*text);
    ReloadReport report{
        .number = told.at("number"),
        .time = told.at("time"),
        .ok = told.at("ok"),
        .problems = {},
        .difference = {.changed = told.at("changed"), .needs_restart = told.at("needs_restart")},
        .toll = {.disconnected = told.at("disconnected"), .restricted = told.at("restricted")}};
    for (const json& one : told.at("problems")) {
      report.problems.push_back({.what = one.at("what"),
                                 .fix = one.at("fix"),
                                 .key = one.at("key"),
                                 .file = one.at("file"),
                                 .line = one.at("line"),
                                 .warning = one.at("severity") == "warning"});
    }
    return report;
  } catch (const json::exception&) {
    return std::nullopt;
  }
}

}  // namespace gaon::app
