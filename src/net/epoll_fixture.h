// What the tests of Epoll stand on: a worker that writes down what it sees, and the
// other end of a connection, both in one thread.
#pragma once

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "net/connect.h"
#include "net/epoll.h"
#include "net/loop.h"

namespace gaon::net {

using Kind = Completion::Kind;

struct Seen {
  Kind kind;
  Socket* socket;
  std::string bytes;
  std::uint32_t listener;
  int error;
};

// A worker that writes down what it sees.
struct Worker {
  std::unique_ptr<Epoll> epoll = Epoll::open().value();
  std::vector<Seen> seen;
  std::function<void(const Completion&)> on_completion = [](const Completion&) {};

  void tick(Duration timeout = Duration::zero()) {
    epoll->wait(timeout);
    Completion completion;
    while (epoll->next(completion)) {
      seen.push_back({completion.kind, completion.socket, std::string(as_text(completion.bytes)),
                      completion.listener, completion.error});
      on_completion(completion);
    }
    epoll->flush();
  }

  // Ticks until it holds. Failing takes long, succeeding does not.
  template <class Condition>
  bool until(Condition&& condition) {
    const Ticker ticker;
    const Time deadline = ticker.now() + seconds(30);
    while (!condition()) {
      if (ticker.now() > deadline) return false;
      tick(milliseconds(5));
    }
    return true;
  }

  std::size_t count(Kind kind) const {
    return static_cast<std::size_t>(std::ranges::count(seen, kind, &Seen::kind));
  }
  bool until_seen(Kind kind, std::size_t times = 1) {
    return until([&] { return count(kind) >= times; });
  }
  std::string received(const Socket* socket) const {
    std::string bytes;
    for (const Seen& one : seen) {
      if (one.kind == Kind::received && one.socket == socket) bytes += one.bytes;
    }
    return bytes;
  }

  void say(Socket& socket, std::string_view text) {
    epoll->send(socket);
    socket.output.bytes().append(as_bytes(text));
  }
};

// The other end, non-blocking.
struct Client {
  Descriptor descriptor;
  std::string got;
  bool ended = false;
  int error = 0;

  explicit Client(int connected) : descriptor(connected) {}

  // Returns how much went.
  std::size_t write(std::string_view text) {
    const ssize_t size = ::send(descriptor.get(), text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    return size < 0 ? 0 : static_cast<std::size_t>(size);
  }

  void read() {
    char bytes[65536];
    while (!ended) {
      const ssize_t size = recv(descriptor.get(), bytes, sizeof(bytes), MSG_DONTWAIT);
      if (size > 0) got.append(bytes, static_cast<std::size_t>(size));
      if (size < 0 && errno == EAGAIN) return;
      if (size <= 0) ended = true;
      if (size < 0) error = errno;
    }
  }

  void reset() {
    const struct linger at_once { .l_onoff = 1, .l_linger = 0 };
    setsockopt(descriptor.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    descriptor.close();
  }
};

inline std::string url_of(const std::string& kind) {
  if (kind == "ipv4") return "mqtt://127.0.0.1:0";
  if (kind == "ipv6") return "mqtt://[::1]:0";
  return "unix://" + testing::TempDir() + "gaon-epoll-" + std::to_string(getpid()) + ".sock";
}

// Every promise is tried on all kinds of sockets.
struct EpollTest : testing::TestWithParam<std::string> {
  Result<Listener> listener = Listener::open(parse_url(url_of(GetParam())).value());
  Worker worker;

  bool local() const { return GetParam() == "unix"; }

  void SetUp() override {
    if (!listener && GetParam() == "ipv6") GTEST_SKIP() << listener.error().what;
    ASSERT_TRUE(listener) << listener.error().what;
    ASSERT_TRUE(worker.epoll->listen(*listener, 5));
  }

  Client connect() { return Client(connect_to(listener->url(), seconds(30)).value()); }

  Socket& accept() {
    const std::size_t before = worker.seen.size();
    EXPECT_TRUE(worker.until(
        [&] { return worker.seen.size() > before && worker.seen.back().kind == Kind::accepted; }));
    return *worker.seen.back().socket;
  }
};

}  // namespace gaon::net
