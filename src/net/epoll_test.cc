#include "net/epoll.h"

#include <fcntl.h>

#include <thread>

#include "net/epoll_fixture.h"

namespace gaon::net {
namespace {

INSTANTIATE_TEST_SUITE_P(Kinds, EpollTest, testing::Values("ipv4", "ipv6", "unix"),
                         [](const auto& tested) { return tested.param; });

TEST_P(EpollTest, carries_bytes_both_ways_and_keeps_no_buffer) {
  Client client = connect();
  Socket& socket = accept();
  client.write("hello");
  ASSERT_TRUE(worker.until_seen(Kind::received));
  EXPECT_EQ(worker.received(&socket), "hello");
  for (const char* word : {"one ", "two"}) {
    worker.say(socket, word);
    worker.tick();
    EXPECT_EQ(socket.output.bytes().capacity(), 0U);
  }
  ASSERT_TRUE(worker.until([&] {
    client.read();
    return client.got == "one two";
  }));
  EXPECT_EQ(worker.epoll->traffic.received_bytes.get(), 5);
  EXPECT_EQ(worker.epoll->traffic.sent_bytes.get(), 7);
}

TEST_P(EpollTest, lends_a_buffer_to_who_is_about_to_send) {
  Client client = connect();
  Socket& socket = accept();
  worker.say(socket, "first");
  const std::uint8_t* memory = socket.output.bytes().data();
  worker.tick();
  worker.epoll->send(socket);
  EXPECT_GT(socket.output.bytes().capacity(), 0U);
  EXPECT_EQ(socket.output.bytes().data(), memory);
  worker.tick();
  EXPECT_EQ(socket.output.bytes().capacity(), 0U);
}

TEST_P(EpollTest, reads_once_a_tick_so_that_others_have_their_turn) {
  Client loud = connect();
  Socket& loud_socket = accept();
  Client quiet = connect();
  Socket& quiet_socket = accept();
  const std::string much(300000, 'x');
  std::size_t written = loud.write(much);
  quiet.write("q");
  std::size_t most = 0;
  ASSERT_TRUE(worker.until([&] {
    const auto last = static_cast<std::size_t>(
        std::ranges::count_if(worker.seen, [&](const Seen& one) { return one.socket == &loud_socket; }));
    most = std::max(most, last);
    worker.seen.clear();
    worker.tick();
    return worker.received(&quiet_socket) == "q";
  }));
  std::size_t got = worker.received(&loud_socket).size();
  ASSERT_TRUE(worker.until([&] {
    written += loud.write(std::string_view(much).substr(written));
    worker.seen.clear();
    worker.tick();
    most = std::max(most, worker.seen.size());
    got += worker.received(&loud_socket).size();
    return written == much.size() && got > much.size() / 2;
  }));
  EXPECT_LE(most, 1U);
}

// [MQTT-4.2-1], [MQTT-7.1.1-1@311]
TEST_P(EpollTest, a_slow_reader_is_drained_once_and_gets_all_in_order) {
  Client client = connect();
  Socket& socket = accept();
  std::string expected;
  while (socket.output.empty()) {
    const std::string piece(100000, static_cast<char>('a' + expected.size() / 100000 % 26));
    expected += piece;
    worker.say(socket, piece);
    worker.tick();
    ASSERT_LT(expected.size(), 1U << 30);
  }
  // More of it, with blocks that are spliced in: more pieces than one write takes.
  Shared block = Shared::make(Output::kSpliceMin);
  std::fill_n(block.writable(), block.size(), std::uint8_t{'#'});
  for (int i = 0; i < 100; ++i) {
    worker.say(socket, "+");
    socket.output.append(block, block.view());
    expected += "+" + std::string(as_text(block.view()));
  }
  worker.tick();
  EXPECT_EQ(worker.count(Kind::drained), 0U);
  ASSERT_TRUE(worker.until([&] {
    client.read();
    return client.got.size() >= expected.size();
  }));
  EXPECT_TRUE(client.got == expected);
  worker.tick(milliseconds(5));
  EXPECT_EQ(worker.count(Kind::drained), 1U);
  EXPECT_EQ(socket.output.bytes().capacity(), 0U);
}

TEST_P(EpollTest, what_is_corked_waits_until_it_is_sent_again) {
  Client client = connect();
  Socket& socket = accept();
  const auto got = [&](std::string_view text) {
    client.read();
    return client.got == text;
  };
  worker.say(socket, "first ");
  ASSERT_TRUE(worker.until([&] { return got("first "); }));
  socket.corked = true;
  worker.say(socket, "and ");
  for (int i = 0; i < 3; ++i) worker.tick(milliseconds(1));
  EXPECT_EQ(socket.output.size(), 4U);
  EXPECT_TRUE(got("first "));
  socket.corked = false;
  worker.say(socket, "last");
  EXPECT_TRUE(worker.until([&] { return got("first and last"); }));
}

TEST_P(EpollTest, what_is_corked_while_it_is_blocked_goes_on_when_it_is_sent_again) {
  Client client = connect();
  Socket& socket = accept();
  std::size_t sent = 0;
  while (socket.output.empty()) {  // until the system takes no more
    worker.say(socket, std::string(100'000, 'x'));
    sent += 100'000;
    worker.tick();
  }
  socket.corked = true;
  const std::size_t waits = socket.output.size();
  ASSERT_TRUE(worker.until([&] {
    client.read();
    return client.got.size() == sent - waits;
  }));
  for (int i = 0; i < 3; ++i) worker.tick(milliseconds(1));
  EXPECT_EQ(socket.output.size(), waits);
  socket.corked = false;
  worker.epoll->send(socket);
  EXPECT_TRUE(worker.until([&] {
    client.read();
    return client.got.size() == sent;
  }));
}

TEST_P(EpollTest, a_paused_socket_tells_nothing_until_it_is_resumed) {
  Client client = connect();
  Socket& socket = accept();
  worker.seen.clear();
  worker.epoll->pause_read(socket);
  client.write("x");
  worker.tick(milliseconds(5));
  client.descriptor.close();
  for (int i = 0; i < 5; ++i) worker.tick(milliseconds(1));
  EXPECT_TRUE(worker.seen.empty());
  worker.epoll->resume_read(socket);
  ASSERT_TRUE(worker.until_seen(Kind::closed));
  EXPECT_EQ(worker.received(&socket), "x");
}

TEST_P(EpollTest, pausing_and_resuming_in_one_tick_changes_nothing) {
  Client client = connect();
  Socket& socket = accept();
  worker.epoll->pause_read(socket);
  worker.epoll->resume_read(socket);
  client.write("x");
  ASSERT_TRUE(worker.until_seen(Kind::received));
}

TEST_P(EpollTest, a_connection_moves_with_its_unread_bytes) {
  Worker other;
  Client client = connect();
  Socket& socket = accept();
  worker.seen.clear();
  client.write("unread");
  Socket& moved = other.epoll->adopt(worker.epoll->release(socket));
  ASSERT_TRUE(other.until_seen(Kind::received));
  EXPECT_EQ(other.received(&moved), "unread");
  other.say(moved, "answer");
  ASSERT_TRUE(other.until([&] {
    client.read();
    return client.got == "answer";
  }));
  worker.tick();
  EXPECT_TRUE(worker.seen.empty());
}

TEST(Epoll, is_woken_by_another_thread) {
  Worker worker;
  Mailbox<int> mailbox(worker.epoll->waker());
  std::thread other([&mailbox] {
    std::vector<int> batch{1, 2, 3};
    mailbox.put(batch);
  });
  EXPECT_TRUE(worker.until_seen(Kind::woken));
  std::vector<int> out;
  EXPECT_TRUE(mailbox.take(out));
  EXPECT_EQ(out, (std::vector<int>{1, 2, 3}));
  other.join();
  worker.tick();
  EXPECT_EQ(worker.count(Kind::woken), 1U);
}

TEST(Epoll, a_descriptor_that_cannot_be_watched_is_closed) {
  Worker worker;
  Socket& socket = worker.epoll->adopt({.descriptor = ::open("/dev/null", O_RDWR)});  // epoll refuses it
  worker.tick();
  ASSERT_EQ(worker.count(Kind::closed), 1U);
  EXPECT_EQ(worker.seen.back().socket, &socket);
  EXPECT_NE(worker.seen.back().error, 0);
  worker.epoll->close(socket);
  worker.tick();
  EXPECT_EQ(worker.count(Kind::closed), 1U);
}

}  // namespace
}  // namespace gaon::net
