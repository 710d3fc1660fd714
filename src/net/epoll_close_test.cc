// How connections end.
#include <utility>

#include "net/epoll_fixture.h"

namespace gaon::net {
namespace {

struct EpollCloseTest : EpollTest {};

INSTANTIATE_TEST_SUITE_P(Kinds, EpollCloseTest, testing::Values("ipv4", "ipv6", "unix"),
                         [](const auto& tested) { return tested.param; });

TEST_P(EpollCloseTest, closed_comes_once_and_after_all_bytes) {
  Client client = connect();
  Socket& socket = accept();
  client.write("last words");
  client.descriptor.close();
  ASSERT_TRUE(worker.until_seen(Kind::closed));
  for (int i = 0; i < 3; ++i) worker.tick(milliseconds(1));
  EXPECT_EQ(worker.count(Kind::closed), 1U);
  EXPECT_EQ(worker.seen.back().kind, Kind::closed);
  EXPECT_EQ(worker.seen.back().error, 0);
  EXPECT_EQ(worker.received(&socket), "last words");
  worker.epoll->close(socket);
  EXPECT_EQ(worker.epoll->lingering(), 0U);
}

TEST_P(EpollCloseTest, a_peer_that_only_stops_sending_still_gets_answers) {
  Client client = connect();
  Socket& socket = accept();
  shutdown(client.descriptor.get(), SHUT_WR);
  ASSERT_TRUE(worker.until_seen(Kind::closed));
  worker.say(socket, "answer");
  worker.epoll->close(socket);
  ASSERT_TRUE(worker.until([&] {
    client.read();
    return client.ended;
  }));
  EXPECT_EQ(client.got, "answer");
  EXPECT_EQ(client.error, 0);
}

TEST_P(EpollCloseTest, a_reset_comes_with_its_error) {
  if (local()) GTEST_SKIP() << "A Unix socket has no reset.";
  Client client = connect();
  accept();
  client.reset();
  ASSERT_TRUE(worker.until_seen(Kind::closed));
  EXPECT_EQ(worker.seen.back().error, ECONNRESET);
}

TEST_P(EpollCloseTest, what_a_peer_sent_before_it_went_is_read_though_writing_fails) {
  Client client = connect();
  Socket& socket = accept();
  worker.epoll->pause_read(socket);
  client.write("last words");
  client.descriptor.close();
  // The first write may provoke the failure only; in the end nothing is sent any more.
  std::int64_t sent = -1;
  ASSERT_TRUE(worker.until([&] {
    worker.say(socket, "who is there?");
    worker.epoll->flush();
    return std::exchange(sent, worker.epoll->traffic.sent_bytes.get()) == sent;
  }));
  EXPECT_EQ(worker.count(Kind::closed), 0U);
  worker.epoll->resume_read(socket);
  ASSERT_TRUE(worker.until_seen(Kind::closed));
  EXPECT_EQ(worker.received(&socket), "last words");
  EXPECT_NE(worker.seen.back().error, 0);
  for (int i = 0; i < 3; ++i) worker.tick(milliseconds(1));
  EXPECT_EQ(worker.count(Kind::closed), 1U);
}

TEST_P(EpollCloseTest, who_waits_for_drained_gets_it_though_writing_fails) {
  Client client = connect();
  Socket& socket = accept();
  worker.epoll->pause_read(socket);
  while (socket.output.empty()) {
    worker.say(socket, std::string(100000, 'x'));
    worker.tick();
  }
  client.descriptor.close();
  ASSERT_TRUE(worker.until_seen(Kind::drained));
  EXPECT_TRUE(socket.output.empty());
  EXPECT_EQ(worker.count(Kind::closed), 0U);
  worker.epoll->resume_read(socket);
  ASSERT_TRUE(worker.until_seen(Kind::closed));
  EXPECT_EQ(worker.count(Kind::drained), 1U);
}

TEST_P(EpollCloseTest, a_broken_socket_that_nobody_reads_does_not_keep_the_worker_awake) {
  Client client = connect();
  Socket& socket = accept();
  worker.epoll->pause_read(socket);
  local() ? client.descriptor.close() : client.reset();
  for (int i = 0; i < 3; ++i) worker.tick(milliseconds(5));
  const Ticker ticker;
  const Time before = ticker.now();
  for (int i = 0; i < 5; ++i) worker.tick(milliseconds(10));
  // A slow machine only makes it longer.
  EXPECT_GE(ticker.now() - before, milliseconds(45));
}

TEST_P(EpollCloseTest, close_delivers_the_last_bytes_to_a_peer_that_is_still_sending) {
  Client client = connect();
  Socket& socket = accept();
  const std::string much(30000, 'x');
  std::size_t written = client.write(much);
  worker.say(socket, "bye");
  worker.epoll->close(socket);
  EXPECT_EQ(worker.epoll->lingering(), 1U);
  worker.seen.clear();
  ASSERT_TRUE(worker.until([&] {
    if (written < 20 * much.size()) written += client.write(much);
    client.read();
    return client.ended;
  }));
  EXPECT_EQ(client.got, "bye");
  EXPECT_EQ(client.error, 0);
  client.descriptor.close();
  EXPECT_TRUE(worker.until([&] { return worker.epoll->lingering() == 0; }));
  EXPECT_TRUE(worker.seen.empty());
}

TEST_P(EpollCloseTest, close_goes_on_writing_what_was_blocked) {
  Client client = connect();
  Socket& socket = accept();
  std::size_t size = 0;
  while (socket.output.empty()) {
    worker.say(socket, std::string(100000, 'x'));
    size += 100000;
    worker.tick();
  }
  worker.epoll->close(socket);
  ASSERT_TRUE(worker.until([&] {
    client.read();
    return client.ended;
  }));
  EXPECT_EQ(client.got.size(), size);
  EXPECT_EQ(client.error, 0);
  EXPECT_EQ(worker.count(Kind::drained), 0U);
}

TEST_P(EpollCloseTest, close_throws_away_what_is_corked) {
  Client client = connect();
  Socket& socket = accept();
  socket.corked = true;
  worker.say(socket, "lost");
  worker.tick();
  worker.epoll->close(socket);
  ASSERT_TRUE(worker.until([&] {
    client.read();
    return client.ended;
  }));
  EXPECT_EQ(client.got, "");
  EXPECT_EQ(client.error, 0);
}

TEST_P(EpollCloseTest, close_cuts_off_a_peer_that_never_stops_sending) {
  Client client = connect();
  worker.epoll->close(accept());
  const std::string much(60000, 'x');
  std::size_t written = 0;
  ASSERT_TRUE(worker.until([&] {
    written += client.write(much);
    return worker.epoll->lingering() == 0;
  }));
  EXPECT_GE(written, EpollSocket::kDiscardMax);
  ASSERT_TRUE(worker.until([&] {
    client.read();
    return client.ended;
  }));
}

TEST_P(EpollCloseTest, abort_ends_at_once_and_loses_what_waits) {
  Client client = connect();
  Socket& socket = accept();
  worker.say(socket, "lost");
  worker.epoll->abort(socket);
  EXPECT_EQ(worker.epoll->lingering(), 0U);
  ASSERT_TRUE(worker.until([&] {
    client.read();
    return client.ended;
  }));
  EXPECT_EQ(client.got, "");
}

TEST_P(EpollCloseTest, completes_nothing_for_a_socket_ended_in_the_same_tick) {
  Client first = connect();
  Socket& one = accept();
  Client second = connect();
  Socket& two = accept();
  first.write("1");
  second.write("2");
  Socket* ended = nullptr;
  worker.seen.clear();
  worker.on_completion = [&](const Completion& completion) {
    if (completion.kind != Kind::received || ended != nullptr) return;
    ended = completion.socket == &one ? &two : &one;
    worker.epoll->abort(*ended);
  };
  ASSERT_TRUE(worker.until_seen(Kind::received));
  for (int i = 0; i < 3; ++i) worker.tick(milliseconds(1));
  EXPECT_EQ(worker.seen.size(), 1U);
  EXPECT_NE(worker.seen.front().socket, ended);
}

TEST_P(EpollCloseTest, a_socket_ended_after_it_was_marked_is_not_written) {
  Client client = connect();
  Socket& socket = accept();
  worker.say(socket, "lost");
  worker.epoll->abort(socket);
  worker.epoll->wait(Duration::zero());  // recycles it, though nobody flushed
  Client next = connect();
  Socket& same = accept();
  EXPECT_EQ(&same, &socket);
  worker.say(same, "kept");
  ASSERT_TRUE(worker.until([&] {
    next.read();
    return next.got == "kept";
  }));
}

}  // namespace
}  // namespace gaon::net
