// gaon_scenario: plays scenario files against the broker in simulation, a broker it
// starts, or one that is there.
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <iostream>

#include <CLI/CLI.hpp>

#include "report.h"
#include "run.h"

namespace gaon::scenario {
namespace {

constexpr const char* kExamples =
    "Examples:\n"
    "  gaon_scenario tests/scenario                     all of them, in simulation\n"
    "  gaon_scenario tests/scenario/will -v             one area, with everything said and seen\n"
    "  gaon_scenario tests/scenario -f alias --workers 2\n"
    "  gaon_scenario tests/scenario --command 'gaon serve --listen mqtt://127.0.0.1:{port} --data-dir "
    "{dir}/data {set}'\n"
    "  gaon_scenario tests/scenario --address 127.0.0.1:1883\n"
    "  gaon_scenario tests/scenario --others --command 'tests/scenario/mosquitto.py {port} {set}'\n"
    "\n"
    "Exit codes: 0 all passed, 1 some failed, 2 wrong usage or a mistake in a file.";

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

int run_all(const Options& options) {
  std::vector<Script> scripts;
  bool mistakes = false;
  for (const std::string& file : find_files(options.paths)) {
    if (!is_wanted(file, options.filters)) continue;
    auto read = read_scripts(file, options.whose());
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
  Report report(options);
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
    const Outcome outcome = run(script, options, transcript);
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begun;
    report.add(script, outcome, took.count());
  }
  return options.list ? 0 : report.finish();
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
  app.add_option(
      "--command", options.command,
      "Start this broker for every file; {port}, {dir} and {set} are filled in. One that exits with 77 "
      "does not know the settings.");
  app.add_option("--address", options.address,
                 "Use the broker at host:port; files with settings are skipped.")
      ->excludes("--command");
  app.add_flag(
      "--others", options.others,
      "Expect what the text demands, and not what is Gaon's choice; so with --address, if not told.");
  app.add_flag("--ours", options.ours, "The broker is Gaon: expect its choices too.")->excludes("--others");
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
  return gaon::scenario::run_all(options);
}
