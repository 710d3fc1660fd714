#include "net/memory_backend.h"

#include <algorithm>

#include "base/check.h"

namespace gaon::net {

MemoryBackend::MemoryBackend() : own_network_(std::make_unique<MemoryNetwork>()), network_(*own_network_) {}
MemoryBackend::MemoryBackend(MemoryNetwork& network) : network_(network) {}
MemoryBackend::~MemoryBackend() = default;

Socket& MemoryBackend::connect(std::uint32_t listener) {
  MemorySocket& socket = add(network_.add());
  socket.listener = listener;
  return socket;
}

MemoryPeer MemoryBackend::peer(const Socket& socket) {
  return {network_, static_cast<const MemorySocket&>(socket).descriptor};
}

MemoryBackend::MemorySocket& MemoryBackend::add(int descriptor) {
  MemorySocket& socket = slab_.take();
  socket.descriptor = descriptor;
  sockets_.push_back(&socket);
  return socket;
}

void MemoryBackend::wait(Duration /*timeout*/) {
  std::erase_if(sockets_, [this](MemorySocket* socket) {
    const bool gone = socket->gone;
    if (gone) slab_.put(*socket);
    return gone;
  });
  for (MemorySocket* socket : sockets_) socket->read = false;
  at_ = 0;
}

bool MemoryBackend::next(Completion& completion) {
  completion = {};
  if (waker_.settle()) return true;
  for (; at_ < sockets_.size(); ++at_) {
    if (!sockets_[at_]->gone && complete(*sockets_[at_], completion)) return true;
  }
  return false;
}

bool MemoryBackend::complete(MemorySocket& socket, Completion& completion) {
  completion.socket = &socket;
  if (!socket.announced) {
    if (std::ranges::find(closed_, socket.listener) != closed_.end()) return false;
    socket.announced = true;
    traffic.accepted.add();
    completion.kind = Completion::Kind::accepted;
    completion.listener = socket.listener;
    return true;
  }
  if (socket.blocked) {
    write(socket);
    if (!socket.blocked && !socket.ended) {
      completion.kind = Completion::Kind::drained;
      return true;
    }
  }
  if (socket.read || socket.paused || socket.ended) return false;
  socket.read = true;
  return read(socket, completion);
}

bool MemoryBackend::read(MemorySocket& socket, Completion& completion) {
  MemoryNetwork::Wire& from = wire(socket);
  const std::size_t size = std::min({from.to_worker.size(), from.chunk, kReadMax});
  if (size > 0) {
    const auto end = from.to_worker.begin() + static_cast<std::ptrdiff_t>(size);
    bytes_.assign(from.to_worker.begin(), end);
    from.to_worker.erase(from.to_worker.begin(), end);
    traffic.received_bytes.add(static_cast<std::int64_t>(size));
    completion.kind = Completion::Kind::received;
    completion.bytes = bytes_;
    return true;
  }
  if (!from.peer_ended) return false;
  socket.ended = true;
  completion.kind = Completion::Kind::closed;
  completion.error = from.peer_error;
  return true;
}

void MemoryBackend::send(Socket& socket) { own(socket).marked = true; }

void MemoryBackend::flush() {
  for (MemorySocket* socket : sockets_) {
    if (!socket->marked) continue;
    socket->marked = false;
    if (!socket->gone && !socket->blocked) write(*socket);
  }
}

void MemoryBackend::write(MemorySocket& socket) {
  MemoryNetwork::Wire& to = wire(socket);
  if (to.peer_error != 0) socket.output = Output{};
  while (to.room > 0 && !socket.output.empty() && !socket.corked) {
    iovec piece;
    socket.output.gather(&piece, 1);
    const std::size_t size = std::min(piece.iov_len, to.room);
    const auto* from = static_cast<const std::uint8_t*>(piece.iov_base);
    to.to_peer.insert(to.to_peer.end(), from, from + size);
    if (to.room != MemoryNetwork::kUnlimited) to.room -= size;
    traffic.sent_bytes.add(static_cast<std::int64_t>(size));
    socket.output.consume(size);
  }
  socket.blocked = !socket.output.empty() && !socket.corked;
  if (socket.output.empty()) socket.output.release();
}

void MemoryBackend::pause_accept(std::uint32_t listener) { closed_.push_back(listener); }
void MemoryBackend::resume_accept(std::uint32_t listener) { std::erase(closed_, listener); }

void MemoryBackend::pause_read(Socket& socket) { own(socket).paused = true; }
void MemoryBackend::resume_read(Socket& socket) { own(socket).paused = false; }

void MemoryBackend::close(Socket& socket) {
  MemorySocket& mine = own(socket);
  if (mine.corked) mine.output = Output{};
  write(mine);
  MemoryNetwork::Wire& to = wire(mine);
  while (!mine.output.empty()) {
    iovec piece;
    mine.output.gather(&piece, 1);
    const auto* from = static_cast<const std::uint8_t*>(piece.iov_base);
    to.parting.insert(to.parting.end(), from, from + piece.iov_len);
    mine.output.consume(piece.iov_len);
  }
  to.worker_closed = true;
  finish(mine);
}

void MemoryBackend::abort(Socket& socket) {
  wire(own(socket)).worker_aborted = true;
  finish(own(socket));
}

void MemoryBackend::finish(MemorySocket& socket) {
  wire(socket).to_worker.clear();
  socket.output = Output{};
  socket.gone = true;
}

Detached MemoryBackend::release(Socket& socket) {
  MemorySocket& mine = own(socket);
  CHECK(mine.output.empty() && !mine.ended);
  mine.gone = true;
  return {.descriptor = mine.descriptor};
}

Socket& MemoryBackend::adopt(Detached detached) {
  CHECK(detached.filters.empty());
  MemorySocket& socket = add(detached.descriptor);
  socket.announced = true;
  return socket;
}

Peer MemoryBackend::peer_of(const Socket& socket) const {
  return {.family = Peer::Family::ipv4,
          .port = static_cast<std::uint16_t>(static_cast<const MemorySocket&>(socket).descriptor),
          .address = {127, 0, 0, 1}};
}

}  // namespace gaon::net
