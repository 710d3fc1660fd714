// What verifying found, as text and as JSON, and what to do about it.
#include <algorithm>
#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "app/journal_verify.h"

namespace gaon::app {
namespace {

using Json = nlohmann::ordered_json;

bool salvage_helps(const JournalProblem& problem) {
  return problem.kind == "damaged" || problem.kind == "missing";
}

std::string advice(const JournalReport& report, const JournalDirectory& directory) {
  const std::string copy = "Stop the broker if it runs, and keep a copy of " + directory.path() + ". ";
  if (std::ranges::any_of(report.problems, salvage_helps))
    return copy + "Then 'gaon serve --salvage' passes over what is damaged and goes on with the rest.";
  if (std::ranges::any_of(report.problems, [](const auto& one) { return one.kind == "records"; }))
    return copy +
           "The bytes are whole, but this version does not understand them: use the version that wrote "
           "them, or take the messages out with 'gaon journal export'.";
  return copy + "The broker starts and leaves out what does not belong to anything.";
}

std::string line_of(const JournalProblem& problem) {
  std::string text = problem.file;
  if (!text.empty() && problem.kind != "missing") text += ", offset " + std::to_string(problem.offset);
  if (!text.empty()) text += ": ";
  if (problem.kind == "missing") text += "missing; ";
  if (problem.kind == "damaged") text += std::to_string(problem.bytes) + " damaged bytes; ";
  return text + problem.what + '\n';
}

std::string speed_of(const JournalReport& report) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "in %.1f s (%.0f MB/s)", report.seconds,
                static_cast<double>(report.bytes) / 1e6 / std::max(report.seconds, 1e-6));
  return text.data();
}

}  // namespace

std::string to_text(const JournalReport& report, const JournalDirectory& directory) {
  std::string text;
  if (directory.user())
    text += "Process " + *directory.user() +
            " is writing there: what it is just writing looks torn, and what it just deleted missing.\n";
  for (const JournalProblem& problem : report.problems) text += line_of(problem);
  if (report.untold > 0) text += "... and " + std::to_string(report.untold) + " more\n";
  if (report.torn_bytes > 0)
    text += report.torn_file + ", offset " + std::to_string(report.torn_offset) + ": a torn tail of " +
            std::to_string(report.torn_bytes) +
            " bytes, as a crash leaves it; the next start cuts it off, nothing that was confirmed is in it\n";
  text += directory.path() + ": " + count_text(report.segments, "segment") + ", " + size_text(report.bytes) +
          ", " + std::to_string(report.batches) + " batches, " + count_text(report.records, "record") +
          " read " + speed_of(report) + '\n';
  if (report.good()) return text + "It is good.\n";
  return text + "It is damaged. " + advice(report, directory) + '\n';
}

std::string to_json(const JournalReport& report, const JournalDirectory& directory) {
  Json json = {{"directory", directory.path()}, {"good", report.good()}};
  json["in_use_by"] = directory.user() ? Json(*directory.user()) : Json();
  json["segments"] = report.segments;
  json["bytes"] = report.bytes;
  json["batches"] = report.batches;
  json["records"] = report.records;
  json["seconds"] = report.seconds;
  json["torn_tail"] =
      report.torn_bytes == 0
          ? Json()
          : Json{{"file", report.torn_file}, {"offset", report.torn_offset}, {"bytes", report.torn_bytes}};
  json["problems"] = Json::array();
  for (const JournalProblem& problem : report.problems) {
    json["problems"].push_back({{"kind", problem.kind},
                                {"file", problem.file},
                                {"offset", problem.offset},
                                {"bytes", problem.bytes},
                                {"what", problem.what}});
  }
  json["problems_not_listed"] = report.untold;
  if (!report.good()) json["to_do"] = advice(report, directory);
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

}  // namespace gaon::app
