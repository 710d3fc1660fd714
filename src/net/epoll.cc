#include "net/epoll.h"

#include <sys/socket.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "base/check.h"
#include "net/resolve.h"
#include "net/system_error.h"

namespace gaon::net {
namespace {

// Sockets have their address as data, which is never 2 and never odd (Acceptor's).
constexpr std::uint64_t kWaker = 2;

constexpr std::uint32_t kBroken = EPOLLERR | EPOLLHUP;

int milliseconds_of(Duration timeout) {
  return static_cast<int>(std::clamp<Duration::rep>(timeout.count(), 0, std::numeric_limits<int>::max()));
}

}  // namespace

Result<std::unique_ptr<Epoll>> Epoll::open() {
  Descriptor descriptor(epoll_create1(EPOLL_CLOEXEC));
  if (!descriptor) return failure("cannot make an epoll: " + system_error(errno));
  std::unique_ptr<Epoll> epoll(new Epoll(std::move(descriptor)));
  TRY(epoll->waker_.open());
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = kWaker;
  if (epoll_ctl(epoll->epoll_.get(), EPOLL_CTL_ADD, epoll->waker_.descriptor(), &event) != 0) {
    return failure("cannot watch an eventfd: " + system_error(errno));
  }
  return epoll;
}

Epoll::Epoll(Descriptor epoll)
    : epoll_(std::move(epoll)),
      acceptor_(epoll_.get(), ticker_),
      bytes_(std::make_unique_for_overwrite<std::uint8_t[]>(kReadSize)) {}

Epoll::~Epoll() {
  acceptor_.remove_all();
  slab_.for_each([](EpollSocket& socket) {
    if (socket.descriptor >= 0) ::close(socket.descriptor);
  });
}

Result<void> Epoll::listen(const Listener& listener, std::uint32_t id) {
  return acceptor_.add(listener.descriptor(), id);
}

void Epoll::pause_accept(std::uint32_t listener) { acceptor_.pause(listener); }
void Epoll::resume_accept(std::uint32_t listener) { acceptor_.unpause(listener); }

void Epoll::unlisten() { acceptor_.remove_all(); }

void Epoll::wait(Duration timeout) {
  acceptor_.begin_tick();
  // What the last tick left is handed out first. Asking epoll again would show those
  // that had their turn before those that had not.
  if (at_ < ready_) return;
  recycle();
  at_ = 0;
  const int ready = epoll_wait(epoll_.get(), events_.data(), static_cast<int>(kEvents),
                               milliseconds_of(shortened(timeout)));
  CHECK(ready >= 0 || errno == EINTR);
  ready_ = ready < 0 ? 0 : static_cast<std::size_t>(ready);
}

// Does what is due by our own time limits, and returns how long to wait at most.
Duration Epoll::shortened(Duration timeout) {
  if (!lost_.empty()) return Duration::zero();
  if (lingering_.empty() && acceptor_.resume_at() == kNever) return timeout;
  const Time now = ticker_.now();
  while (lingering_.deadline() <= now) reset(lingering_.oldest());
  if (acceptor_.resume_at() <= now) acceptor_.resume();
  const Time nearest = std::min(lingering_.deadline(), acceptor_.resume_at());
  return nearest == kNever ? timeout : std::min(timeout, nearest - now);
}

bool Epoll::next(Completion& completion) {
  while (!lost_.empty()) {
    EpollSocket& socket = *lost_.back();
    lost_.pop_back();
    if (socket.descriptor < 0 || socket.ended) continue;
    if (socket.closing) {
      finish(socket);
      continue;
    }
    socket.ended = true;
    completion = {.kind = Completion::Kind::closed, .socket = &socket, .error = socket.error};
    return true;
  }
  for (; at_ < ready_; ++at_) {
    // True: there was a completion, and the event may hold another one.
    if (handle(events_[at_], completion)) return true;
  }
  return false;
}

bool Epoll::handle(epoll_event& event, Completion& completion) {
  if (event.events == 0) return false;
  if (event.data.u64 == kWaker) {
    event.events = 0;
    completion = {.kind = Completion::Kind::woken};
    return waker_.settle();
  }
  if (Acceptor::is_tag(event.data.u64)) return handle_listener(event, completion);
  return handle_socket(*static_cast<EpollSocket*>(event.data.ptr), event, completion);
}

bool Epoll::handle_listener(epoll_event& event, Completion& completion) {
  const std::size_t index = Acceptor::index_of(event.data.u64);
  const int descriptor = acceptor_.accept(index, traffic.refused);
  if (descriptor < 0) {
    event.events = 0;
    return false;
  }
  traffic.accepted.add();
  completion = {
      .kind = Completion::Kind::accepted, .socket = &add(descriptor), .listener = acceptor_.id(index)};
  return true;
}

bool Epoll::handle_socket(EpollSocket& socket, epoll_event& event, Completion& completion) {
  if (socket.descriptor < 0) return false;  // ended earlier in this tick
  if (socket.closing) {
    linger(socket, event.events);
    event.events = 0;
    return false;
  }
  if (socket.blocked && (event.events & (EPOLLOUT | kBroken)) != 0) {
    event.events &= ~static_cast<std::uint32_t>(EPOLLOUT);
    write(socket);
    if (!socket.blocked && !socket.ended) {
      completion = {.kind = Completion::Kind::drained, .socket = &socket};
      return true;
    }
  }
  const std::uint32_t events = event.events;
  event.events = 0;
  if ((events & (EPOLLIN | kBroken)) == 0) return false;
  if ((socket.wanted() & EPOLLIN) != 0) return read(socket, completion);
  unwatch(socket);
  return false;
}

bool Epoll::read(EpollSocket& socket, Completion& completion) {
  ssize_t size = 0;
  do {
    size = recv(socket.descriptor, bytes_.get(), kReadSize, 0);
  } while (size < 0 && errno == EINTR);
  if (size < 0 && errno == EAGAIN) return false;
  if (size > 0) {
    traffic.received_bytes.add(size);
    completion = {.kind = Completion::Kind::received,
                  .socket = &socket,
                  .bytes = {bytes_.get(), static_cast<std::size_t>(size)}};
    return true;
  }
  if (size < 0 && socket.error == 0) socket.error = static_cast<std::uint16_t>(errno);
  socket.ended = true;
  completion = {.kind = Completion::Kind::closed, .socket = &socket, .error = socket.error};
  return true;
}

Peer Epoll::peer_of(const Socket& socket) const {
  return net::peer_of(static_cast<const EpollSocket&>(socket).descriptor);
}

}  // namespace gaon::net
