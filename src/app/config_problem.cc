#include "app/config_problem.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace gaon::app {

std::string to_text(const Problem& problem) {
  std::string text = problem.file;
  if (problem.line > 0) text += ":" + std::to_string(problem.line);
  if (!text.empty()) text += ": ";
  if (problem.warning) text += "warning: ";
  if (!problem.key.empty()) text += problem.key + ": ";
  text += problem.what;
  if (!problem.fix.empty()) text += "; " + problem.fix;
  return text;
}

std::string to_json(std::span<const Problem> problems) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const Problem& problem : problems) {
    list.push_back({{"severity", problem.warning ? "warning" : "error"},
                    {"file", problem.file},
                    {"line", problem.line},
                    {"key", problem.key},
                    {"what", problem.what},
                    {"fix", problem.fix}});
  }
  const nlohmann::ordered_json report = {{"ok", !has_error(problems)}, {"problems", std::move(list)}};
  return report.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

bool has_error(std::span<const Problem> problems) {
  return std::ranges::any_of(problems, [](const Problem& problem) { return !problem.warning; });
}

}  // namespace gaon::app
