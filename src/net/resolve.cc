#include "net/resolve.h"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <cstring>
#include <memory>

#include "base/check.h"

namespace gaon::net {
namespace {

SocketAddress local_address(const Url& url) {
  CHECK(url.path.size() <= kPathMax);
  sockaddr_un local{};
  local.sun_family = AF_UNIX;
  std::memcpy(local.sun_path, url.path.data(), url.path.size());
  SocketAddress address;
  address.size = sizeof(local);
  std::memcpy(&address.storage, &local, sizeof(local));
  return address;
}

template <class System>
System as(const SocketAddress& address) {
  System system;
  std::memcpy(&system, &address.storage, sizeof(system));
  return system;
}

}  // namespace

Result<std::vector<SocketAddress>> resolve(const Url& url) {
  if (url.scheme == Scheme::local) return std::vector{local_address(url)};

  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(url.host.c_str(), std::to_string(url.port).c_str(), &hints, &found);
  if (error != 0) {
    return failure("cannot resolve the host name of " + to_string(url) + ": " + gai_strerror(error));
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, &freeaddrinfo);

  std::vector<SocketAddress> addresses;
  for (const addrinfo* at = found; at != nullptr; at = at->ai_next) {
    if (at->ai_family != AF_INET && at->ai_family != AF_INET6) continue;
    SocketAddress& address = addresses.emplace_back();
    address.size = at->ai_addrlen;
    std::memcpy(&address.storage, at->ai_addr, at->ai_addrlen);
  }
  if (addresses.empty()) return failure(to_string(url) + " has neither an IPv4 nor an IPv6 address");
  return addresses;
}

Peer peer_of(const SocketAddress& address) {
  Peer peer;
  if (address.family() == AF_INET) {
    const auto ipv4 = as<sockaddr_in>(address);
    peer.family = Peer::Family::ipv4;
    peer.port = ntohs(ipv4.sin_port);
    std::memcpy(peer.address.data(), &ipv4.sin_addr, sizeof(ipv4.sin_addr));
  } else if (address.family() == AF_INET6) {
    const auto ipv6 = as<sockaddr_in6>(address);
    peer.family = Peer::Family::ipv6;
    peer.port = ntohs(ipv6.sin6_port);
    std::memcpy(peer.address.data(), &ipv6.sin6_addr, sizeof(ipv6.sin6_addr));
  } else if (address.family() == AF_UNIX) {
    peer.family = Peer::Family::local;
  }
  return peer;
}

Peer peer_of(int descriptor) {
  SocketAddress address;
  address.size = sizeof(address.storage);
  if (getpeername(descriptor, reinterpret_cast<sockaddr*>(&address.storage), &address.size) != 0) return {};
  return peer_of(address);
}

std::uint16_t bound_port(int descriptor) {
  SocketAddress address;
  address.size = sizeof(address.storage);
  if (getsockname(descriptor, reinterpret_cast<sockaddr*>(&address.storage), &address.size) != 0) return 0;
  return peer_of(address).port;
}

}  // namespace gaon::net
