// The wires that connect MemoryBackends with their peers.
#pragma once

#include <cstdint>
#include <deque>
#include <limits>
#include <vector>

#include "base/bytes.h"

namespace gaon::net {

// The wires, numbered like descriptors, shared by all backends between which a connection
// may move. A wire stays until the network goes, so that its peer can look back at it.
class MemoryNetwork {
 public:
  static constexpr std::size_t kUnlimited = std::numeric_limits<std::size_t>::max();

  struct Wire {
    std::deque<std::uint8_t> to_worker;
    std::vector<std::uint8_t> to_peer;
    std::vector<std::uint8_t> parting;  // written at close(), but the peer has no room yet
    std::size_t chunk = kUnlimited;     // most bytes of one `received`
    std::size_t room = kUnlimited;      // bytes the peer still takes
    bool peer_ended = false;            // after to_worker
    int peer_error = 0;                 // reset by the peer
    bool worker_closed = false;         // after parting
    bool worker_aborted = false;
  };

  int add();
  Wire& wire(int descriptor);

 private:
  std::deque<Wire> wires_;
};

// The other end of a connection. A plain value that stays valid when the connection
// moves to another backend or ends.
class MemoryPeer {
 public:
  MemoryPeer(MemoryNetwork& network, int descriptor) : network_(&network), descriptor_(descriptor) {}

  void write(ByteView bytes);
  // What was flushed since the last call.
  std::vector<std::uint8_t> read();

  // Ends its direction (it still reads), or breaks the connection with errno.
  void close();
  void reset(int error);

  // From now on takes at most this many bytes more; kUnlimited to be quick again.
  void take_at_most(std::size_t bytes);
  // A `received` has at most this many bytes (at least 1).
  void chunk(std::size_t bytes_max);

  // The worker has ended the connection in good order and everything has arrived, or it
  // was aborted.
  bool closed() const;
  bool aborted() const;

 private:
  MemoryNetwork* network_;
  int descriptor_;
};

}  // namespace gaon::net
