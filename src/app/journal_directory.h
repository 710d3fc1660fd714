// A broker's data directory, read without touching it: for `gaon journal`.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/time.h"
#include "journal/file_disk.h"
#include "journal/survey.h"

namespace gaon::app {

class JournalDirectory {
 public:
  // Errors: it is not there, or not ours to read.
  static Result<std::unique_ptr<JournalDirectory>> open(const std::string& path);

  const std::string& path() const { return path_; }
  journal::Disk& disk() { return disk_; }
  // The process that writes there now; what is read is then a moment of it.
  const std::optional<std::string>& user() const { return user_; }

  // As journal::survey(); and an error if there is no journal.
  Result<journal::Survey> survey(const journal::Apply& apply, const journal::Progress& progress = {});

 private:
  explicit JournalDirectory(const std::string& path) : path_(path), disk_(path) {}

  std::string path_;
  journal::FileDisk disk_;
  std::optional<std::string> user_;
};

// "1 segment", "2 segments".
std::string count_text(std::uint64_t count, const std::string& noun);
// "1.5 MiB".
std::string size_text(std::uint64_t bytes);
// Milliseconds since 1970 as ISO 8601, UTC; empty for kNever.
std::string time_text(Time time);

}  // namespace gaon::app
