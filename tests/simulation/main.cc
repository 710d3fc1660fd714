// gaon_simulate [--seed N] [--from N] [--seeds N] [--workers N] [--steps N] [--jobs N]
//               [--no-deaths] [--verbose]
// Exit code: 0 all promises kept, 1 one was broken, 2 wrong arguments.
#include <sys/wait.h>
#include <unistd.h>

#include <charconv>
#include <cinttypes>
#include <cstdio>
#include <string>
#include <string_view>

#include "base/log.h"
#include "world.h"

namespace {

using gaon::simulation::Plan;
using gaon::simulation::Verdict;

struct Options {
  Plan plan;
  std::uint64_t from = 1;
  std::uint64_t seeds = 200;
  std::uint64_t jobs = 1;
};

int usage(std::string_view what) {
  std::fprintf(stderr,
               "gaon_simulate: %.*s\n"
               "usage: gaon_simulate [--seed N | --from N --seeds N] [--workers N] [--steps N] [--jobs N]\n"
               "                     [--no-deaths] [--verbose]\n",
               static_cast<int>(what.size()), what.data());
  return 2;
}

void tell(const Plan& plan, const Verdict& verdict) {
  std::fprintf(stderr, "\nseed %" PRIu64 ", %zu worker(s), step %zu: %s\n", plan.seed, verdict.workers,
               verdict.step, verdict.failure->c_str());
  std::fprintf(stderr, "the last events:\n");
  for (const std::string& event : verdict.last_events) std::fprintf(stderr, "  %s\n", event.c_str());
  std::string more;
  if (plan.workers != 0) more += " --workers " + std::to_string(plan.workers);
  if (plan.steps != Plan{}.steps) more += " --steps " + std::to_string(plan.steps);
  if (!plan.deaths) more += " --no-deaths";
  std::fprintf(stderr, "again: gaon_simulate --seed %" PRIu64 "%s --verbose\n", plan.seed, more.c_str());
}

// Every jobs-th seed from first on.
int run_some(const Options& options, std::uint64_t first) {
  std::size_t messages = 0;
  std::size_t duties = 0;
  std::size_t deaths = 0;
  std::uint64_t done = 0;
  for (std::uint64_t seed = options.from + first; seed < options.from + options.seeds; seed += options.jobs) {
    Plan plan = options.plan;
    plan.seed = seed;
    const Verdict verdict = gaon::simulation::run(plan);
    if (verdict.failure) {
      tell(plan, verdict);
      return 1;
    }
    messages += verdict.messages;
    duties += verdict.duties;
    deaths += verdict.deaths;
    if (++done % 50 == 0) std::fprintf(stderr, "seed %" PRIu64 " is through\n", seed);
  }
  std::printf("%" PRIu64 " seeds: %zu messages, %zu duties, %zu deaths of the broker: all promises kept\n",
              done, messages, duties, deaths);
  return 0;
}

int run_all(const Options& options) {
  if (options.jobs == 1) return run_some(options, 0);
  for (std::uint64_t job = 0; job < options.jobs; ++job) {
    std::fflush(stdout);
    const pid_t child = fork();
    if (child < 0) return usage("no more processes");
    if (child == 0) {
      const int code = run_some(options, job);
      std::fflush(stdout);
      _exit(code);
    }
  }
  int code = 0;
  for (int status = 0; wait(&status) > 0;) {
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) code = 1;
  }
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  const auto number_for = [&](std::string_view name) -> std::uint64_t* {
    if (name == "--seed" || name == "--from") return &options.from;
    if (name == "--seeds") return &options.seeds;
    if (name == "--jobs") return &options.jobs;
    if (name == "--workers") return &options.plan.workers;
    if (name == "--steps") return &options.plan.steps;
    return nullptr;
  };
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    if (name == "--verbose") {
      options.plan.verbose = true;
      gaon::set_log_sink(
          [](gaon::LogLevel, gaon::LogCause, std::string_view text) {
            std::fprintf(stderr, "  log: %.*s\n", static_cast<int>(text.size()), text.data());
          },
          gaon::LogLevel::debug);
    } else if (name == "--no-deaths") {
      options.plan.deaths = false;
    } else if (std::uint64_t* number = number_for(name); number != nullptr && i + 1 < argc) {
      const std::string_view text = argv[++i];
      const auto end = std::from_chars(text.data(), text.data() + text.size(), *number);
      if (end.ec != std::errc() || end.ptr != text.data() + text.size()) return usage(text);
      if (name == "--seed") options.seeds = 1;
    } else {
      return usage(name);
    }
  }
  if (options.jobs == 0 || options.plan.workers > 64) return usage("--jobs from 1, --workers up to 64");
  return run_all(options);
}
