// A directory of the file system. The only part of the journal that makes system calls.
//
// A missing directory is created (for its owner alone) if its parent is there. One process
// a directory: take() holds a lock on the file "lock", in which its process id stands.
#pragma once

#include <optional>

#include "journal/disk.h"

namespace gaon::journal {

class FileDisk final : public Disk {
 public:
  explicit FileDisk(std::string directory) : directory_(std::move(directory)) {}
  FileDisk(const FileDisk&) = delete;
  FileDisk& operator=(const FileDisk&) = delete;
  ~FileDisk() override;

  Result<void> take() override;
  // Instead of take(), for who only reads: the directory must be there; nothing is made,
  // changed or locked.
  Result<void> look();
  // The id of the process that has taken the directory, if one has.
  std::optional<std::string> holder() const;

  std::string path(const std::string& name) const override { return directory_ + "/" + name; }
  Outcome<std::vector<std::string>> list() override;
  Outcome<Handle> open(const std::string& name, Access access) override;
  void close(Handle file) override;
  int rename(const std::string& from, const std::string& to) override;
  int remove(const std::string& name) override;
  int sync_directory() override;
  Outcome<std::uint64_t> size(Handle file) override;
  Outcome<std::size_t> read_at(Handle file, std::uint64_t at, std::span<std::uint8_t> into) override;
  Outcome<std::size_t> write_at(Handle file, std::uint64_t at, std::span<const iovec> pieces) override;
  int preallocate(Handle file, std::uint64_t size) override;
  int truncate(Handle file, std::uint64_t size) override;
  int sync(Handle file) override;

 private:
  Result<void> open_directory();
  Result<void> lock();
  std::unexpected<Error> failed(const std::string& doing, int error) const;

  const std::string directory_;
  int directory_handle_ = -1;
  int lock_handle_ = -1;
};

}  // namespace gaon::journal
