// From a Url to what the system's socket calls take. Blocks when it has to look up a
// name; any thread.
#pragma once

#include <sys/socket.h>

#include <vector>

#include "base/result.h"
#include "net/address.h"

namespace gaon::net {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;

  int family() const { return storage.ss_family; }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

// All addresses of url, at least one, in the system's order.
Result<std::vector<SocketAddress>> resolve(const Url& url);

Peer peer_of(const SocketAddress& address);

// Who the descriptor is connected to.
Peer peer_of(int descriptor);

// The port it is bound to; 0 for a Unix socket.
std::uint16_t bound_port(int descriptor);

}  // namespace gaon::net
