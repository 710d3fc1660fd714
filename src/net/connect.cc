#include "net/connect.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <limits>

#include "net/descriptor.h"
#include "net/loop.h"
#include "net/resolve.h"
#include "net/system_error.h"

namespace gaon::net {
namespace {

// 0 when the connection under way stands before the deadline, else errno.
int finish(const Descriptor& socket, const Ticker& ticker, Time deadline) {
  for (;;) {
    pollfd waiting{.fd = socket.get(), .events = POLLOUT, .revents = 0};
    const auto left =
        std::clamp<Duration::rep>((deadline - ticker.now()).count(), 0, std::numeric_limits<int>::max());
    const int ready = ::poll(&waiting, 1, static_cast<int>(left));
    if (ready == 0) return ETIMEDOUT;
    if (ready > 0) break;
    if (errno != EINTR) return errno;
  }
  int error = 0;
  socklen_t size = sizeof(error);
  return getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
}

int connect_one(const Descriptor& socket, const SocketAddress& address, const Ticker& ticker, Time deadline) {
  if (!socket) return errno;
  if (address.family() != AF_UNIX) {
    const int on = 1;
    setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  }
  if (::connect(socket.get(), address.get(), address.size) == 0) return 0;
  if (errno != EINPROGRESS && errno != EINTR) return errno;
  return finish(socket, ticker, deadline);
}

}  // namespace

Result<int> connect_to(const Url& url, Duration timeout) {
  TRY_SET(const std::vector<SocketAddress> addresses, resolve(url));
  const Ticker ticker;
  const Time deadline = ticker.now() + timeout;
  std::string causes;
  for (const SocketAddress& address : addresses) {
    Descriptor socket(::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    const int error = connect_one(socket, address, ticker, deadline);
    if (error == 0) return socket.release();
    if (!causes.empty()) causes += "; ";
    if (url.scheme != Scheme::local) causes += to_string(peer_of(address)) + ": ";
    causes += system_error(error);
  }
  return failure("cannot connect to " + to_string(url) + ": " + causes);
}

}  // namespace gaon::net
