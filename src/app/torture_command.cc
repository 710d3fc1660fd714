// gaon torture: does what a broker acknowledged survive that it is killed?
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <random>

#include "app/command.h"
#include "app/torture_options.h"
#include "app/torture_report.h"
#include "app/torture_run.h"
#include "net/system_error.h"

namespace gaon::app {
namespace {

std::uint64_t chosen_seed() {
  std::random_device device;
  return 1 + device() % 1'000'000'000;
}

Result<std::string> new_directory(const std::string& in) {
  std::string path = in + "/gaon-torture-XXXXXX";
  if (::mkdtemp(path.data()) == nullptr) {
    return failure("cannot make a directory in " + in + ": " + net::system_error(errno));
  }
  std::error_code error;
  std::filesystem::create_directory(path + "/data", error);
  if (error) return failure("cannot make " + path + "/data: " + error.message());
  return path;
}

int fail(const std::string& what, int code) {
  std::fprintf(stderr, "gaon torture: %s\n", what.c_str());
  return code;
}

Result<void> run_phases(TortureRun& run) {
  TRY(run.torment());
  TRY(run.drain());
  return run.settle();
}

}  // namespace

int torture_command(const Arguments& arguments) {
  auto options = read_torture_options(arguments);
  if (!options) return finish(options.error());
  if (options->seed == 0) options->seed = chosen_seed();
  const auto dir = new_directory(options->dir);
  if (!dir) return fail(dir.error().what, kUsage);

  FILE* const progress = options->json ? stderr : stdout;
  const auto tell = [progress](const std::string& line) {
    std::fprintf(progress, "%s\n", line.c_str());
    std::fflush(progress);
  };
  KilledBroker broker(options->command, *dir + "/data", *dir + "/broker.log", options->workers);
  tell("seed " + std::to_string(options->seed) + ", broker: " + broker.command());
  TortureRun run(*options, broker, tell);
  if (const auto begun = run.begin(); !begun) {
    return fail(begun.error().what + "; see " + *dir + "/broker.log", kUsage);
  }
  const auto done = run_phases(run);
  broker.kill();
  const TortureResult result = {.judge = run.judge(),
                                .seed = options->seed,
                                .kills = run.kills(),
                                .ended = done ? "" : done.error().what,
                                .dir = *dir};
  std::fputs((options->json ? to_json(result) : to_text(result)).c_str(), stdout);
  if (!all_kept(result)) return kFailed;
  std::error_code ignored;
  std::filesystem::remove_all(*dir, ignored);
  return kDone;
}

}  // namespace gaon::app
