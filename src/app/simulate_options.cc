#include "app/simulate_options.h"

namespace gaon::app {
namespace {

const Usage kSimulate = {
    .command = "gaon simulate",
    .doc = "Publish what a factory would: temperatures, counters, faults, silent machines.",
    .examples =
        "Examples:\n"
        "  gaon simulate\n"
        "  gaon simulate --lines 10 --machines 100 --rate 5000 --qos 1\n"
        "  gaon simulate --seed 42 --count 10000\n"
        "The same seed and sizes give the same messages.\n",
};

}  // namespace

std::expected<SimulateOptions, Exit> read_simulate_options(const Arguments& arguments) {
  SimulateOptions to;
  ConnectionArguments connection;
  std::vector<Option> options = {
      {"--lines", "COUNT", "Production lines; 3 if not given.", Number(to.plan.lines, 1, 100)},
      {"--machines", "COUNT", "Machines on each; 8 if not given.", Number(to.plan.machines, 1, 1000)},
      {"--rate", "PER_SECOND", "Messages a second in total; 60 if not given.",
       Number(to.plan.rate_per_s, 0.001, 10e6)},
      {"--size", "BYTES", "Pad payloads to that size.", Number(to.plan.payload_bytes_min, 0, 1 << 20)},
      {"--seed", "NUMBER", "Another factory; 1 if not given.", Number(to.plan.seed, 0, 9e15)},
      {"-q,--qos", "QOS", "0 (if not given), 1 or 2.", Number(to.plan.qos, 0, 2)},
      {"--duration", "SECONDS", "End then.", Number(to.duration_s, 0.001, 1e9)},
      {"--count", "COUNT", "End after that many messages.", Number(to.count, 1, 4'294'967'295)},
  };
  for (Option& option : connection_rows(connection)) options.push_back(std::move(option));
  auto read = read_arguments(kSimulate, options, arguments);
  if (!read) return std::unexpected(std::move(read).error());
  std::string topic;
  auto connected = connection_options(std::move(connection), topic);
  if (!connected) return std::unexpected(usage_mistake(kSimulate, connected.error()));
  if (!topic.empty())
    return std::unexpected(usage_mistake(kSimulate, "the topics are given: leave it out of -L"));
  to.connection = std::move(*connected);
  return to;
}

}  // namespace gaon::app
