// The part of Epoll that watches sockets and writes to them.
#include "net/epoll_socket.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "base/check.h"
#include "net/epoll.h"

namespace gaon::net {
namespace {

constexpr int kPieces = 64;

EpollSocket& own(Socket& socket) { return static_cast<EpollSocket&>(socket); }

std::size_t size_of(const iovec* pieces, int count) {
  std::size_t size = 0;
  for (int i = 0; i < count; ++i) size += pieces[i].iov_len;
  return size;
}

// As writev(), but without SIGPIPE, and a signal does not end it.
ssize_t write_pieces(int descriptor, iovec* pieces, int count) {
  msghdr message{};
  message.msg_iov = pieces;
  message.msg_iovlen = static_cast<std::size_t>(count);
  ssize_t sent = 0;
  do {
    sent = sendmsg(descriptor, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
  } while (sent < 0 && errno == EINTR);
  return sent;
}

}  // namespace

EpollSocket& Epoll::add(int descriptor) {
  EpollSocket& socket = slab_.take();
  socket.descriptor = descriptor;
  watch(socket);
  return socket;
}

Socket& Epoll::adopt(Detached detached) {
  const int descriptor = detached.descriptor;
  CHECK(detached.filters.empty());
  const int flags = fcntl(descriptor, F_GETFL);
  if ((flags & O_NONBLOCK) == 0) fcntl(descriptor, F_SETFL, flags | O_NONBLOCK);
  const int on = 1;
  setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));  // fails on Unix sockets, rightly
  return add(descriptor);
}

Detached Epoll::release(Socket& socket) {
  EpollSocket& mine = own(socket);
  CHECK(mine.output.empty() && !mine.ended && !mine.closing);
  if (mine.listed) epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, mine.descriptor, nullptr);
  return {.descriptor = retire(mine)};
}

// Tells epoll what is wanted, if it does not know yet.
void Epoll::watch(EpollSocket& socket) {
  const std::uint8_t wanted = socket.wanted();
  if (wanted == socket.watched) return;
  epoll_event event{};
  event.events = wanted;
  event.data.ptr = &socket;
  if (epoll_ctl(epoll_.get(), socket.listed ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, socket.descriptor, &event) ==
      0) {
    socket.listed = true;
    socket.watched = wanted;
    return;
  }
  fail(socket, errno);
  lost_.push_back(&socket);
}

// After an event that nobody wants. What is neither read nor written can only show
// that it is broken, and would do so at every wait.
void Epoll::unwatch(EpollSocket& socket) {
  if (socket.watched != socket.wanted()) {
    watch(socket);
  } else if (socket.watched == 0) {
    epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, socket.descriptor, nullptr);
    socket.listed = false;
  }
}

void Epoll::pause_read(Socket& socket) { own(socket).paused = true; }

void Epoll::resume_read(Socket& socket) {
  own(socket).paused = false;
  watch(own(socket));
}

void Epoll::send(Socket& socket) {
  EpollSocket& mine = own(socket);
  if (mine.output.empty()) spares_.lend(mine.output.bytes());
  if (mine.marked) return;
  mine.marked = true;
  marked_.push_back(&mine);
}

void Epoll::flush() {
  for (EpollSocket* socket : marked_) {
    socket->marked = false;
    if (socket->descriptor >= 0 && !socket->blocked) write(*socket);
  }
  marked_.clear();
}

// Writes until nothing waits or the kernel takes no more. What was blocked when it was
// corked begins anew: else epoll would show at every wait that there is room.
void Epoll::write(EpollSocket& socket) {
  if (socket.failed) socket.output = Output{};
  while (!socket.output.empty() && !socket.corked) {
    iovec pieces[kPieces];
    const int count = socket.output.gather(pieces, kPieces);
    const std::size_t offered = size_of(pieces, count);
    const ssize_t sent = write_pieces(socket.descriptor, pieces, count);
    if (sent < 0 && errno != EAGAIN) {
      fail(socket, errno);
      return;
    }
    const std::size_t taken = sent < 0 ? 0 : static_cast<std::size_t>(sent);
    traffic.sent_bytes.add(static_cast<std::int64_t>(taken));
    socket.output.consume(taken);
    if (taken < offered) {
      socket.blocked = true;
      watch(socket);
      return;
    }
  }
  if (socket.output.empty()) spares_.take_back(socket.output.bytes());
  if (!socket.blocked) return;
  socket.blocked = false;
  watch(socket);
}

// Nothing can be written any more. What the peer had sent can still be read, and after
// it the end, which shutdown() makes sure of.
void Epoll::fail(EpollSocket& socket, int error) {
  if (socket.error == 0) socket.error = static_cast<std::uint16_t>(error);
  socket.failed = true;
  socket.blocked = false;
  socket.output = Output{};
  shutdown(socket.descriptor, SHUT_RDWR);
}

}  // namespace gaon::net
