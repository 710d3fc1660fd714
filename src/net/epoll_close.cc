// The part of Epoll that ends sockets.
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "net/epoll.h"

namespace gaon::net {

void Epoll::close(Socket& socket) {
  EpollSocket& mine = static_cast<EpollSocket&>(socket);
  mine.closing = true;
  mine.paused = false;
  if (std::exchange(mine.corked, false)) mine.output = Output{};
  if (!mine.blocked) write(mine);
  if (mine.failed || (mine.ended && mine.output.empty())) {
    finish(mine);
    return;
  }
  // Not reset(): what it wrote may still be under way in the system.
  if (lingering_.full()) finish(lingering_.oldest());
  lingering_.add(mine, ticker_.now());
  linger(mine, 0);
}

// Closing a socket on which unread bytes wait or arrive makes the system send a reset,
// which may overtake our last packet at the peer. So we end our direction, and read
// until the peer has ended its own.
void Epoll::linger(EpollSocket& socket, std::uint32_t events) {
  if (socket.blocked && (events & ~static_cast<std::uint32_t>(EPOLLIN)) != 0) write(socket);
  if (!socket.ended && (events & ~static_cast<std::uint32_t>(EPOLLOUT)) != 0) discard(socket);
  if (socket.failed || (socket.ended && socket.output.empty())) {
    finish(socket);
    return;
  }
  if (socket.output.empty() && !socket.finished) {
    socket.finished = true;
    shutdown(socket.descriptor, SHUT_WR);
  }
  watch(socket);
}

void Epoll::discard(EpollSocket& socket) {
  const ssize_t size = recv(socket.descriptor, bytes_.get(), kReadSize, 0);
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (size == 0) {
    socket.ended = true;
    return;
  }
  if (size < 0 || static_cast<std::size_t>(size) >= socket.discard_left) {
    fail(socket, size < 0 ? errno : EMSGSIZE);
    return;
  }
  socket.discard_left -= static_cast<std::uint32_t>(size);
}

void Epoll::abort(Socket& socket) { reset(static_cast<EpollSocket&>(socket)); }

void Epoll::reset(EpollSocket& socket) {
  const struct linger at_once { .l_onoff = 1, .l_linger = 0 };
  setsockopt(socket.descriptor, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
  finish(socket);
}

void Epoll::finish(EpollSocket& socket) {
  if (socket.closing) lingering_.remove(socket);
  ::close(retire(socket));
}

int Epoll::retire(EpollSocket& socket) {
  socket.output = Output{};
  retired_.push_back(&socket);
  return std::exchange(socket.descriptor, -1);
}

void Epoll::recycle() {
  if (retired_.empty()) return;
  const auto gone = [](const EpollSocket* socket) { return socket->descriptor < 0; };
  std::erase_if(marked_, gone);
  std::erase_if(lost_, gone);
  for (EpollSocket* socket : retired_) slab_.put(*socket);
  retired_.clear();
}

}  // namespace gaon::net
