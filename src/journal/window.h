// Reads one file from front to back in big pieces. One thread.
#pragma once

#include <algorithm>

#include "journal/disk.h"

namespace gaon::journal {

class Window {
 public:
  static constexpr std::size_t kPiece = std::size_t{1} << 20;

  void open(File& file) {
    file_ = &file;
    filled_ = 0;
  }

  // size bytes at offset; fewer where the file ends. Valid until the next call.
  Outcome<ByteView> at(std::uint64_t offset, std::size_t size) {
    if (offset < begin_ || offset + size > begin_ + filled_) {
      if (bytes_.size() < std::max(size, kPiece)) bytes_.resize(std::max(size, kPiece));
      const auto got = file_->read_at(offset, bytes_);
      if (!got) return std::unexpected(got.error());
      begin_ = offset;
      filled_ = *got;
    }
    const std::size_t from = offset - begin_;
    return ByteView(bytes_).subspan(from, std::min(size, filled_ - from));
  }

 private:
  File* file_ = nullptr;
  std::vector<std::uint8_t> bytes_;
  std::uint64_t begin_ = 0;
  std::size_t filled_ = 0;
};

}  // namespace gaon::journal
