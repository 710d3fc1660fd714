// The files of one directory, as the log needs them: the place where a false disk can be
// put under it. Errors are errno values; 0 is "done". Names have no folder in them.
//
// What is written survives a crash once sync() has returned 0; a file's name (after
// create, rename, remove) once sync_directory() has.
//
// read_at() and open() may be called from any thread, the rest from one at a time.
#pragma once

#include <sys/uio.h>

#include <expected>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace gaon::journal {

template <class T>
using Outcome = std::expected<T, int>;

class Disk {
 public:
  using Handle = int;
  enum class Access : std::uint8_t {
    read,
    write,   // and read
    create,  // write; must not exist
  };

  virtual ~Disk() = default;

  // Sees to it that the directory is there, is ours, and nobody else's until the Disk dies.
  virtual Result<void> take() = 0;
  // As messages name it.
  virtual std::string path(const std::string& name) const = 0;

  virtual Outcome<std::vector<std::string>> list() = 0;
  virtual Outcome<Handle> open(const std::string& name, Access access) = 0;
  virtual void close(Handle file) = 0;
  virtual int rename(const std::string& from, const std::string& to) = 0;
  virtual int remove(const std::string& name) = 0;
  virtual int sync_directory() = 0;

  virtual Outcome<std::uint64_t> size(Handle file) = 0;
  // Fewer bytes than asked for: the file ends there.
  virtual Outcome<std::size_t> read_at(Handle file, std::uint64_t at, std::span<std::uint8_t> into) = 0;
  // May write fewer bytes than given, but at least one.
  virtual Outcome<std::size_t> write_at(Handle file, std::uint64_t at, std::span<const iovec> pieces) = 0;
  // Afterwards the file has at least that size, and room for it on the disk where that can be had.
  virtual int preallocate(Handle file, std::uint64_t size) = 0;
  virtual int truncate(Handle file, std::uint64_t size) = 0;
  // The content, and what is needed to read it.
  virtual int sync(Handle file) = 0;
};

// An open file of a Disk, which must outlive it.
class File {
 public:
  File() = default;
  File(Disk& disk, Disk::Handle handle) : disk_(&disk), handle_(handle) {}
  File(File&& other) noexcept : disk_(std::exchange(other.disk_, nullptr)), handle_(other.handle_) {}
  File& operator=(File&& other) noexcept {
    std::swap(disk_, other.disk_);
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~File() {
    if (disk_ != nullptr) disk_->close(handle_);
  }

  static Outcome<File> open(Disk& disk, const std::string& name, Disk::Access access) {
    const auto handle = disk.open(name, access);
    if (!handle) return std::unexpected(handle.error());
    return File(disk, *handle);
  }

  explicit operator bool() const { return disk_ != nullptr; }
  Outcome<std::uint64_t> size() const { return disk_->size(handle_); }
  Outcome<std::size_t> read_at(std::uint64_t at, std::span<std::uint8_t> into) const {
    return disk_->read_at(handle_, at, into);
  }
  Outcome<std::size_t> write_at(std::uint64_t at, std::span<const iovec> pieces) const {
    return disk_->write_at(handle_, at, pieces);
  }
  // All of it, however many writes that takes.
  int write_all(std::uint64_t at, ByteView bytes) const;
  int preallocate(std::uint64_t size) const { return disk_->preallocate(handle_, size); }
  int truncate(std::uint64_t size) const { return disk_->truncate(handle_, size); }
  int sync() const { return disk_->sync(handle_); }

 private:
  Disk* disk_ = nullptr;
  Disk::Handle handle_ = -1;
};

// "path: text of the errno".
std::string disk_error(const Disk& disk, const std::string& name, int error);

// Whether there is only no room: what frees some mends it.
bool no_space(int error);

// Of open(): whether the process or the system only has no descriptor or memory for it now.
// Nothing was done, and it can be asked again.
bool cannot_open_now(int error);

}  // namespace gaon::journal
