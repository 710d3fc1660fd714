#include "app/file_watch.h"

#include <sys/inotify.h>
#include <unistd.h>

#include <array>

namespace gaon::app {

FileWatch::FileWatch() : events_(inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {}

bool FileWatch::watch(const std::vector<std::filesystem::path>& files) {
  std::map<int, std::set<std::string>> before;
  before.swap(names_);
  bool good = static_cast<bool>(events_);
  for (const std::filesystem::path& file : files) {
    std::error_code error;
    const auto absolute = std::filesystem::absolute(file, error);
    good = add(absolute.parent_path(), absolute.filename().string()) && good;
    // A link to a folder on the way may lead elsewhere one day.
    for (auto part = absolute.parent_path(); part != part.parent_path(); part = part.parent_path()) {
      if (std::filesystem::is_symlink(part, error))
        good = add(part.parent_path(), part.filename().string()) && good;
    }
    // Behind a link is what changes.
    const auto real = std::filesystem::canonical(file, error);
    if (!error && real != absolute) good = add(real.parent_path(), real.filename().string()) && good;
    if (std::filesystem::is_directory(file, error)) good = add(absolute, "") && good;
  }
  for (const auto& [old, names] : before) {
    if (!names_.contains(old)) inotify_rm_watch(events_.get(), old);
  }
  return good;
}

bool FileWatch::add(const std::filesystem::path& folder, const std::string& name) {
  constexpr std::uint32_t kChanges =
      IN_CLOSE_WRITE | IN_MODIFY | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_CREATE | IN_ATTRIB;
  const int watch = inotify_add_watch(events_.get(), folder.c_str(), kChanges | IN_ONLYDIR);
  if (watch < 0) return false;
  names_[watch].insert(name);
  return true;
}

bool FileWatch::take() {
  alignas(inotify_event) std::array<char, 8192> buffer;
  bool ours = false;
  for (;;) {
    const ssize_t size = read(events_.get(), buffer.data(), buffer.size());
    if (size <= 0) return ours;
    for (ssize_t at = 0; at < size;) {
      const auto* event = reinterpret_cast<const inotify_event*>(buffer.data() + at);
      at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
      const std::string name = event->len > 0 ? event->name : "";
      if ((event->mask & IN_Q_OVERFLOW) != 0) ours = true;
      const auto watched = names_.find(event->wd);
      if (watched == names_.end()) continue;
      // Kubernetes changes a folder of secrets by a link in it whose name begins so.
      ours = ours || watched->second.contains(name) || watched->second.contains("") || name.starts_with("..");
    }
  }
}

}  // namespace gaon::app
