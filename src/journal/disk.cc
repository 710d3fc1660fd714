#include "journal/disk.h"

#include <cerrno>
#include <system_error>

namespace gaon::journal {

int File::write_all(std::uint64_t at, ByteView bytes) const {
  while (!bytes.empty()) {
    const iovec piece{const_cast<std::uint8_t*>(bytes.data()), bytes.size()};
    const auto written = write_at(at, {&piece, 1});
    if (!written) return written.error();
    at += *written;
    bytes = bytes.subspan(*written);
  }
  return 0;
}

std::string disk_error(const Disk& disk, const std::string& name, int error) {
  return disk.path(name) + ": " + std::system_category().message(error);
}

bool no_space(int error) { return error == ENOSPC || error == EDQUOT; }

bool cannot_open_now(int error) { return error == EMFILE || error == ENFILE || error == ENOMEM; }

}  // namespace gaon::journal
