#include "net/memory_backend.h"

#include <gtest/gtest.h>

#include <cerrno>

namespace gaon::net {
namespace {

using Kind = Completion::Kind;

std::string text(const std::vector<std::uint8_t>& bytes) { return {bytes.begin(), bytes.end()}; }

// One tick, told as words.
std::string tick(MemoryBackend& backend) {
  std::string told;
  Completion completion;
  backend.wait(Duration::zero());
  while (backend.next(completion)) {
    constexpr const char* kNames[] = {"accepted", "received", "drained", "closed", "woken"};
    if (!told.empty()) told += ' ';
    told += kNames[static_cast<std::size_t>(completion.kind)];
    if (completion.kind == Kind::received) told += ":" + std::string(as_text(completion.bytes));
    if (completion.kind == Kind::closed) told += ":" + std::to_string(completion.error);
    if (completion.kind == Kind::accepted) told += ":" + std::to_string(completion.listener);
  }
  return told;
}

void say(MemoryBackend& backend, Socket& socket, std::string_view what) {
  backend.send(socket);
  socket.output.bytes().append(as_bytes(what));
}

struct MemoryBackendTest : testing::Test {
  MemoryNetwork network;
  MemoryBackend backend{network};
  Socket& socket = backend.connect(3);
  MemoryPeer peer = backend.peer(socket);

  void SetUp() override { ASSERT_EQ(tick(backend), "accepted:3"); }
};

TEST_F(MemoryBackendTest, carries_bytes_both_ways) {
  peer.write(as_bytes("hello"));
  EXPECT_EQ(tick(backend), "received:hello");
  say(backend, socket, "world");
  EXPECT_EQ(text(peer.read()), "");
  backend.flush();
  EXPECT_EQ(text(peer.read()), "world");
  EXPECT_EQ(socket.output.bytes().capacity(), 0U);
  EXPECT_EQ(tick(backend), "");
}

TEST_F(MemoryBackendTest, reads_once_a_tick_in_pieces_of_the_wanted_size) {
  MemoryPeer other = backend.peer(backend.connect(4));
  peer.chunk(2);
  peer.write(as_bytes("abc"));
  other.write(as_bytes("x"));
  EXPECT_EQ(tick(backend), "received:ab accepted:4 received:x");
  EXPECT_EQ(tick(backend), "received:c");
}

TEST_F(MemoryBackendTest, reports_closed_once_and_after_the_bytes) {
  peer.write(as_bytes("last"));
  peer.close();
  EXPECT_EQ(tick(backend), "received:last");
  EXPECT_EQ(tick(backend), "closed:0");
  EXPECT_EQ(tick(backend), "");
  say(backend, socket, "bye");
  backend.close(socket);
  EXPECT_EQ(text(peer.read()), "bye");
  EXPECT_TRUE(peer.closed());
}

TEST_F(MemoryBackendTest, a_reset_takes_what_was_sent_but_not_what_was_received) {
  peer.write(as_bytes("last"));
  peer.reset(ECONNRESET);
  say(backend, socket, "lost");
  backend.flush();
  EXPECT_TRUE(socket.output.empty());
  EXPECT_EQ(tick(backend), "received:last");
  EXPECT_EQ(tick(backend), "closed:" + std::to_string(ECONNRESET));
  EXPECT_EQ(text(peer.read()), "");
}

TEST_F(MemoryBackendTest, a_slow_reader_blocks_and_drains_once) {
  peer.take_at_most(3);
  say(backend, socket, "abcdef");
  backend.flush();
  EXPECT_EQ(socket.output.size(), 3U);
  EXPECT_EQ(tick(backend), "");
  peer.take_at_most(2);
  EXPECT_EQ(tick(backend), "");
  say(backend, socket, "gh");
  backend.flush();
  peer.take_at_most(MemoryNetwork::kUnlimited);
  EXPECT_EQ(tick(backend), "drained");
  EXPECT_EQ(tick(backend), "");
  EXPECT_EQ(text(peer.read()), "abcdefgh");
}

TEST_F(MemoryBackendTest, what_is_corked_waits_until_it_is_sent_again) {
  say(backend, socket, "first ");
  backend.flush();
  socket.corked = true;
  say(backend, socket, "and ");
  backend.flush();
  EXPECT_EQ(text(peer.read()), "first ");
  EXPECT_EQ(tick(backend), "");
  socket.corked = false;
  say(backend, socket, "last");
  backend.flush();
  EXPECT_EQ(text(peer.read()), "and last");
}

TEST_F(MemoryBackendTest, close_throws_away_what_is_corked) {
  socket.corked = true;
  say(backend, socket, "lost");
  backend.flush();
  backend.close(socket);
  EXPECT_EQ(text(peer.read()), "");
  EXPECT_TRUE(peer.closed());
}

TEST_F(MemoryBackendTest, a_paused_socket_tells_nothing) {
  backend.pause_read(socket);
  peer.write(as_bytes("x"));
  peer.close();
  EXPECT_EQ(tick(backend), "");
  backend.resume_read(socket);
  EXPECT_EQ(tick(backend), "received:x");
  EXPECT_EQ(tick(backend), "closed:0");
}

TEST_F(MemoryBackendTest, close_delivers_what_the_peer_had_no_room_for) {
  peer.take_at_most(1);
  say(backend, socket, "bye");
  backend.close(socket);
  EXPECT_EQ(text(peer.read()), "b");
  EXPECT_FALSE(peer.closed());
  peer.take_at_most(MemoryNetwork::kUnlimited);
  EXPECT_EQ(text(peer.read()), "ye");
  EXPECT_TRUE(peer.closed());
  peer.write(as_bytes("ignored"));
  EXPECT_EQ(tick(backend), "");
}

TEST_F(MemoryBackendTest, abort_loses_what_waits) {
  say(backend, socket, "lost");
  backend.abort(socket);
  backend.flush();
  EXPECT_TRUE(peer.aborted());
  EXPECT_EQ(text(peer.read()), "");
  EXPECT_EQ(tick(backend), "");
}

TEST_F(MemoryBackendTest, a_connection_moves_with_its_unread_bytes) {
  MemoryBackend other(network);
  peer.write(as_bytes("abc"));
  Socket& moved = other.adopt(backend.release(socket));
  EXPECT_EQ(tick(backend), "");
  EXPECT_EQ(tick(other), "received:abc");
  say(other, moved, "def");
  other.flush();
  EXPECT_EQ(text(peer.read()), "def");
}

TEST_F(MemoryBackendTest, completes_nothing_for_a_socket_closed_in_the_same_tick) {
  Socket& other = backend.connect();
  MemoryPeer other_peer = backend.peer(other);
  tick(backend);
  peer.write(as_bytes("1"));
  other_peer.write(as_bytes("2"));
  backend.wait(Duration::zero());
  Completion completion;
  ASSERT_TRUE(backend.next(completion));
  EXPECT_EQ(completion.socket, &socket);
  backend.close(other);
  Socket& third = backend.connect();
  EXPECT_NE(&third, &other);
  ASSERT_TRUE(backend.next(completion));
  EXPECT_EQ(completion.socket, &third);
  EXPECT_FALSE(backend.next(completion));
}

TEST_F(MemoryBackendTest, is_woken_once_for_many_calls) {
  backend.waker().wake();
  backend.waker().wake();
  EXPECT_EQ(tick(backend), "woken");
  EXPECT_EQ(tick(backend), "");
}

TEST_F(MemoryBackendTest, names_its_peers) { EXPECT_EQ(to_string(backend.peer_of(socket)), "127.0.0.1:0"); }

}  // namespace
}  // namespace gaon::net
