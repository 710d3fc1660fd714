#include "client/stream.h"

#include <sys/socket.h>

#include <algorithm>

#include "net/system_error.h"

namespace gaon::client {
namespace {

constexpr int kPieces = 64;

bool not_now(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

void tell(const std::function<void(ByteView)>& told, const iovec* pieces, std::size_t size) {
  for (; size > 0; ++pieces) {
    const std::size_t part = std::min(size, pieces->iov_len);
    told({static_cast<const std::uint8_t*>(pieces->iov_base), part});
    size -= part;
  }
}

}  // namespace

Result<std::size_t> Stream::read(std::uint8_t* to, std::size_t size) {
  const ssize_t got = ::recv(socket_.get(), to, size, 0);
  if (got > 0) return static_cast<std::size_t>(got);
  if (got == 0) return failure("the broker closed the connection");
  if (not_now(errno)) return 0;
  return failure("the connection is lost: " + net::system_error(errno));
}

Result<void> Stream::write(Output& output, const std::function<void(ByteView)>& told) {
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

void Stream::finish() { ::shutdown(socket_.get(), SHUT_WR); }

}  // namespace gaon::client
