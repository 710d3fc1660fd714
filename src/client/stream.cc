#include "client/stream.h"

#include <sys/socket.h>

#include <algorithm>

#include "base/check.h"
#include "net/system_error.h"

namespace gaon::client {
namespace {

constexpr int kPieces = 64;
constexpr std::size_t kPortion = std::size_t{16} << 10;

bool not_now(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

void tell(const std::function<void(ByteView)>& told, const iovec* pieces, std::size_t size) {
  for (; size > 0; ++pieces) {
    const std::size_t part = std::min(size, pieces->iov_len);
    told({static_cast<const std::uint8_t*>(pieces->iov_base), part});
    size -= part;
  }
}

}  // namespace

Stream::Stream(int descriptor, net::FilterChain filters) : socket_(descriptor), filters_(std::move(filters)) {
  filters_.begin(below_.bytes(), scratch_);
}

Result<std::size_t> Stream::read(std::uint8_t* to, std::size_t size) {
  return filters_.empty() ? receive(to, size) : read_filtered(to, size);
}

Result<std::size_t> Stream::receive(std::uint8_t* to, std::size_t size) {
  const ssize_t got = ::recv(socket_.get(), to, size, 0);
  if (got > 0) return static_cast<std::size_t>(got);
  if (got == 0) return failure("the broker closed the connection");
  if (not_now(errno)) return 0;
  return failure("the connection is lost: " + net::system_error(errno));
}

// Filters make no more of what they get than they kept back before, a record of TLS.
Result<std::size_t> Stream::read_filtered(std::uint8_t* to, std::size_t size) {
  CHECK(size >= kReadMin);
  if (filters_.state() == net::Filter::State::ended) return failure("the broker closed the connection");
  TRY_SET(const std::size_t got, receive(to, size / 2));
  up_.clear();
  filters_.receive({to, got}, up_, below_.bytes(), scratch_);
  CHECK(up_.size() <= size);
  TRY(write_out(below_, {}));
  if (up_.empty() && !filters_.why().empty()) return failure(std::string(filters_.why()));
  std::ranges::copy(up_.view(), to);
  return up_.size();
}

Result<void> Stream::write(Output& output, const std::function<void(ByteView)>& told) {
  if (filters_.empty()) return write_out(output, told);
  TRY(write_out(below_, {}));
  while (below_.empty() && !output.empty() && is_open()) {
    iovec piece;
    output.gather(&piece, 1);
    const std::size_t size = std::min(piece.iov_len, kPortion);
    if (told) told({static_cast<const std::uint8_t*>(piece.iov_base), size});
    filters_.send(output, size, below_.bytes(), scratch_);
    TRY(write_out(below_, {}));
  }
  return {};
}

bool Stream::wants_to_write(const Output& output) const {
  return !below_.empty() || (!output.empty() && is_open());
}

Result<void> Stream::write_out(Output& output, const std::function<void(ByteView)>& told) {
  while (!output.empty()) {
    iovec pieces[kPieces];
    msghdr message{};
    message.msg_iov = pieces;
    message.msg_iovlen = static_cast<std::size_t>(output.gather(pieces, kPieces));
    const ssize_t sent = ::sendmsg(socket_.get(), &message, MSG_NOSIGNAL);
    if (sent < 0) {
      if (not_now(errno)) return {};
      return failure("the connection is lost: " + net::system_error(errno));
    }
    if (told) tell(told, pieces, static_cast<std::size_t>(sent));
    output.consume(static_cast<std::size_t>(sent));
  }
  return {};
}

void Stream::finish() {
  if (!filters_.empty()) {
    filters_.end(below_.bytes(), scratch_);
    static_cast<void>(write_out(below_, {}));
  }
  ::shutdown(socket_.get(), SHUT_WR);
}

}  // namespace gaon::client
