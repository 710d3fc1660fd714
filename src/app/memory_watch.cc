#include "app/memory_watch.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "app/spare_memory.h"
#include "base/log.h"
#include "broker/sizes.h"

namespace gaon::app {
namespace {

using broker::MemoryLevel;

constexpr std::uint64_t kPercentOfMachine = 80;

std::string read_text(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

std::uint64_t resident_bytes() {
  return parse_resident_pages(read_text("/proc/self/statm")) *
         static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

// The smallest limit of our control group (version 2) and those above it; 0: none.
std::uint64_t group_limit() {
  const std::string groups = read_text("/proc/self/cgroup");
  const std::size_t at = groups.find("0::/");
  if (at == std::string::npos) return parse_limit(read_text("/sys/fs/cgroup/memory/memory.limit_in_bytes"));
  const std::filesystem::path root = "/sys/fs/cgroup";
  std::filesystem::path group = root / groups.substr(at + 4, groups.find('\n', at) - at - 4);
  std::uint64_t least = 0;
  for (;; group = group.parent_path()) {
    const std::uint64_t limit = parse_limit(read_text(group / "memory.max"));
    if (limit != 0) least = least == 0 ? limit : std::min(least, limit);
    if (group == root || group == group.parent_path()) return least;
  }
}

std::string_view words(MemoryLevel level) {
  switch (level) {
    case MemoryLevel::enough:
      return "memory is enough again";
    case MemoryLevel::scarce:
      return "memory is scarce: no new sessions, and nothing more is kept in memory for sessions that do "
             "not read";
    case MemoryLevel::none:
      break;
  }
  return "there is no memory left: publishers have to wait";
}

}  // namespace

std::uint64_t parse_limit(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} ? number : 0;
}

std::uint64_t parse_resident_pages(std::string_view statm) {
  const std::size_t space = statm.find(' ');
  return space == std::string_view::npos ? 0 : parse_limit(statm.substr(space + 1));
}

std::uint64_t memory_ceiling(std::uint64_t memory_bytes_max) {
  if (memory_bytes_max == broker::kNoCeiling) return 0;
  if (memory_bytes_max != 0) return memory_bytes_max;
  const auto machine =
      static_cast<std::uint64_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  const std::uint64_t group = group_limit();
  return (group == 0 ? machine : std::min(machine, group)) / 100 * kPercentOfMachine;
}

MemoryLevel memory_level(std::uint64_t resident, std::uint64_t ceiling, MemoryLevel before) {
  const std::uint64_t percent = ceiling / 100;
  const auto above = [&](MemoryLevel level, std::uint64_t from) {
    return resident >= (from - (before >= level ? 5 : 0)) * percent;
  };
  if (above(MemoryLevel::none, 100)) return MemoryLevel::none;
  return above(MemoryLevel::scarce, 90) ? MemoryLevel::scarce : MemoryLevel::enough;
}

MemoryWatch::MemoryWatch(broker::Broker& broker, std::uint64_t ceiling) : broker_(broker), ceiling_(ceiling) {
  if (ceiling_ == 0) return;
  thread_ = std::jthread([this](const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    do {
      look();
      condition_.wait_for(lock, stop, seconds(1), [] { return false; });
    } while (!stop.stop_requested());
  });
}

void MemoryWatch::look() {
  std::uint64_t resident = resident_bytes();
  MemoryLevel level = memory_level(resident, ceiling_, level_);
  if (level != MemoryLevel::enough) {
    give_back_spare_memory();
    resident = resident_bytes();
    level = memory_level(resident, ceiling_, level_);
  }
  if (level == level_) return;
  level_ = level;
  broker_.set_memory_level(level);
  log(level == MemoryLevel::enough ? LogLevel::info : LogLevel::warning,
      std::string(words(level)) + " (" + std::to_string(resident / broker::kMiB) + " of " +
          std::to_string(ceiling_ / broker::kMiB) + " MiB, limits.memory_bytes_max)");
}

}  // namespace gaon::app
