// A disk to which nothing happens: what is written to it is forgotten. Under Recovery it
// shows what opening would do, without doing it.
#pragma once

#include <cerrno>

#include "journal/disk.h"

namespace gaon::journal {

class ReadOnlyDisk final : public Disk {
 public:
  // disk must outlive it, and have been looked at.
  explicit ReadOnlyDisk(Disk& disk) : disk_(disk) {}

  Result<void> take() override { return {}; }
  std::string path(const std::string& name) const override { return disk_.path(name); }
  Outcome<std::vector<std::string>> list() override { return disk_.list(); }
  Outcome<Handle> open(const std::string& name, Access access) override {
    if (access == Access::create) return kNowhere;
    return disk_.open(name, Access::read);
  }
  void close(Handle file) override {
    if (file != kNowhere) disk_.close(file);
  }
  int rename(const std::string&, const std::string&) override { return 0; }
  int remove(const std::string&) override { return 0; }
  int sync_directory() override { return 0; }
  Outcome<std::uint64_t> size(Handle file) override {
    return file == kNowhere ? std::unexpected(EBADF) : disk_.size(file);
  }
  Outcome<std::size_t> read_at(Handle file, std::uint64_t at, std::span<std::uint8_t> into) override {
    return file == kNowhere ? std::unexpected(EBADF) : disk_.read_at(file, at, into);
  }
  Outcome<std::size_t> write_at(Handle, std::uint64_t, std::span<const iovec> pieces) override {
    std::size_t size = 0;
    for (const iovec& piece : pieces) size += piece.iov_len;
    return size;
  }
  int preallocate(Handle, std::uint64_t) override { return 0; }
  int truncate(Handle, std::uint64_t) override { return 0; }
  int sync(Handle) override { return 0; }

 private:
  static constexpr Handle kNowhere = -2;  // a new file

  Disk& disk_;
};

}  // namespace gaon::journal
