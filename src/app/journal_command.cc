// gaon journal inspect | verify | export
#include <cstdio>

#include "app/command.h"
#include "app/journal_export.h"
#include "app/journal_inspect.h"
#include "app/journal_verify.h"

namespace gaon::app {
namespace {

constexpr int kUnreadable = 2;

constexpr const char* kExitCodes = "0 good, 1 damaged, 2 cannot be read, or wrong usage";

const Usage kInspect = {
    .command = "gaon journal inspect",
    .doc = "Show what a broker's data directory holds: segments, records, sessions, queues. Changes nothing.",
    .examples =
        "Examples:\n"
        "  gaon journal inspect gaon-data\n"
        "  gaon journal inspect gaon-data --json | jq .state\n",
    .exit_codes = "0 done, 2 cannot be read, or wrong usage",
};

const Usage kVerify = {
    .command = "gaon journal verify",
    .doc = "Read all of a broker's data directory and tell each damage. Changes nothing.",
    .examples =
        "Examples:\n"
        "  gaon journal verify gaon-data\n"
        "  gaon journal verify gaon-data --json > report.json\n",
    .exit_codes = kExitCodes,
};

const Usage kExport = {
    .command = "gaon journal export",
    .doc =
        "Print sessions, queued and retained messages of a broker's data directory, a line of JSON each. "
        "Changes nothing.",
    .examples =
        "Examples:\n"
        "  gaon journal export gaon-data > all.jsonl\n"
        "  gaon journal export gaon-data --client archive --client backup\n"
        "  gaon journal export gaon-data --retained | jq -r '.topic + \" \" + .payload_text'\n",
    .exit_codes = "0 done, 1 done but for what is told, 2 cannot be read, or wrong usage",
};

int fail(const Usage& usage, const Error& error) {
  return finish({kUnreadable, usage.command + ": " + error.what + '\n'});
}

// The option that all of them have.
Option directory_option(std::string& to) {
  return {"DIR", "", "The broker's data_dir. A broker may be running on it.", &to};
}

std::expected<std::string, Exit> read_directory(const Usage& usage, std::vector<Option> options,
                                                const Arguments& arguments) {
  std::string path;
  options.push_back(directory_option(path));
  if (auto read = read_arguments(usage, options, arguments); !read) return std::unexpected(read.error());
  if (path.empty()) return std::unexpected(usage_mistake(usage, "name the directory, for example gaon-data"));
  return path;
}

int inspect_command(const Arguments& arguments) {
  bool json = false;
  const auto path = read_directory(kInspect, {{"--json", "", "Tell it as JSON.", &json}}, arguments);
  if (!path) return finish(path.error());
  const auto directory = JournalDirectory::open(*path);
  if (!directory) return fail(kInspect, directory.error());
  const auto figures = inspect_journal(**directory);
  if (!figures) return fail(kInspect, figures.error());
  return finish({kDone, json ? to_json(*figures, **directory) : to_text(*figures, **directory)});
}

int verify_command(const Arguments& arguments) {
  bool json = false;
  const auto path = read_directory(kVerify, {{"--json", "", "Tell it as JSON.", &json}}, arguments);
  if (!path) return finish(path.error());
  const auto directory = JournalDirectory::open(*path);
  if (!directory) return fail(kVerify, directory.error());
  const auto report = verify_journal(**directory);
  if (!report) return fail(kVerify, report.error());
  finish({kDone, json ? to_json(*report, **directory) : to_text(*report, **directory)});
  return report->good() ? kDone : kFailed;
}

int export_command(const Arguments& arguments) {
  ExportFilter filter;
  const auto path = read_directory(
      kExport,
      {{"--client", "ID", "Only this session; may be repeated.", &filter.clients},
       {"--retained", "", "Only retained messages; with --client: these too.", &filter.retained}},
      arguments);
  if (!path) return finish(path.error());
  const auto directory = JournalDirectory::open(*path);
  if (!directory) return fail(kExport, directory.error());
  bool writable = true;
  const auto done = export_journal(**directory, filter, [&writable](const std::string& line) {
    writable = std::fwrite(line.data(), 1, line.size(), stdout) == line.size();
    return writable;
  });
  if (!done) return fail(kExport, done.error());
  if (std::fflush(stdout) != 0 || !writable) return fail(kExport, {"standard output cannot be written"});
  for (const std::string& lost : done->lost)
    std::fprintf(stderr, "%s: %s\n", kExport.command.c_str(), lost.c_str());
  return done->lost.empty() ? kDone : kFailed;
}

constexpr Command kCommands[] = {
    {"inspect", "Show what a journal holds, in figures.", inspect_command},
    {"verify", "Check that a journal is whole.", verify_command},
    {"export", "Print what a journal holds, as lines of JSON.", export_command},
};

}  // namespace

int journal_command(const Arguments& arguments) { return run_command("gaon journal", kCommands, arguments); }

}  // namespace gaon::app
