// A network without descriptors, threads or clock, for tests and simulation: the same
// promises as any Backend, in an order that depends on nothing but the calls.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "net/backend.h"
#include "net/memory_network.h"
#include "net/slab.h"

namespace gaon::net {

class MemoryBackend final : public Backend {
 public:
  static constexpr std::size_t kReadMax = 65536;

  // With a network of its own, or a shared one, which must outlive this.
  MemoryBackend();
  explicit MemoryBackend(MemoryNetwork& network);
  ~MemoryBackend() override;

  // A new connection, which the worker sees as `accepted`.
  Socket& connect(std::uint32_t listener = 0);
  MemoryPeer peer(const Socket& socket);

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
  struct MemorySocket : Socket {
    int descriptor = -1;
    std::uint32_t listener = 0;
    bool announced = false;  // accepted was reported, or it came by adopt()
    bool read = false;       // had its read this tick
    bool paused = false;
    bool blocked = false;  // drained is owed
    bool ended = false;    // closed was reported
    bool marked = false;   // by send()
    bool gone = false;     // the worker is done with it
  };

  static MemorySocket& own(Socket& socket) { return static_cast<MemorySocket&>(socket); }
  MemoryNetwork::Wire& wire(const MemorySocket& socket) const { return network_.wire(socket.descriptor); }
  MemorySocket& add(int descriptor);
  bool complete(MemorySocket& socket, Completion& completion);
  bool read(MemorySocket& socket, Completion& completion);
  void write(MemorySocket& socket);
  void finish(MemorySocket& socket);

  std::unique_ptr<MemoryNetwork> own_network_;
  MemoryNetwork& network_;
  Waker waker_;
  Slab<MemorySocket> slab_;
  std::vector<std::uint32_t> closed_;   // listeners that accept nobody now
  std::vector<MemorySocket*> sockets_;  // in order of arrival
  std::size_t at_ = 0;
  std::vector<std::uint8_t> bytes_;
};

}  // namespace gaon::net
