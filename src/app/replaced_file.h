// Files that are replaced as a whole, and the lock of who reads one, changes it and replaces it.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string_view>

#include "base/result.h"
#include "net/descriptor.h"

namespace gaon::app {

// All or nothing, also over a power cut. A link stays a link: what it names is replaced. A file
// that was there keeps its owner where that is in our power. Errors name the file.
Result<void> replace_file(const std::filesystem::path& path, std::string_view text, mode_t mode);

// Held by one at a time, of all processes; others wait for it. The file that it is stays.
class FileLock {
 public:
  static Result<FileLock> take(const std::filesystem::path& path);

 private:
  explicit FileLock(net::Descriptor file) : file_(std::move(file)) {}
  net::Descriptor file_;
};

}  // namespace gaon::app
