#include "journal/file_disk.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <system_error>

namespace gaon::journal {

namespace {

constexpr const char* kLockName = "lock";

// Calls again what a signal interrupted. The result, or -1 and errno.
template <class Call>
auto uninterrupted(Call call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

std::string belongs_to(const std::string& path, uid_t owner) {
  return path + " belongs to user " + std::to_string(owner) + ", but this runs as user " +
         std::to_string(::geteuid());
}

int outcome(int result) { return result < 0 ? errno : 0; }

// What stands in the lock file.
std::string holder_in(int lock_file) {
  std::array<char, 32> text{};
  const auto size = ::pread(lock_file, text.data(), text.size() - 1, 0);
  std::string id(text.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  while (!id.empty() && (id.back() < '0' || id.back() > '9')) id.pop_back();
  return id.empty() ? "unknown" : id;
}

}  // namespace

FileDisk::~FileDisk() {
  if (lock_handle_ >= 0) ::close(lock_handle_);
  if (directory_handle_ >= 0) ::close(directory_handle_);
}

std::unexpected<Error> FileDisk::failed(const std::string& doing, int error) const {
  struct stat about {};
  if (error == EACCES && ::stat(directory_.c_str(), &about) == 0 && about.st_uid != ::geteuid())
    return failure(belongs_to(directory_, about.st_uid) + ": use another directory, or chown it");
  return failure("cannot " + doing + " " + directory_ + ": " + std::system_category().message(error));
}

Result<void> FileDisk::take() {
  TRY(open_directory());
  return lock();
}

Result<void> FileDisk::look() {
  const int handle = ::open(directory_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (handle < 0) return failed("open the directory", errno);
  directory_handle_ = handle;
  return {};
}

// A shared lock for no longer than it takes to see that it can be had.
std::optional<std::string> FileDisk::holder() const {
  const int handle = ::openat(directory_handle_, kLockName, O_RDONLY | O_CLOEXEC);
  if (handle < 0) return std::nullopt;
  std::optional<std::string> id;
  if (uninterrupted([&] { return ::flock(handle, LOCK_SH | LOCK_NB); }) < 0 && errno == EWOULDBLOCK)
    id = holder_in(handle);
  ::close(handle);
  return id;
}

Result<void> FileDisk::open_directory() {
  if (directory_handle_ >= 0) return {};
  if (::mkdir(directory_.c_str(), 0700) < 0 && errno != EEXIST) return failed("create the directory", errno);
  const int handle = ::open(directory_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (handle < 0) return failed("open the directory", errno);
  directory_handle_ = handle;
  struct stat about {};
  if (::fstat(handle, &about) < 0) return failed("look at the directory", errno);
  if (about.st_uid != ::geteuid())
    return failure(belongs_to(directory_, about.st_uid) + ": use another directory, or chown it");
  if (::faccessat(handle, ".", R_OK | W_OK | X_OK, AT_EACCESS) < 0)
    return failed("write to the directory", errno);
  return {};
}

Result<void> FileDisk::lock() {
  if (lock_handle_ >= 0) return {};
  const int handle = ::openat(directory_handle_, kLockName, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (handle < 0) {
    const int error = errno;
    struct stat about {};
    if (error == EACCES && ::fstatat(directory_handle_, kLockName, &about, 0) == 0)
      return failure(belongs_to(directory_ + "/" + kLockName, about.st_uid) +
                     ": chown -R the directory to who runs it");
    return failure(disk_error(*this, kLockName, error));
  }
  if (uninterrupted([&] { return ::flock(handle, LOCK_EX | LOCK_NB); }) < 0) {
    const int error = errno;
    const std::string holder = holder_in(handle);
    ::close(handle);
    if (error != EWOULDBLOCK) return failure(disk_error(*this, kLockName, error));
    return failure(directory_ + " is in use by process " + holder + ": end it, or use another directory");
  }
  lock_handle_ = handle;
  const std::string id = std::to_string(::getpid()) + "\n";
  if (::ftruncate(handle, 0) < 0 || ::pwrite(handle, id.data(), id.size(), 0) < 0) {
    // The id is for messages only: a full disk is no reason not to start.
    if (!no_space(errno)) return failure(disk_error(*this, kLockName, errno));
  }
  return {};
}

Outcome<std::vector<std::string>> FileDisk::list() {
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir(directory_.c_str()), &::closedir);
  if (!directory) return std::unexpected(errno);
  std::vector<std::string> names;
  while (true) {
    errno = 0;
    const dirent* entry = ::readdir(directory.get());
    if (entry == nullptr) break;
    names.emplace_back(entry->d_name);
  }
  if (errno != 0) return std::unexpected(errno);
  return names;
}

Outcome<Disk::Handle> FileDisk::open(const std::string& name, Access access) {
  int flags = O_CLOEXEC | (access == Access::read ? O_RDONLY : O_RDWR);
  if (access == Access::create) flags |= O_CREAT | O_EXCL;
  const int handle = uninterrupted([&] { return ::openat(directory_handle_, name.c_str(), flags, 0600); });
  if (handle < 0) return std::unexpected(errno);
  return handle;
}

void FileDisk::close(Handle file) { ::close(file); }

int FileDisk::rename(const std::string& from, const std::string& to) {
  return outcome(::renameat(directory_handle_, from.c_str(), directory_handle_, to.c_str()));
}

int FileDisk::remove(const std::string& name) {
  return outcome(::unlinkat(directory_handle_, name.c_str(), 0));
}

int FileDisk::sync_directory() { return outcome(::fsync(directory_handle_)); }

Outcome<std::uint64_t> FileDisk::size(Handle file) {
  struct stat about {};
  if (::fstat(file, &about) < 0) return std::unexpected(errno);
  return static_cast<std::uint64_t>(about.st_size);
}

Outcome<std::size_t> FileDisk::read_at(Handle file, std::uint64_t at, std::span<std::uint8_t> into) {
  std::size_t done = 0;
  while (done < into.size()) {
    const auto got = uninterrupted(
        [&] { return ::pread(file, into.data() + done, into.size() - done, static_cast<off_t>(at + done)); });
    if (got < 0) return std::unexpected(errno);
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  return done;
}

Outcome<std::size_t> FileDisk::write_at(Handle file, std::uint64_t at, std::span<const iovec> pieces) {
  const auto wrote = uninterrupted([&] {
    return ::pwritev(file, pieces.data(), static_cast<int>(pieces.size()), static_cast<off_t>(at));
  });
  if (wrote < 0) return std::unexpected(errno);
  // Nothing at all and no error: there is no room for a byte.
  if (wrote == 0) return std::unexpected(ENOSPC);
  return static_cast<std::size_t>(wrote);
}

int FileDisk::preallocate(Handle file, std::uint64_t size) {
  const int error = outcome(uninterrupted([&] { return ::fallocate(file, 0, 0, static_cast<off_t>(size)); }));
  if (error != EOPNOTSUPP && error != ENOSYS) return error;
  // This file system cannot; then at least the size, so that a zero ends what was written.
  const auto now = this->size(file);
  if (!now) return now.error();
  return *now >= size ? 0 : truncate(file, size);
}

int FileDisk::truncate(Handle file, std::uint64_t size) {
  return outcome(uninterrupted([&] { return ::ftruncate(file, static_cast<off_t>(size)); }));
}

// Not again, whatever it says.
int FileDisk::sync(Handle file) { return outcome(::fdatasync(file)); }

}  // namespace gaon::journal
