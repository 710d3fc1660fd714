#include "app/replaced_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

#include "net/system_error.h"

namespace gaon::app {
namespace {

namespace fs = std::filesystem;

bool write_all(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t done = ::write(file, text.data(), text.size());
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(done));
  }
  return true;
}

// That the name is another file's now is what the directory says.
bool sync_directory_of(const fs::path& path) {
  const fs::path parent = path.has_parent_path() ? path.parent_path() : fs::path(".");
  const net::Descriptor directory(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return directory && ::fsync(directory.get()) == 0;
}

}  // namespace

Result<void> replace_file(const fs::path& path, std::string_view text, mode_t mode) {
  std::error_code ignored;
  fs::path target = fs::weakly_canonical(path, ignored);
  if (target.empty()) target = path;
  // Of a name that no other writer has.
  std::string temporary = target.string() + ".XXXXXX";
  const net::Descriptor file(::mkostemp(temporary.data(), O_CLOEXEC));
  if (!file) return failure(path.string() + " cannot be written: " + net::system_error(errno));
  struct stat old {};
  if (::stat(target.c_str(), &old) == 0) (void)!::fchown(file.get(), old.st_uid, old.st_gid);
  if (::fchmod(file.get(), mode) == 0 && write_all(file.get(), text) && ::fsync(file.get()) == 0 &&
      ::rename(temporary.c_str(), target.c_str()) == 0 && sync_directory_of(target)) {
    return {};
  }
  const int error = errno;
  ::unlink(temporary.c_str());
  return failure(path.string() + " cannot be written: " + net::system_error(error));
}

Result<FileLock> FileLock::take(const fs::path& path) {
  // Reading is enough for a lock, but not for one on NFS.
  constexpr int flags = O_CREAT | O_CLOEXEC | O_NOFOLLOW;
  net::Descriptor file(::open(path.c_str(), O_RDWR | flags, 0644));
  if (!file && errno == EACCES) file = net::Descriptor(::open(path.c_str(), O_RDONLY | flags, 0644));
  int done = file ? 0 : -1;
  while (file && (done = ::flock(file.get(), LOCK_EX)) != 0 && errno == EINTR) {
  }
  if (done != 0) return failure(path.string() + " cannot be locked: " + net::system_error(errno));
  return FileLock(std::move(file));
}

}  // namespace gaon::app
