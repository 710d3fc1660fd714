// `gaon journal verify`: whether a journal is whole, and makes sense.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/journal_directory.h"

namespace gaon::app {

struct JournalProblem {
  std::string kind;  // "damaged", "missing": --salvage helps; "records", "state": it does not
  std::string file;  // of path/name; empty if it is about the whole
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;  // that cannot be read
  std::string what;
};

struct JournalReport {
  // More are counted, but not told one by one.
  static constexpr std::size_t kToldMax = 100;

  std::size_t segments = 0;
  std::uint64_t batches = 0;
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;
  double seconds = 0;
  // What a crash left behind the last batch; the next start cuts it off. No damage.
  std::string torn_file;
  std::uint64_t torn_offset = 0;
  std::uint64_t torn_bytes = 0;
  std::vector<JournalProblem> problems;
  std::size_t untold = 0;

  bool good() const { return problems.empty(); }
  void add(JournalProblem problem) {
    if (problems.size() < kToldMax)
      problems.push_back(std::move(problem));
    else
      ++untold;
  }
};

// An error: it cannot be read at all. Tells how far it is on standard error, if that is a
// terminal.
Result<JournalReport> verify_journal(JournalDirectory& directory);

std::string to_text(const JournalReport& report, const JournalDirectory& directory);
std::string to_json(const JournalReport& report, const JournalDirectory& directory);

}  // namespace gaon::app
