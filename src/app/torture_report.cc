#include "app/torture_report.h"

#include <cstdio>
#include <nlohmann/json.hpp>

#include "app/log.h"

namespace gaon::app {
namespace {

using Json = nlohmann::ordered_json;
using Count = unsigned long long;

template <class... Values>
void add_line(std::string& to, const char* format, Values... values) {
  char line[256];
  std::snprintf(line, sizeof line, format, values...);
  to.append(line).append("\n");
}

template <class Call>
void each_broken(Call call) {
  for (std::size_t i = 0; i < kBrokenCount; ++i) call(static_cast<Broken>(i));
}

}  // namespace

bool all_kept(const TortureResult& result) { return result.ended.empty() && result.judge.clean(); }

std::string to_text(const TortureResult& result) {
  const Judge& judge = result.judge;
  std::string text;
  add_line(text, "\n%-24s %10s %10s %10s", "", "QoS 1", "QoS 2", "all");
  each_broken([&](Broken what) {
    const std::string_view name = describe(what).name;
    add_line(text, "%-24.*s %10llu %10llu %10llu  %s", static_cast<int>(name.size()), name.data(),
             Count{judge.count(what, 1)}, Count{judge.count(what, 2)}, Count{judge.count(what)},
             describe(what).doc.data());
  });
  add_line(text,
           "\n%u kills, %llu published, %llu acknowledged, %llu received, %llu allowed repeats, seed %llu",
           result.kills, Count{judge.sent()}, Count{judge.acknowledged()}, Count{judge.received()},
           Count{judge.allowed_repeats()}, Count{result.seed});
  if (!result.ended.empty()) text += "Not finished: " + plain(result.ended) + "\n";
  if (all_kept(result)) return text + "All was kept.\n";
  text += "Not all was kept. The broker's directory: " + result.dir + "\n";
  each_broken([&](Broken what) {
    if (judge.cases(what).empty()) return;
    text.append("\n").append(describe(what).name).append(", the first:\n");
    for (const std::string& one : judge.cases(what)) text += "  " + plain(one) + "\n";
  });
  return text;
}

std::string to_json(const TortureResult& result) {
  const Judge& judge = result.judge;
  Json json = {{"kept", all_kept(result)},
               {"seed", result.seed},
               {"kills", result.kills},
               {"published", judge.sent()},
               {"acknowledged", judge.acknowledged()},
               {"received", judge.received()},
               {"allowed_repeats", judge.allowed_repeats()}};
  if (!result.ended.empty()) json["ended"] = result.ended;
  if (!all_kept(result)) json["dir"] = result.dir;
  each_broken([&](Broken what) {
    json["broken"][std::string(describe(what).name)] = {{"count", judge.count(what)},
                                                        {"qos1", judge.count(what, 1)},
                                                        {"qos2", judge.count(what, 2)},
                                                        {"cases", judge.cases(what)}};
  });
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace gaon::app
