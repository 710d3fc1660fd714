#include "run.h"

#include <algorithm>

#include "app/config_key.h"
#include "broker_process.h"
#include "library.h"
#include "remote.h"
#include "simulation.h"
#include "tidy_up.h"
#include "words.h"

namespace gaon::scenario {
namespace {

constexpr Duration kQuickMax = seconds(3);

// Why a script cannot be played here; empty if it can.
std::string reason_to_skip(const Script& script, const Options& options) {
  if (options.simulated()) return "";
  if (options.whose() == Whose::others && !script.ours_because.empty()) return "ours: " + script.ours_because;
  if (script.only_simulation) return "only in simulation";
  const bool takes_settings = options.command.find("{set}") != std::string::npos;
  if (!takes_settings && !script.settings.empty()) return "it has settings";
  if (!options.slow && script.waits() > kQuickMax) return "it waits; use --slow";
  return "";
}

std::string listed(const std::vector<std::string>& settings) {
  std::string list;
  for (const std::string& setting : settings) list += (list.empty() ? "" : ", ") + setting;
  return list;
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
  if (!process->takes_settings())
    return {Verdict::skipped, "the broker has no such setting: " + listed(script.settings)};
  Remote remote("127.0.0.1", process->port(), options.patience());
  return outcome_of(script, play(script, remote, transcript));
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

}  // namespace

Outcome run(const Script& script, const Options& options, const Transcript& transcript) {
  if (const std::string why = reason_to_skip(script, options); !why.empty()) return {Verdict::skipped, why};
  if (options.simulated()) return play_simulated(script, options, transcript);
  if (!options.command.empty()) return play_on_process(script, options, transcript);
  return play_at_address(script, options, transcript);
}

}  // namespace gaon::scenario
