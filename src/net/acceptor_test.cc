#include "net/acceptor.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>

#include "net/epoll_fixture.h"

namespace gaon::net {
namespace {

struct AcceptorTest : EpollTest {};

INSTANTIATE_TEST_SUITE_P(Kinds, AcceptorTest, testing::Values("ipv4", "ipv6", "unix"),
                         [](const auto& tested) { return tested.param; });

TEST_P(AcceptorTest, accepts_and_knows_listener_and_peer) {
  Client client = connect();
  Socket& socket = accept();
  EXPECT_EQ(worker.seen.back().listener, 5U);
  const std::string peer = to_string(worker.epoll->peer_of(socket));
  const std::string host = GetParam() == "ipv4" ? "127.0.0.1:" : GetParam() == "ipv6" ? "[::1]:" : "unix";
  EXPECT_TRUE(peer.starts_with(host)) << peer;
  EXPECT_EQ(worker.epoll->traffic.accepted.get(), 1);
}

TEST_P(AcceptorTest, accepted_connections_do_not_delay) {
  if (local()) GTEST_SKIP() << "A Unix socket never does.";
  Client client = connect();
  const Descriptor descriptor(worker.epoll->release(accept()).descriptor);
  int without_delay = 0;
  socklen_t size = sizeof(without_delay);
  ASSERT_EQ(getsockopt(descriptor.get(), IPPROTO_TCP, TCP_NODELAY, &without_delay, &size), 0);
  EXPECT_EQ(without_delay, 1);
}

TEST_P(AcceptorTest, after_unlisten_nothing_is_accepted) {
  worker.epoll->unlisten();
  Client client = connect();
  for (int i = 0; i < 5; ++i) worker.tick(milliseconds(1));
  EXPECT_EQ(worker.count(Kind::accepted), 0U);
  ASSERT_TRUE(worker.epoll->listen(*listener, 6));
  accept();
  EXPECT_EQ(worker.seen.back().listener, 6U);
}

TEST_P(AcceptorTest, who_comes_during_a_pause_waits_and_is_accepted_after_it) {
  Client before = connect();
  accept();
  worker.epoll->pause_accept(5);
  worker.epoll->pause_accept(5);
  Client first = connect();
  Client second = connect();
  first.write("early");
  for (int i = 0; i < 5; ++i) worker.tick(milliseconds(1));
  EXPECT_EQ(worker.count(Kind::accepted), 1U);
  before.write("served");
  ASSERT_TRUE(worker.until_seen(Kind::received));
  worker.epoll->resume_accept(5);
  ASSERT_TRUE(worker.until_seen(Kind::accepted, 3));
  ASSERT_TRUE(worker.until_seen(Kind::received, 2));
  EXPECT_EQ(worker.seen.back().bytes, "early");
}

TEST_P(AcceptorTest, a_pause_in_a_tick_keeps_the_next_one_out) {
  worker.on_completion = [this](const Completion& completion) {
    if (completion.kind == Kind::accepted) worker.epoll->pause_accept(5);
  };
  Client first = connect();
  Client second = connect();
  for (std::size_t accepted = 1; accepted <= 2; ++accepted) {
    ASSERT_TRUE(worker.until_seen(Kind::accepted, accepted));
    for (int i = 0; i < 5; ++i) worker.tick(milliseconds(1));
    EXPECT_EQ(worker.count(Kind::accepted), accepted);
    worker.epoll->resume_accept(5);
  }
}

TEST_P(AcceptorTest, a_pause_of_one_worker_leaves_all_to_the_others) {
  Worker other;
  ASSERT_TRUE(other.epoll->listen(*listener, 5));
  worker.epoll->pause_accept(5);
  std::vector<Client> clients;
  for (int i = 0; i < 5; ++i) clients.push_back(connect());
  ASSERT_TRUE(other.until_seen(Kind::accepted, clients.size()));
  worker.tick();
  EXPECT_EQ(worker.count(Kind::accepted), 0U);
}

TEST_P(AcceptorTest, a_pause_of_one_listener_is_none_of_another) {
  auto beside = Listener::open(parse_url("mqtt://127.0.0.1:0").value());
  ASSERT_TRUE(beside && worker.epoll->listen(*beside, 6));
  worker.epoll->pause_accept(5);
  Client waits = connect();
  const Client client(connect_to(beside->url(), seconds(30)).value());
  accept();
  EXPECT_EQ(worker.seen.back().listener, 6U);
  worker.epoll->resume_accept(5);
  accept();
  EXPECT_EQ(worker.seen.back().listener, 5U);
}

TEST_P(AcceptorTest, several_backends_share_a_listener) {
  Worker other;
  ASSERT_TRUE(other.epoll->listen(*listener, 6));
  std::vector<Client> clients;
  for (int i = 0; i < 20; ++i) {
    clients.push_back(connect());
    other.tick();
    worker.tick();
  }
  ASSERT_TRUE(worker.until([&] {
    other.tick();
    return worker.count(Kind::accepted) + other.count(Kind::accepted) == clients.size();
  }));
}

// No new descriptors from number on, while this lives.
class FewDescriptors {
 public:
  explicit FewDescriptors(rlim_t number) {
    getrlimit(RLIMIT_NOFILE, &before_);
    const rlimit few{.rlim_cur = number, .rlim_max = before_.rlim_max};
    setrlimit(RLIMIT_NOFILE, &few);
  }
  ~FewDescriptors() { setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

// The sanitizer looks at a type by way of a pipe, and takes it for a wrong one without.
#ifdef __SANITIZE_ADDRESS__
constexpr bool kNeedsDescriptors = true;
#else
constexpr bool kNeedsDescriptors = false;
#endif

rlim_t next_descriptor() {
  const Descriptor next(::dup(0));
  return static_cast<rlim_t>(next.get());
}

TEST_P(AcceptorTest, without_descriptors_connections_are_dropped) {
  if (kNeedsDescriptors) GTEST_SKIP() << "the sanitizer needs descriptors";
  Client dropped = connect();
  {
    const FewDescriptors few(next_descriptor());
    ASSERT_TRUE(worker.until([&] {
      dropped.read();
      return dropped.ended;
    }));
    EXPECT_EQ(worker.epoll->traffic.refused.get(), 1);
  }
  Client client = connect();
  accept();
}

TEST_P(AcceptorTest, descriptors_that_are_kept_for_files_are_not_for_connections) {
  worker.epoll->accept_below(0);
  Client dropped = connect();
  ASSERT_TRUE(worker.until([&] {
    dropped.read();
    return dropped.ended;
  }));
  EXPECT_EQ(worker.epoll->traffic.refused.get(), 1);
  EXPECT_EQ(worker.count(Kind::accepted), 0U);
  worker.epoll->accept_below(static_cast<int>(next_descriptor()) + 8);
  Client client = connect();
  accept();
}

TEST_P(AcceptorTest, without_any_way_to_drop_accepting_rests_and_goes_on_later) {
  if (kNeedsDescriptors) GTEST_SKIP() << "the sanitizer needs descriptors";
  Client client = connect();
  {
    const FewDescriptors few(0);
    for (int i = 0; i < 2000; ++i) worker.tick();
    EXPECT_GE(worker.epoll->traffic.refused.get(), 1);
    EXPECT_LT(worker.epoll->traffic.refused.get(), 1000);
  }
  EXPECT_EQ(worker.count(Kind::accepted), 0U);
  accept();
}

TEST_P(AcceptorTest, a_pause_outlives_a_rest) {
  if (kNeedsDescriptors) GTEST_SKIP() << "the sanitizer needs descriptors";
  Client client = connect();
  {
    const FewDescriptors few(0);
    ASSERT_TRUE(worker.until([&] { return worker.epoll->traffic.refused.get() >= 1; }));
    worker.epoll->pause_accept(5);
  }
  const Ticker ticker;
  const Time rested = ticker.now() + 2 * Acceptor::kRest;
  ASSERT_TRUE(worker.until([&] { return ticker.now() > rested; }));
  EXPECT_EQ(worker.count(Kind::accepted), 0U);
  worker.epoll->resume_accept(5);
  accept();
}

}  // namespace
}  // namespace gaon::net
