// The seam between a worker and the network, shaped as completions ("these bytes
// arrived", "all was written"), so that epoll, io_uring and a simulated network fit
// behind it alike: streams of bytes, ordered and without loss ([MQTT-4.2-1]). One per worker, used by its
// thread only; only waker() is for others.
//
// A tick of a worker: wait(), next() until false, flush().
//
// The life of a Socket: it begins with `accepted` or adopt(), and ends with close(),
// abort() or release(), after which the worker must not touch it; its memory is
// used again only after the next wait(), and no completion names it any more.
// - `received` brings bytes in order. One read for each ready socket and tick: who
//   sends more than a read holds waits until the others had their turn.
// - `drained` comes once, when a socket whose write was blocked has nothing left.
// - `closed` comes once, after all bytes the peer sent before, when the peer has ended
//   (error 0) or the connection failed (errno). Nothing follows it. The worker may still
//   send to a peer that only ended its own direction, and must call close() or abort().
// - A failed write is not reported as such: what is sent afterwards vanishes, `drained`
//   is reported if it was owed, and `closed` follows once the bytes that the peer had
//   sent are handed out. So a DISCONNECT is read from a peer that is already gone.
// - While reading is paused only `drained` is reported: `closed` waits for resume_read().
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/metric.h"
#include "base/time.h"
#include "net/address.h"
#include "net/filter_chain.h"
#include "net/mailbox.h"
#include "net/socket.h"
#include "net/tls_peer.h"

namespace gaon::net {

struct Completion {
  enum class Kind : std::uint8_t { accepted, received, drained, closed, woken };

  Kind kind = Kind::woken;
  Socket* socket = nullptr;    // all but woken
  ByteView bytes;              // received
  std::uint32_t listener = 0;  // accepted: the id given to listen()
  int error = 0;               // closed: errno, or 0 for an orderly end
};

// What went through a backend. Written by its thread, read by any.
struct Traffic {
  Metric accepted;
  Metric refused;  // connections dropped or kept waiting for want of descriptors or memory
  Metric received_bytes;
  Metric sent_bytes;
};

// A connection between two backends. Who drops it has to close the descriptor.
struct Detached {
  int descriptor = -1;
  FilterChain filters = {};  // empty for a plain one
  Buffer unsent = {};        // what they made and the socket has not taken yet
};

class Backend {
 public:
  virtual ~Backend() = default;

  // Waits until something is ready, at most timeout (zero or less: only looks). May
  // return early with nothing. What next() did not fetch before is not lost.
  virtual void wait(Duration timeout) = 0;

  // Hands out what completed, one by one; bytes are valid until the next call.
  // False: nothing more this tick.
  virtual bool next(Completion& completion) = 0;

  // Says that socket.output has or is about to get something for flush() to write.
  // Called before encoding, it lends the output a buffer, and a hot socket allocates
  // nothing; called after encoding, or twice, it is right as well.
  virtual void send(Socket& socket) = 0;

  // The end of a tick: one write for each socket marked by send().
  virtual void flush() = 0;

  // Who comes by this listener waits to be accepted; one that was accepted before may still
  // be reported.
  virtual void pause_accept(std::uint32_t listener) = 0;
  virtual void resume_accept(std::uint32_t listener) = 0;

  virtual void pause_read(Socket& socket) = 0;
  virtual void resume_read(Socket& socket) = 0;

  // Writes what waits (unless it is corked), then closes in good order, so that the last packet reaches even
  // a peer that is still sending. Goes on by itself, within limits of time and number.
  virtual void close(Socket& socket) = 0;

  // Ends the connection at once; what waits is lost.
  virtual void abort(Socket& socket) = 0;

  // Gives up the connection, for a move to another worker. The output must be empty,
  // and `closed` must not have been reported.
  [[nodiscard]] virtual Detached release(Socket& socket) = 0;

  // Takes over a connection. There is no `accepted` for it; one that cannot be watched is
  // reported as `closed`.
  virtual Socket& adopt(Detached detached) = 0;

  // Who is at the other end; asks the system each time.
  virtual Peer peer_of(const Socket& socket) const = 0;
  // What TLS knows of them, from the first `received` on; nothing without TLS. Costs some
  // work each time.
  virtual std::optional<TlsPeer> tls_of(const Socket& socket) const {
    static_cast<void>(socket);
    return std::nullopt;
  }

  // wake() on it, from any thread, ends wait() and is reported as `woken`.
  virtual Waker& waker() = 0;

 private:
  Traffic own_traffic_;

 protected:
  Backend() : traffic(own_traffic_) {}
  // For one on top of another, through which nothing goes that the other does not see.
  explicit Backend(Backend& below) : traffic(below.traffic) {}

 public:
  Traffic& traffic;
};

}  // namespace gaon::net
