// A Backend on top of another one: connections of guarded listeners go through filters,
// so that the worker sees nothing but MQTT; all others are handed through as they are. One
// per worker, used by its thread.
//
// Theory of operation: a connection with filters has two sockets, the worker's (its output
// is plain) and the one below (its output is what the filters made of it). flush() lets
// the filters work in portions and only as fast as the socket below takes them, so what
// waits, waits in the worker's socket, where the limits see it; `drained` is reported
// when both are empty. What a filter has to say by itself (a handshake, a pong) goes
// straight below; from a peer that makes us talk and does not listen nothing more is read.
// The worker hears of a connection when it is accepted, so its time limit for CONNECT
// holds for handshakes too.
#pragma once

#include <expected>
#include <functional>
#include <string>
#include <vector>

#include "net/backend.h"
#include "net/slab.h"
#include "net/spare_buffers.h"

namespace gaon::net {

class FilteredBackend final : public Backend {
 public:
  static constexpr std::size_t kPortion = 65536;
  static constexpr std::size_t kAnswersMax = 65536;  // waiting below; it may be a read's worth more

  // Makes the filters of a connection from there, or says why it is not let in.
  using Admit = std::function<std::expected<FilterChain, std::string>(const Peer& from)>;

  // Borrows what is below.
  explicit FilteredBackend(Backend& below) : Backend(below), below_(below) {}

  // Connections that listener accepts from now on go through what admit makes. Again: the
  // new one holds.
  void guard(std::uint32_t listener, Admit admit);

  void wait(Duration timeout) override;
  bool next(Completion& completion) override;
  void send(Socket& socket) override;
  void flush() override;
  void pause_accept(std::uint32_t listener) override;
  void resume_accept(std::uint32_t listener) override;
  void pause_read(Socket& socket) override;
  void resume_read(Socket& socket) override;
  void close(Socket& socket) override;
  void abort(Socket& socket) override;
  Detached release(Socket& socket) override;
  Socket& adopt(Detached detached) override;
  Peer peer_of(const Socket& socket) const override;
  std::optional<TlsPeer> tls_of(const Socket& socket) const override;
  Waker& waker() override { return below_.waker(); }

 private:
  struct FilteredSocket : Socket {
    bool marked = false;      // by send()
    bool paused = false;      // by the worker
    bool choked = false;      // not read, because what the filters said waits below
    bool blocked = false;     // drained is owed
    bool spoke = false;       // something came from it
    bool end_due = false;     // closed is to be reported
    bool ended = false;       // closed was reported
    std::uint16_t error = 0;  // with which end_due is to be reported
    Socket* below = nullptr;  // null: the worker is done with it
    FilterChain filters;
  };
  static_assert(sizeof(FilteredSocket) <= 96);

  static FilteredSocket& own(Socket& socket) { return static_cast<FilteredSocket&>(socket); }
  static const FilteredSocket& own(const Socket& socket) {
    return static_cast<const FilteredSocket&>(socket);
  }

  FilteredSocket& add(Socket& below, FilterChain filters);
  Socket& retire(FilteredSocket& socket);

  bool on_accepted(Completion& completion);
  bool on_received(FilteredSocket& socket, Completion& completion);
  bool on_drained(FilteredSocket& socket, Completion& completion);
  bool on_closed(FilteredSocket& socket, Completion& completion);
  bool hand_out_due(Completion& completion);
  void look_at_state(FilteredSocket& socket);

  void mark(FilteredSocket& socket);
  void encode(FilteredSocket& socket, std::size_t most);
  bool settle(FilteredSocket& socket);

  Backend& below_;
  std::vector<Admit> admits_;  // by listener; empty: not guarded
  Slab<FilteredSocket> slab_;
  SpareBuffers spares_;
  FilterChain::Scratch scratch_;
  Buffer up_;                             // what `received` shows
  std::vector<FilteredSocket*> marked_;   // by send(), for flush()
  std::vector<FilteredSocket*> working_;  // in flush()
  std::vector<FilteredSocket*> due_;      // drained or closed is to be reported
  std::vector<FilteredSocket*> retired_;  // recycled by wait()
};

}  // namespace gaon::net
