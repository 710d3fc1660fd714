// gaon config check | show
#include <cstdio>

#include "app/command.h"
#include "app/config_file.h"
#include "app/config_source.h"

namespace gaon::app {
namespace {

struct Flag {
  std::string name;
  std::string doc;
};

std::expected<ConfigSource, Exit> read_source(const Usage& usage, const Flag& flag, bool& flag_given,
                                              const Arguments& arguments) {
  ConfigSource source;
  const Option options[] = {
      {"-c,--config", "FILE", "The file; without one there are the defaults.", &source.file},
      {"--listen", "URL", "A listener instead of the file's; may be repeated.", &source.listen},
      {"--set", "KEY=VALUE", "Goes over the file; may be repeated.", &source.set},
      {flag.name, "", flag.doc, &flag_given},
  };
  auto read = read_arguments(usage, options, arguments);
  if (!read) return std::unexpected(std::move(read).error());
  return source;
}

void print_problems(const std::vector<Problem>& problems, std::FILE* to) {
  for (const Problem& problem : problems) std::fprintf(to, "%s\n", to_text(problem).c_str());
}

int check_command(const Arguments& arguments) {
  const Usage usage = {
      .command = "gaon config check",
      .doc = "Check a configuration; each problem with file, line, key and what to write instead.",
      .examples =
          "Examples:\n"
          "  gaon config check -c gaon.toml\n"
          "  gaon config check -c gaon.toml --set workers=4 --json\n"};
  bool json = false;
  const auto source = read_source(usage, {"--json", "Tell it as JSON."}, json, arguments);
  if (!source) return finish(source.error());
  const LoadedConfig loaded = load_config(*source);
  const bool wrong = has_error(loaded.problems);
  if (json) {
    std::printf("%s\n", to_json(loaded.problems).c_str());
  } else {
    print_problems(loaded.problems, wrong ? stderr : stdout);
    if (!wrong) std::printf("%s: good\n", source->file.empty() ? "defaults" : source->file.c_str());
  }
  return wrong ? kFailed : kDone;
}

int show_command(const Arguments& arguments) {
  const Usage usage = {.command = "gaon config show",
                       .doc = "Print the configuration that would be used, as a file.",
                       .examples =
                           "Examples:\n"
                           "  gaon config show --docs > gaon.toml\n"
                           "  gaon config show -c gaon.toml --set log.level=debug\n"};
  bool docs = false;
  const auto source = read_source(usage, {"--docs", "What each key means goes above it."}, docs, arguments);
  if (!source) return finish(source.error());
  const LoadedConfig loaded = load_config(*source);
  if (has_error(loaded.problems)) {
    print_problems(loaded.problems, stderr);
    return kFailed;
  }
  return finish({kDone, show_config(loaded.config, docs)});
}

constexpr Command kCommands[] = {
    {"check", "Check a configuration.", check_command},
    {"show", "Print the configuration that would be used.", show_command},
};

}  // namespace

int config_command(const Arguments& arguments) { return run_command("gaon config", kCommands, arguments); }

}  // namespace gaon::app
