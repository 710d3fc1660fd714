#include "app/journal_directory.h"

#include <array>
#include <cstdio>
#include <ctime>

namespace gaon::app {

Result<std::unique_ptr<JournalDirectory>> JournalDirectory::open(const std::string& path) {
  std::unique_ptr<JournalDirectory> directory(new JournalDirectory(path));
  TRY(directory->disk_.look());
  directory->user_ = directory->disk_.holder();
  return directory;
}

Result<journal::Survey> JournalDirectory::survey(const journal::Apply& apply,
                                                 const journal::Progress& progress) {
  auto found = journal::survey(disk_, apply, progress);
  if (!found && user_)
    return failure(found.error().what + "; process " + *user_ +
                   " is writing there: try again, or when it has stopped");
  if (!found) return found;
  if (found->segments.empty() && found->damage.list.empty())
    return failure(path_ + " holds no journal: there is no file like 0000000001.log in it");
  return found;
}

std::string count_text(std::uint64_t count, const std::string& noun) {
  return std::to_string(count) + ' ' + noun + (count == 1 ? "" : "s");
}

std::string size_text(std::uint64_t bytes) {
  constexpr std::array kUnits = {"bytes", "KiB", "MiB", "GiB", "TiB"};
  double size = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; size >= 1024 && unit + 1 < kUnits.size(); ++unit) size /= 1024;
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), unit == 0 ? "%.0f %s" : "%.1f %s", size, kUnits[unit]);
  return text.data();
}

std::string time_text(Time time) {
  if (time == kNever) return {};
  const std::int64_t ms = time.time_since_epoch().count();
  const std::time_t seconds = ms / 1000;
  std::tm parts{};
  if (gmtime_r(&seconds, &parts) == nullptr) return {};
  std::array<char, 32> text{};
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

}  // namespace gaon::app
