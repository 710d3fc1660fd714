// What stands between the wire and MQTT on a connection: PROXY protocol, TLS, WebSocket.
// Bytes in, bytes out; no I/O and no clock. Owned by one connection (a FilterChain) and
// used on its thread; moves with it.
//
//   wire ──▶ receive() ──▶ up       what is above: the next filter or the worker
//   wire ◀── down ◀── send()        what is below: the filter before or the socket
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/buffer.h"
#include "base/bytes.h"
#include "net/address.h"
#include "net/tls_peer.h"

namespace gaon::net {

// What filters know of who is at the other end.
struct PeerFacts {
  std::optional<Peer> address;  // told by a proxy that is trusted
  std::optional<TlsPeer> tls;   // of our own TLS, or of the proxy's
};

class Filter {
 public:
  enum class State : std::uint8_t {
    handshaking,  // nothing goes up yet, and nothing may be sent
    open,
    ended,   // the peer said goodbye in order: nothing comes up any more
    failed,  // why() tells; nothing comes up any more and what is sent vanishes
  };

  virtual ~Filter() = default;

  // Once, when all below is open. Who speaks first does so.
  virtual void begin(Buffer& down) { static_cast<void>(down); }

  // Bytes from below, at any border. Appends to up what they hold for above, and to down
  // what they call for as an answer, the last words of a failure too. Not called again
  // once ended or failed.
  virtual void receive(ByteView bytes, Buffer& up, Buffer& down) = 0;

  // Bytes from above, once open; appends to down what carries them.
  virtual void send(ByteView bytes, Buffer& down) = 0;

  // We end the connection: appends the goodbye, if there is one. Nothing is sent after it.
  virtual void end(Buffer& down) = 0;

  virtual void describe(PeerFacts& facts) const { static_cast<void>(facts); }

  State state() const { return state_; }
  // A clause for the log, naming the cause and, if we know it, the remedy.
  std::string_view why() const { return why_; }

 protected:
  void enter(State state) { state_ = state; }
  void fail(std::string why) {
    state_ = State::failed;
    why_ = std::move(why);
  }

 private:
  State state_ = State::handshaking;
  std::string why_;
};

}  // namespace gaon::net
