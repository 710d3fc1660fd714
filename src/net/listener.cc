#include "net/listener.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>

#include "net/resolve.h"
#include "net/system_error.h"

namespace gaon::net {
namespace {

Descriptor make_socket(int family) {
  return Descriptor(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

void set_options(const Descriptor& socket, int family) {
  const int on = 1;
  if (family == AF_UNIX) return;
  setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  // Linux hands this on to every socket that is accepted, which saves a call for each.
  setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  if (family == AF_INET6) setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
}

// The inode of the socket at path; 0 if there is nothing or something else.
ino_t socket_file(const std::string& path) {
  struct stat status {};
  if (lstat(path.c_str(), &status) != 0 || !S_ISSOCK(status.st_mode)) return 0;
  return status.st_ino;
}

// A process that was killed leaves its socket file behind, and bind() fails on it for
// ever. Nobody answers there any more, so it may go.
bool remove_stale(const SocketAddress& address, const std::string& path) {
  if (socket_file(path) == 0) return false;
  const Descriptor probe = make_socket(AF_UNIX);
  if (::connect(probe.get(), address.get(), address.size) == 0 || errno != ECONNREFUSED) return false;
  return ::unlink(path.c_str()) == 0;
}

std::string advice(int error, const Url& url) {
  if (error == EADDRINUSE && url.scheme == Scheme::local) {
    return socket_file(url.path) != 0 ? "; another process listens there: stop it or choose another path"
                                      : "; the path exists and is no socket: choose another path";
  }
  if (error == EADDRINUSE) return "; another process listens there: stop it or choose another port";
  if (error == EACCES && url.scheme != Scheme::local) return "; ports below 1024 need CAP_NET_BIND_SERVICE";
  if (error == EADDRNOTAVAIL) return "; this machine does not have that address";
  return {};
}

}  // namespace

Result<Listener> Listener::open(const Url& url) {
  TRY_SET(const std::vector<SocketAddress> addresses, resolve(url));
  const auto ipv4 = std::ranges::find(addresses, AF_INET, &SocketAddress::family);
  const SocketAddress& address = ipv4 != addresses.end() ? *ipv4 : addresses.front();
  const auto failed = [&url](int error) {
    return failure("cannot listen on " + to_string(url) + ": " + system_error(error) + advice(error, url));
  };

  Descriptor socket = make_socket(address.family());
  if (!socket) return failed(errno);
  set_options(socket, address.family());
  const auto bind = [&] { return ::bind(socket.get(), address.get(), address.size) == 0; };
  if (!bind()) {
    const int error = errno;
    if (error != EADDRINUSE || url.scheme != Scheme::local || !remove_stale(address, url.path)) {
      return failed(error);
    }
    if (!bind()) return failed(errno);
  }

  Listener listener(std::move(socket), url);
  listener.url_.port = bound_port(listener.descriptor());
  if (url.scheme == Scheme::local) listener.file_ = socket_file(url.path);
  if (::listen(listener.descriptor(), kBacklog) != 0) return failed(errno);
  return listener;
}

Listener::~Listener() {
  if (!descriptor_ || file_ == 0) return;
  if (socket_file(url_.path) == file_) ::unlink(url_.path.c_str());
}

}  // namespace gaon::net
