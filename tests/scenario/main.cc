// gaon_scenario: plays scenario files against the broker in simulation, a broker it
// starts, or one that is there.
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <iostream>
#include <optional>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "app/config_key.h"
#include "broker_process.h"
#include "library.h"
#include "play.h"
#include "remote.h"
#include "simulation.h"
#include "words.h"

namespace gaon::scenario {
namespace {

constexpr Duration kQuickMax = seconds(3);

constexpr const char* kExamples =
    "Examples:\n"
    "  gaon_scenario tests/scenario                     all of them, in simulation\n"
    "  gaon_scenario tests/scenario/will -v             one area, with everything said and seen\n"
    "  gaon_scenario tests/scenario -f alias --workers 2\n"
    "  gaon_scenario tests/scenario --command 'gaon serve --listen mqtt://127.0.0.1:{port} {set}'\n"
    "  gaon_scenario tests/scenario --address 127.0.0.1:1883\n"
    "\n"
    "Exit codes: 0 all passed, 1 some failed, 2 wrong usage or a mistake in a file.";

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

  bool simulated() const { return command.empty() && address.empty(); }
  Duration patience() const { return Duration(static_cast<Duration::rep>(patience_s * 1000)); }
};

enum class Verdict : std::uint8_t { passed, failed, skipped };
constexpr const char* kVerdicts[] = {"passed", "failed", "skipped"};

struct Outcome {
  Verdict verdict = Verdict::passed;
  std::string text;  // of what failed or why it was skipped
};

// Every file, in the order of the names.
std::vector<std::string> find_files(const std::vector<std::string>& paths) {
  std::vector<std::string> files;
  std::error_code error;
  for (const std::string& path : paths) {
    if (!std::filesystem::is_directory(path, error)) {
      files.push_back(path);
      continue;
    }
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path, error)) {
      if (entry.path().extension() == ".mqtt") files.push_back(entry.path().string());
    }
  }
  std::ranges::sort(files);
  return files;
}

bool is_wanted(const std::string& path, const std::vector<std::string>& filters) {
  return filters.empty() || std::ranges::any_of(filters, [&](const std::string& filter) {
           return path.find(filter) != std::string::npos;
         });
}

// Why a script cannot be played here; empty if it can.
std::string reason_to_skip(const Script& script, const Options& options) {
  if (options.simulated()) return "";
  if (script.only_simulation) return "only in simulation";
  const bool takes_settings = options.command.find("{set}") != std::string::npos;
  if (!takes_settings && !script.settings.empty()) return "it has settings";
  if (!options.slow && script.waits() > kQuickMax) return "it waits; use --slow";
  return "";
}

Outcome outcome_of(const Script& script, const std::optional<Failure>& failure) {
  if (!failure) return {};
  return {Verdict::failed, script.path + ":" + std::to_string(failure->line) + ": " + failure->text};
}

Outcome play_simulated(const Script& script, const Options& options, const Transcript& transcript) {
  if (script.of_client) {
    Library library(script.version);
    return outcome_of(script, play(script, library, transcript));
  }
  broker::Config config;
  config.sys_interval_s = 0;
  for (const std::string& setting : script.settings) static_cast<void>(app::set_key(config, setting));
  Simulation simulation(config, std::max(options.workers, script.workers_min), script.method);
  return outcome_of(script, play(script, simulation, transcript));
}

Outcome play_on_process(const Script& script, const Options& options, const Transcript& transcript) {
  std::vector<std::string> settings = script.settings;
  settings.push_back("workers=" + std::to_string(std::max(options.workers, script.workers_min)));
  const auto process = BrokerProcess::start(options.command, settings, options.patience() + seconds(3));
  if (!process) return {Verdict::failed, script.path + ": " + process.error().what};
  Remote remote("127.0.0.1", process->port(), options.patience());
  return outcome_of(script, play(script, remote, transcript));
}

// Takes away what earlier files left: sessions of the clients, and retained messages.
void tidy_up(const Script& script, Stage& stage) {
  Script tidy{.path = script.path, .version = mqtt::Version::v5};
  const auto add = [&](const std::string& who, mqtt::PacketType type, Fields fields) {
    Statement statement{.who = {who}, .version = tidy.version, .type = type, .fields = std::move(fields)};
    tidy.statements.push_back(std::move(statement));
  };
  for (const Statement& statement : script.statements) {
    if (statement.type != mqtt::PacketType::connect) continue;
    std::string id = statement.who.front();
    for (const Field& field : statement.fields) {
      if (field.name == "id" && !field.variable) id = field.value;
    }
    add("tidy", mqtt::PacketType::connect, {{.name = "id", .value = id}});
    add("tidy", mqtt::PacketType::disconnect, {});
  }
  add("tidy", mqtt::PacketType::connect, {});
  for (const Statement& statement : script.statements) {
    for (const Field& field : statement.fields) {
      if (field.name == "topic" || field.name == "will.topic") {
        add("tidy", mqtt::PacketType::publish,
            {{.name = "topic", .value = field.value}, {.name = "retain", .value = "1"}});
      }
    }
  }
  add("tidy", mqtt::PacketType::disconnect, {});
  play(tidy, stage, {});
}

Outcome play_at_address(const Script& script, const Options& options, const Transcript& transcript) {
  const std::size_t colon = options.address.rfind(':');
  const auto port = parse_number(std::string_view(options.address).substr(colon + 1));
  Remote remote(options.address.substr(0, colon), static_cast<std::uint16_t>(port.value_or(1883)),
                options.patience());
  const Outcome outcome = outcome_of(script, play(script, remote, transcript));
  tidy_up(script, remote);
  return outcome;
}

Outcome play_somewhere(const Script& script, const Options& options, const Transcript& transcript) {
  if (const std::string why = reason_to_skip(script, options); !why.empty()) return {Verdict::skipped, why};
  if (options.simulated()) return play_simulated(script, options, transcript);
  if (!options.command.empty()) return play_on_process(script, options, transcript);
  return play_at_address(script, options, transcript);
}

struct Report {
  int counts[3] = {};
  nlohmann::json entries = nlohmann::json::array();

  void add(const Script& script, const Outcome& outcome, double milliseconds, const Options& options) {
    ++counts[static_cast<std::size_t>(outcome.verdict)];
    if (options.json) {
      entries.push_back({{"path", script.path},
                         {"version", mqtt::name(script.version)},
                         {"title", script.title},
                         {"covers", script.covers},
                         {"verdict", kVerdicts[static_cast<std::size_t>(outcome.verdict)]},
                         {"text", outcome.text},
                         {"ms", milliseconds}});
    } else if (outcome.verdict == Verdict::failed) {
      std::cout << "FAILED " << script.name() << ": " << script.title << "\n" << outcome.text << "\n";
    } else if (options.verbose) {
      std::cout << kVerdicts[static_cast<std::size_t>(outcome.verdict)] << " " << script.name()
                << (outcome.text.empty() ? "" : ": " + outcome.text) << "\n";
    }
  }

  int finish(const Options& options) const {
    if (options.json) {
      std::cout << nlohmann::json{{"passed", counts[0]},
                                  {"failed", counts[1]},
                                  {"skipped", counts[2]},
                                  {"scenarios", entries}}
                       .dump(2)
                << "\n";
    } else {
      std::cout << counts[0] << " passed, " << counts[1] << " failed, " << counts[2] << " skipped\n";
    }
    return counts[1] > 0 ? 1 : 0;
  }
};

int run(const Options& options) {
  std::vector<Script> scripts;
  bool mistakes = false;
  for (const std::string& file : find_files(options.paths)) {
    if (!is_wanted(file, options.filters)) continue;
    auto read = read_scripts(file);
    if (!read) {
      std::cerr << read.error().what << "\n";
      mistakes = true;
      continue;
    }
    std::ranges::move(*read, std::back_inserter(scripts));
  }
  if (mistakes) return 2;
  if (scripts.empty()) {
    std::cerr << "there is no scenario to play\n";
    return 2;
  }
  Report report;
  for (const Script& script : scripts) {
    if (options.list) {
      std::cout << script.name() << ": " << script.title << "\n";
      continue;
    }
    Transcript transcript;
    if (options.verbose && !options.json) {
      std::cout << "--- " << script.name() << ": " << script.title << "\n";
      transcript = [](const std::string& line) { std::cout << "    " << line << "\n"; };
    }
    const auto begun = std::chrono::steady_clock::now();
    const Outcome outcome = play_somewhere(script, options, transcript);
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begun;
    report.add(script, outcome, took.count(), options);
  }
  return options.list ? 0 : report.finish(options);
}

}  // namespace
}  // namespace gaon::scenario

int main(int argc, char** argv) {
  gaon::scenario::Options options;
  CLI::App app("Plays scenario files (.mqtt) against a broker: in simulation, unless told otherwise.");
  app.footer(gaon::scenario::kExamples);
  app.add_option("paths", options.paths, "Files and folders.")->required();
  app.add_option("-f,--filter", options.filters, "Only files whose path contains this; may be repeated.");
  app.add_option("--workers", options.workers, "Of the broker; a file may ask for more.")
      ->check(CLI::Range(1, 8));
  app.add_option("--command", options.command,
                 "Start this broker for every file; {port} and {set} are filled in.");
  app.add_option("--address", options.address,
                 "Use the broker at host:port; files with settings are skipped.")
      ->excludes("--command");
  app.add_option("--patience", options.patience_s, "Seconds to wait for what must come (real brokers).")
      ->check(CLI::Range(0.1, 60.0));
  app.add_flag("--slow", options.slow, "Play files that wait more than 3 s too (real brokers).");
  app.add_flag("--json", options.json, "The report as JSON.");
  app.add_flag("-v,--verbose", options.verbose, "Show everything said and seen.");
  app.add_flag("--list", options.list, "Only show which there are.");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  return gaon::scenario::run(options);
}
