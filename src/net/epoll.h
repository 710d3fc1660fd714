// The Backend for Linux' epoll. One per worker, used by its thread.
//
// Theory of operation: all descriptors are watched level-triggered, so nothing that a
// tick leaves unread or unaccepted is lost. What is watched follows what is wanted
// lazily: pausing costs nothing until an event arrives that nobody wants. EPOLLHUP and
// EPOLLERR cannot be switched off; a socket that shows them while nobody reads is taken
// out of epoll until somebody does. Bytes are read into one buffer for all sockets,
// and written from buffers that idle sockets do not keep, so an idle connection costs
// no more here than its EpollSocket.
#pragma once

#include <sys/epoll.h>

#include <array>
#include <memory>
#include <vector>

#include "net/acceptor.h"
#include "net/backend.h"
#include "net/epoll_socket.h"
#include "net/lingering.h"
#include "net/listener.h"
#include "net/loop.h"
#include "net/slab.h"
#include "net/spare_buffers.h"

namespace gaon::net {

class Epoll final : public Backend {
 public:
  static constexpr std::size_t kReadSize = 65536;

  static Result<std::unique_ptr<Epoll>> open();
  ~Epoll() override;

  // Accepts from listener (which must outlive this, or unlisten()); its connections are
  // reported with id. Several backends may listen on one.
  Result<void> listen(const Listener& listener, std::uint32_t id);
  // A connection whose descriptor is this one or higher is dropped: those are for files.
  void accept_below(int descriptor) { acceptor_.accept_below(descriptor); }
  // Stops accepting, on all listeners.
  void unlisten();

  // How many sockets are closed but not gone yet; who stops waits for zero.
  std::size_t lingering() const { return lingering_.size(); }

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
  Waker& waker() override { return waker_; }

 private:
  static constexpr std::size_t kEvents = 512;

  explicit Epoll(Descriptor epoll);

  // epoll.cc: events become completions.
  bool handle(epoll_event& event, Completion& completion);
  bool handle_listener(epoll_event& event, Completion& completion);
  bool handle_socket(EpollSocket& socket, epoll_event& event, Completion& completion);
  bool read(EpollSocket& socket, Completion& completion);
  Duration shortened(Duration timeout);

  // epoll_socket.cc: watching and writing.
  EpollSocket& add(int descriptor);
  void watch(EpollSocket& socket);
  void unwatch(EpollSocket& socket);
  void write(EpollSocket& socket);
  void fail(EpollSocket& socket, int error);

  // epoll_close.cc: the end of a socket.
  void linger(EpollSocket& socket, std::uint32_t events);
  void discard(EpollSocket& socket);
  void finish(EpollSocket& socket);
  void reset(EpollSocket& socket);
  int retire(EpollSocket& socket);
  void recycle();

  Descriptor epoll_;
  Ticker ticker_;
  Waker waker_;
  Acceptor acceptor_;
  Slab<EpollSocket> slab_;
  std::unique_ptr<std::uint8_t[]> bytes_;  // kReadSize, for all sockets
  SpareBuffers spares_;
  Lingering lingering_;
  std::vector<EpollSocket*> marked_;   // by send(), for flush()
  std::vector<EpollSocket*> lost_;     // could not be watched: closed is to be reported
  std::vector<EpollSocket*> retired_;  // recycled by wait(), when no event names them
  std::array<epoll_event, kEvents> events_;
  std::size_t at_ = 0;
  std::size_t ready_ = 0;
};

}  // namespace gaon::net
