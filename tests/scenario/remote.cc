#include "remote.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <thread>

namespace gaon::scenario {
namespace {

class SocketWire final : public Wire {
 public:
  explicit SocketWire(std::shared_ptr<int> descriptor) : descriptor_(std::move(descriptor)) {}
  ~SocketWire() override { cut(); }

  void write(std::string_view bytes) override {
    while (!bytes.empty() && *descriptor_ >= 0) {
      const ssize_t sent = ::send(*descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent < 0 && errno == EAGAIN) {
        pollfd poll{.fd = *descriptor_, .events = POLLOUT, .revents = 0};
        if (::poll(&poll, 1, 1000) > 0) continue;
      }
      if (sent <= 0) return;  // The end shows up when reading.
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }

  std::string read() override {
    std::string bytes;
    char some[16384];
    while (*descriptor_ >= 0 && !closed_) {
      const ssize_t size = ::recv(*descriptor_, some, sizeof some, 0);
      if (size < 0 && (errno == EAGAIN || errno == EINTR)) break;
      if (size <= 0) closed_ = true;
      if (size > 0) bytes.append(some, static_cast<std::size_t>(size));
    }
    return bytes;
  }

  bool closed() const override { return closed_; }

  void hang_up() override { ::shutdown(*descriptor_, SHUT_WR); }

  void cut() override {
    if (*descriptor_ < 0) return;
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(*descriptor_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    ::close(*descriptor_);
    *descriptor_ = -1;
  }

 private:
  std::shared_ptr<int> descriptor_;
  bool closed_ = false;
};

}  // namespace

Result<std::unique_ptr<Wire>> Remote::connect() {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host_.c_str(), std::to_string(port_).c_str(), &hints, &found) != 0) {
    return failure("there is no host " + host_);
  }
  int descriptor = -1;
  int error = 0;
  for (const addrinfo* at = found; at != nullptr && descriptor < 0; at = at->ai_next) {
    descriptor = ::socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC, at->ai_protocol);
    if (descriptor >= 0 && ::connect(descriptor, at->ai_addr, at->ai_addrlen) != 0) {
      error = errno;
      ::close(descriptor);
      descriptor = -1;
    }
  }
  ::freeaddrinfo(found);
  if (descriptor < 0) {
    return failure("cannot connect to " + host_ + ":" + std::to_string(port_) + ": " + std::strerror(error));
  }
  const int on = 1;
  ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::fcntl(descriptor, F_SETFL, O_NONBLOCK);
  auto shared = std::make_shared<int>(descriptor);
  std::erase_if(descriptors_, [](const std::weak_ptr<int>& weak) { return weak.expired(); });
  descriptors_.push_back(shared);
  return std::make_unique<SocketWire>(std::move(shared));
}

bool Remote::more() {
  wait_for_bytes(milliseconds(10));
  return std::chrono::steady_clock::now() - begun_ < patience_;
}

void Remote::pass(Duration duration, const std::function<void()>& look) {
  const auto end = std::chrono::steady_clock::now() + duration;
  while (std::chrono::steady_clock::now() < end) {
    look();
    const auto left = std::chrono::duration_cast<Duration>(end - std::chrono::steady_clock::now());
    std::this_thread::sleep_for(std::clamp(left, Duration(1), Duration(10)));
  }
  look();
}

// A connection that has ended is always ready; then this only yields.
void Remote::wait_for_bytes(Duration at_most) {
  std::vector<pollfd> polls;
  for (const auto& weak : descriptors_) {
    const auto descriptor = weak.lock();
    if (descriptor && *descriptor >= 0) polls.push_back({.fd = *descriptor, .events = POLLIN, .revents = 0});
  }
  const int ready = ::poll(polls.data(), polls.size(), static_cast<int>(at_most.count()));
  if (ready > 0) std::this_thread::sleep_for(milliseconds(1));
}

}  // namespace gaon::scenario
