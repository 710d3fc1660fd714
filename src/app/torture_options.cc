#include "app/torture_options.h"

#include <cmath>
#include <filesystem>

namespace gaon::app {
namespace {

const Usage kTorture = {
    .command = "gaon torture",
    .doc = "Kill a broker again and again, and see whether it keeps what it acknowledged.",
    .examples =
        "Examples:\n"
        "  gaon torture\n"
        "  gaon torture --kills 100 --every 0.3 --rate 2000\n"
        "  gaon torture --kills 0 --duration 10\n"
        "  gaon torture --seed 42 --qos 2 --protocol-version 5 --workers 2\n"
        "  gaon torture --command \"printf 'listener {port} 127.0.0.1\\nallow_anonymous true\\n\\\n"
        "  persistence true\\npersistence_location {dir}/\\nautosave_interval 1\\nmax_queued_messages 0\\n' "
        "\\\n"
        "  > {dir}/conf; exec mosquitto -c {dir}/conf\"\n"
        "The command goes to sh, at each start the same; {gaon} is this program, {dir} the data directory.\n"
        "Exit codes: 0 all was kept, 1 something was not, 2 wrong usage, or the broker did not start.\n",
};

constexpr const char* kServe =
    "exec '{gaon}' serve --listen mqtt://127.0.0.1:{port} --data-dir '{dir}' --workers {workers}"
    " --set limits.queue_messages_max=10000000 --set limits.queue_bytes_max='4 GiB'"
    " --set limits.group_queue_messages_max=10000000 --set limits.group_queue_bytes_max='4 GiB'";

constexpr Word kQos[] = {{"1", 1}, {"2", 2}};
constexpr Word kVersions[] = {{"5", 5}, {"mqttv5", 5}, {"311", 4}, {"3.1.1", 4}, {"mqttv311", 4}};

Duration from_seconds(double s) { return Duration(std::llround(s * 1000)); }

}  // namespace

std::expected<TortureOptions, Exit> read_torture_options(const Arguments& arguments) {
  TortureOptions to;
  to.command = kServe;
  double every_s = 0.5;
  double duration_s = 5;
  double patience_s = 10;
  std::uint8_t qos = 0;
  std::uint8_t version = 0;
  const std::vector<Option> options = {
      {"--command", "COMMAND", "Starts the broker; gaon serve if not given.", &to.command},
      {"--dir", "DIR", "Where its directory is made; the one for temporary files if not given.", &to.dir},
      {"--kills", "COUNT", "How often it is killed; 10 if not given.", Number(to.kills, 0, 65'000)},
      {"--every", "SECONDS", "How long it lives on average; 0.5 if not given.", Number(every_s, 0.01, 3600)},
      {"--duration", "SECONDS", "Publish for that long at least; 5 if not given.",
       Number(duration_s, 0.1, 86'400)},
      {"--patience", "SECONDS", "What has not come when nothing came for so long is lost; 10 if not given.",
       Number(patience_s, 0.1, 3600)},
      {"--publishers", "COUNT", "4 if not given.", Number(to.publishers, 1, 100)},
      {"--topics", "COUNT", "Of each publisher and QoS; 3 if not given.", Number(to.topics, 1, 100)},
      {"--rate", "PER_SECOND", "Messages of all publishers; 500 if not given.",
       Number(to.rate_per_s, 1, 1e6)},
      {"--window", "COUNT", "Unacknowledged messages of each publisher; 200 if not given.",
       Number(to.window, 1, 60'000)},
      {"--size", "BYTES", "Of a payload; 64 if not given.", Number(to.size, 32, 1 << 20)},
      {"-q,--qos", "QOS", "Only 1, or only 2.", Choice{&qos, kQos}},
      {"-V,--protocol-version", "VERSION", "Only mqttv5, or only mqttv311.", Choice{&version, kVersions}},
      {"--workers", "COUNT", "{workers} in the command; 0 (if not given) is one a core.",
       Number(to.workers, 0, 64)},
      {"--seed", "NUMBER", "Chooses moments and clients alike; by chance if not given.",
       Number(to.seed, 1, 9e15)},
      {"--json", "", "The result as JSON on standard output.", &to.json},
  };
  auto read = read_arguments(kTorture, options, arguments);
  if (!read) return std::unexpected(std::move(read).error());
  if (to.command.find("{port}") == std::string::npos) {
    return std::unexpected(usage_mistake(kTorture, "--command needs {port}"));
  }
  if (to.dir.empty()) to.dir = std::filesystem::temp_directory_path();
  to.every = from_seconds(every_s);
  to.duration = from_seconds(duration_s);
  to.patience = from_seconds(patience_s);
  to.qos = qos == 0 ? std::vector<std::uint8_t>{1, 2} : std::vector{qos};
  to.versions = version == 0 ? std::vector<std::uint8_t>{4, 5} : std::vector{version};
  return to;
}

}  // namespace gaon::app
