#include "net/filtered_backend.h"

#include <algorithm>
#include <cerrno>
#include <limits>
#include <utility>

#include "base/check.h"
#include "base/log.h"

namespace gaon::net {

using Kind = Completion::Kind;
using State = Filter::State;

void FilteredBackend::guard(std::uint32_t listener, Admit admit) {
  if (admits_.size() <= listener) admits_.resize(listener + 1);
  admits_[listener] = std::move(admit);
}

void FilteredBackend::wait(Duration timeout) {
  const auto gone = [](const FilteredSocket* socket) { return socket->below == nullptr; };
  if (!retired_.empty()) {
    std::erase_if(marked_, gone);
    std::erase_if(due_, gone);
    for (FilteredSocket* socket : retired_) slab_.put(*socket);
    retired_.clear();
  }
  below_.wait(due_.empty() ? timeout : Duration::zero());
}

bool FilteredBackend::next(Completion& completion) {
  if (!due_.empty() && hand_out_due(completion)) return true;
  while (below_.next(completion)) {
    if (completion.kind == Kind::woken) return true;
    if (completion.kind == Kind::accepted) {
      if (on_accepted(completion)) return true;
      continue;
    }
    if (!completion.socket->carries) return true;
    FilteredSocket& socket = *static_cast<FilteredSocket*>(completion.socket->user);
    const bool told = completion.kind == Kind::received  ? on_received(socket, completion)
                      : completion.kind == Kind::drained ? on_drained(socket, completion)
                                                         : on_closed(socket, completion);
    if (told) return true;
  }
  return hand_out_due(completion);
}

bool FilteredBackend::on_accepted(Completion& completion) {
  if (completion.listener >= admits_.size() || !admits_[completion.listener]) return true;
  Socket& below = *completion.socket;
  auto filters = admits_[completion.listener](below_.peer_of(below));
  if (!filters) {
    log_stranger(LogLevel::warning,
                 "connection from " + to_string(below_.peer_of(below)) + " refused: " + filters.error());
    below_.abort(below);
    return false;
  }
  FilteredSocket& socket = add(below, std::move(*filters));
  socket.filters.begin(below.output.bytes(), scratch_);
  if (!below.output.empty()) below_.send(below);
  completion.socket = &socket;
  return true;
}

FilteredBackend::FilteredSocket& FilteredBackend::add(Socket& below, FilterChain filters) {
  FilteredSocket& socket = slab_.take();
  socket.filtered = true;
  socket.below = &below;
  socket.filters = std::move(filters);
  below.carries = true;
  below.user = &socket;
  return socket;
}

bool FilteredBackend::on_received(FilteredSocket& socket, Completion& completion) {
  if (socket.end_due || socket.ended) return false;
  Socket& below = *socket.below;
  socket.spoke = true;
  up_.clear();
  if (socket.filters.state() == State::handshaking) below_.send(below);  // lends it a buffer
  socket.filters.receive(completion.bytes, up_, below.output.bytes(), scratch_);
  if (!below.output.empty()) below_.send(below);
  look_at_state(socket);
  if (socket.filters.state() == State::failed) {
    log_stranger(LogLevel::warning, "connection from " + to_string(peer_of(socket)) +
                                        " closed: " + std::string(socket.filters.why()));
  }
  if (below.output.size() > kAnswersMax && !socket.choked) {
    socket.choked = true;
    below_.pause_read(below);
  }
  if (up_.empty()) return false;
  completion.socket = &socket;
  completion.bytes = up_.view();
  return true;
}

void FilteredBackend::look_at_state(FilteredSocket& socket) {
  const State state = socket.filters.state();
  if (state == State::open && !socket.output.empty()) mark(socket);
  if (state != State::ended && state != State::failed) return;
  if (state == State::failed) socket.error = EPROTO;
  socket.end_due = true;
  due_.push_back(&socket);
}

bool FilteredBackend::on_drained(FilteredSocket& socket, Completion& completion) {
  if (socket.choked) {
    socket.choked = false;
    if (!socket.paused) below_.resume_read(*socket.below);
  }
  if (!socket.output.empty()) {
    mark(socket);
    return false;
  }
  completion.socket = &socket;
  return std::exchange(socket.blocked, false);
}

bool FilteredBackend::on_closed(FilteredSocket& socket, Completion& completion) {
  if (socket.ended) return false;
  if (socket.spoke && socket.filters.state() == State::handshaking) {
    log_stranger(LogLevel::info,
                 "connection from " + to_string(peer_of(socket)) + " ended before its handshake did");
  }
  socket.ended = true;
  socket.end_due = false;
  completion.socket = &socket;
  return true;
}

// What is reported without anything from below.
bool FilteredBackend::hand_out_due(Completion& completion) {
  while (!due_.empty()) {
    FilteredSocket& socket = *due_.back();
    due_.pop_back();
    if (socket.below == nullptr) continue;
    if (socket.blocked && socket.output.empty() && socket.below->output.empty()) {
      socket.blocked = false;
      if (socket.end_due) due_.push_back(&socket);
      completion = {.kind = Kind::drained, .socket = &socket};
      return true;
    }
    if (!socket.end_due || socket.paused) continue;  // resume_read() brings it back
    socket.end_due = false;
    socket.ended = true;
    completion = {.kind = Kind::closed, .socket = &socket, .error = socket.error};
    return true;
  }
  return false;
}

void FilteredBackend::send(Socket& socket) {
  if (!socket.filtered) {
    below_.send(socket);
    return;
  }
  if (socket.output.empty()) spares_.lend(socket.output.bytes());
  mark(own(socket));
}

void FilteredBackend::mark(FilteredSocket& socket) {
  if (socket.marked) return;
  socket.marked = true;
  marked_.push_back(&socket);
}

void FilteredBackend::flush() {
  working_.swap(marked_);
  for (FilteredSocket* socket : working_) socket->marked = false;
  do {
    for (FilteredSocket* socket : working_) {
      if (socket->below != nullptr) encode(*socket, kPortion);
    }
    below_.flush();
    std::erase_if(working_, [this](FilteredSocket* socket) { return settle(*socket); });
  } while (!working_.empty());
}

// The filters take what waits, as long as less than most bytes wait below.
void FilteredBackend::encode(FilteredSocket& socket, std::size_t most) {
  const State state = socket.filters.state();
  if (state == State::failed) socket.output = Output{};
  if (state == State::handshaking || socket.output.empty() || socket.corked) return;
  Output& to = socket.below->output;
  below_.send(*socket.below);
  while (!socket.output.empty() && to.size() < most) {
    socket.filters.send(socket.output, std::min(most, kPortion), to.bytes(), scratch_);
  }
  if (socket.output.empty()) spares_.take_back(socket.output.bytes());
}

// After a flush: false if there is more, and the socket below would take it.
bool FilteredBackend::settle(FilteredSocket& socket) {
  if (socket.below == nullptr) return true;
  if (!socket.below->output.empty()) {
    socket.blocked = true;
    return true;
  }
  if (!socket.output.empty()) return socket.corked || socket.filters.state() == State::handshaking;
  spares_.take_back(socket.output.bytes());
  if (socket.blocked) due_.push_back(&socket);
  return true;
}

void FilteredBackend::pause_accept(std::uint32_t listener) { below_.pause_accept(listener); }
void FilteredBackend::resume_accept(std::uint32_t listener) { below_.resume_accept(listener); }

void FilteredBackend::pause_read(Socket& socket) {
  if (!socket.filtered) {
    below_.pause_read(socket);
    return;
  }
  own(socket).paused = true;
  below_.pause_read(*own(socket).below);
}

void FilteredBackend::resume_read(Socket& socket) {
  if (!socket.filtered) {
    below_.resume_read(socket);
    return;
  }
  FilteredSocket& mine = own(socket);
  mine.paused = false;
  if (!mine.choked) below_.resume_read(*mine.below);
  if (mine.end_due) due_.push_back(&mine);
}

void FilteredBackend::close(Socket& socket) {
  if (!socket.filtered) {
    below_.close(socket);
    return;
  }
  FilteredSocket& mine = own(socket);
  if (std::exchange(mine.corked, false)) mine.output = Output{};
  encode(mine, std::numeric_limits<std::size_t>::max());
  mine.filters.end(mine.below->output.bytes(), scratch_);
  below_.close(retire(mine));
}

void FilteredBackend::abort(Socket& socket) {
  if (!socket.filtered) {
    below_.abort(socket);
    return;
  }
  below_.abort(retire(own(socket)));
}

// The socket below, on its own now.
Socket& FilteredBackend::retire(FilteredSocket& socket) {
  Socket& below = *std::exchange(socket.below, nullptr);
  below.carries = false;
  below.user = nullptr;
  socket.filters = {};
  socket.output = Output{};
  socket.corked = false;
  retired_.push_back(&socket);
  return below;
}

Detached FilteredBackend::release(Socket& socket) {
  if (!socket.filtered) return below_.release(socket);
  FilteredSocket& mine = own(socket);
  CHECK(mine.output.empty() && !mine.ended);
  FilterChain filters = std::move(mine.filters);
  Socket& below = retire(mine);
  Buffer unsent;
  unsent.swap(below.output.bytes());
  Detached detached = below_.release(below);
  detached.filters = std::move(filters);
  detached.unsent = std::move(unsent);
  return detached;
}

Socket& FilteredBackend::adopt(Detached detached) {
  FilterChain filters = std::move(detached.filters);
  if (filters.empty()) return below_.adopt(std::move(detached));
  Buffer unsent = std::move(detached.unsent);
  Socket& below = below_.adopt({.descriptor = detached.descriptor});
  FilteredSocket& socket = add(below, std::move(filters));
  if (!unsent.empty()) {
    below.output.bytes().swap(unsent);
    below_.send(below);
  }
  look_at_state(socket);
  return socket;
}

Peer FilteredBackend::peer_of(const Socket& socket) const {
  if (!socket.filtered) return below_.peer_of(socket);
  const PeerFacts facts = own(socket).filters.facts();
  return facts.address ? *facts.address : below_.peer_of(*own(socket).below);
}

std::optional<TlsPeer> FilteredBackend::tls_of(const Socket& socket) const {
  if (!socket.filtered) return std::nullopt;
  return own(socket).filters.facts().tls;
}

}  // namespace gaon::net
