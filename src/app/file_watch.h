// Files whose changes are noticed, by inotify on the folders they are in: an editor and a
// renewed secret put another file in the place of the old one. Whether something is
// different then, the caller finds out. On one thread.
#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "net/descriptor.h"

namespace gaon::app {

class FileWatch {
 public:
  FileWatch();

  // These instead of those before. A folder stands for all that is in it. False: some cannot be
  // watched.
  bool watch(const std::vector<std::filesystem::path>& files);

  // Readable when something happened; -1 where the system has no more of them.
  int descriptor() const { return events_.get(); }
  // Takes what happened. Whether it was about one of the files.
  bool take();

 private:
  bool add(const std::filesystem::path& folder, const std::string& name);

  net::Descriptor events_;
  std::map<int, std::set<std::string>> names_;  // by watch; "" for all
};

}  // namespace gaon::app
