// gaon reload
#include <signal.h>

#include <chrono>
#include <cstdio>
#include <thread>

#include "app/command.h"
#include "app/config_source.h"
#include "app/reload_report.h"
#include "journal/file_disk.h"

namespace gaon::app {
namespace {

constexpr std::chrono::seconds kPatience{60};
constexpr std::chrono::milliseconds kLookEvery{20};

const Usage kReload = {
    .command = "gaon reload",
    .doc =
        "Have the broker that runs read its configuration, certificates, users and rules again. Nobody "
        "who keeps access is disconnected; with a mistake anywhere nothing changes.",
    .examples =
        "Examples:\n"
        "  gaon reload -c gaon.toml\n"
        "  gaon reload -c gaon.toml --check\n"
        "  gaon reload --data-dir /var/lib/gaon --json\n"
        "The broker is found by the data_dir of the file, or by --data-dir. --check only looks the file\n"
        "over and signals nobody."};

struct ReloadOptions {
  ConfigSource source;
  std::string data_dir;
  bool check = false;
  bool json = false;
};

int tell(const ReloadReport& report, bool json) {
  const std::string text = json ? to_json(report) : to_text(report);
  std::fprintf(report.ok || json ? stdout : stderr, "%s\n", text.c_str());
  return report.ok ? kDone : kFailed;
}

int fail(const std::string& why, bool json) {
  if (json) return tell({.problems = {{.what = why, .fix = ""}}}, json);
  std::fprintf(stderr, "gaon reload: %s\n", why.c_str());
  return kFailed;
}

// The process that holds the lock of the directory.
Result<pid_t> find_broker(const std::string& data_dir) {
  journal::FileDisk disk(data_dir);
  TRY(disk.look());
  const auto holder = disk.holder();
  if (!holder) return failure("no broker runs with " + data_dir + ": name its directory with --data-dir");
  const int id = std::atoi(holder->c_str());
  if (id <= 0) return failure("which process the broker of " + data_dir + " is cannot be told");
  return id;
}

int ask_broker(const std::string& data_dir, bool json) {
  const auto broker = find_broker(data_dir);
  if (!broker) return fail(broker.error().what, json);
  const auto before = read_report(data_dir);
  if (kill(*broker, SIGHUP) != 0)
    return fail("process " + std::to_string(*broker) + " cannot be signalled: is it another user's?", json);
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (std::chrono::steady_clock::now() < end) {
    const auto report = read_report(data_dir);
    if (report && (!before || report->number != before->number)) return tell(*report, json);
    if (kill(*broker, 0) != 0) return fail("the broker ended", json);
    std::this_thread::sleep_for(kLookEvery);
  }
  return fail("the broker did not answer in time: see its log", json);
}

}  // namespace

int reload_command(const Arguments& arguments) {
  ReloadOptions options;
  const Option table[] = {
      {"-c,--config", "FILE", "The configuration that the broker was started with.", &options.source.file},
      {"--set", "KEY=VALUE", "As the broker was started with it; may be repeated.", &options.source.set},
      {"--data-dir", "DIR", "Where the broker keeps its sessions.", &options.data_dir},
      {"--check", "", "Only look the file over.", &options.check},
      {"--json", "", "Tell it as JSON.", &options.json},
  };
  const auto read = read_arguments(kReload, table, arguments);
  if (!read) return finish(read.error());
  // Without a file there is nothing to check here: the broker does it.
  const LoadedConfig loaded = load_config(options.source);
  const bool wrong = has_error(loaded.problems);
  if (wrong || options.check) {
    ReloadReport report{.ok = !wrong, .problems = loaded.problems};
    if (options.json) return tell(report, true);
    for (const Problem& problem : loaded.problems)
      std::fprintf(wrong ? stderr : stdout, "%s\n", to_text(problem).c_str());
    if (!wrong)
      std::printf("%s: good\n", options.source.file.empty() ? "defaults" : options.source.file.c_str());
    return wrong ? kFailed : kDone;
  }
  return ask_broker(options.data_dir.empty() ? loaded.config.data_dir.string() : options.data_dir,
                    options.json);
}

}  // namespace gaon::app
