#include "net/filtered_backend.h"

#include <gtest/gtest.h>

#include <cerrno>

#include "net/entrance.h"
#include "net/filter_pair.h"
#include "net/memory_backend.h"
#include "net/tls_fixture.h"

namespace gaon::net {
namespace {

using Kind = Completion::Kind;
using State = Filter::State;

// Open once it has read "hi"; then every byte is doubled on its way down and single again
// on its way up. Answers '?' with "!" and ends at '.', fails at '#'.
class Doubling final : public Filter {
 public:
  void receive(ByteView bytes, Buffer& up, Buffer& down) override {
    for (const std::uint8_t byte : bytes) {
      if (state() == State::handshaking) {
        greeting_ += static_cast<char>(byte);
        if (greeting_ != "hi") continue;
        down.append(as_bytes("welcome;"));
        enter(State::open);
      } else if (byte == '?') {
        down.u8('!');
      } else if (byte == '.') {
        enter(State::ended);
        return;
      } else if (byte == '#') {
        down.append(as_bytes("oops;"));
        fail("a # came");
        return;
      } else {
        up.u8(byte);
      }
    }
  }
  void send(ByteView bytes, Buffer& down) override {
    for (const std::uint8_t byte : bytes) {
      down.u8(byte);
      down.u8(byte);
    }
  }
  void end(Buffer& down) override { down.append(as_bytes(";bye")); }
  void describe(PeerFacts& facts) const override {
    facts.address = Peer{.family = Peer::Family::local};
    facts.tls = TlsPeer{.protocol = "doubling"};
  }

 private:
  std::string greeting_;
};

FilteredBackend::Admit doubling() {
  return [](const Peer&) -> std::expected<FilterChain, std::string> {
    FilterChain filters;
    filters.add(std::make_unique<Doubling>());
    return filters;
  };
}

struct FilteredBackendTest : testing::Test {
  MemoryNetwork network;
  MemoryBackend below{network};
  FilteredBackend backend{below};
  MemoryPeer peer{network, 0};
  Socket* socket = nullptr;

  void SetUp() override {
    backend.guard(1, doubling());
    peer = below.peer(below.connect(1));
    ASSERT_EQ(tick(), "accepted:1");
    socket = last;
  }

  Socket* last = nullptr;  // that the last completion named

  // One tick, told as words.
  std::string tick() { return tick(backend); }
  std::string tick(Backend& of) {
    std::string told;
    Completion completion;
    of.wait(Duration::zero());
    while (of.next(completion)) {
      constexpr const char* kNames[] = {"accepted", "received", "drained", "closed", "woken"};
      if (!told.empty()) told += ' ';
      told += kNames[static_cast<std::size_t>(completion.kind)];
      if (completion.kind == Kind::received) told += ":" + std::string(as_text(completion.bytes));
      if (completion.kind == Kind::closed) told += ":" + std::to_string(completion.error);
      if (completion.kind == Kind::accepted) told += ":" + std::to_string(completion.listener);
      last = completion.socket;
    }
    of.flush();
    return told;
  }
  void say(std::string_view what) { say(backend, *socket, what); }
  static void say(Backend& by, Socket& to, std::string_view what) {
    by.send(to);
    to.output.bytes().append(as_bytes(what));
  }
  std::string heard() {
    const auto bytes = peer.read();
    return {bytes.begin(), bytes.end()};
  }
  void open() {
    peer.write(as_bytes("hi"));
    EXPECT_EQ(tick(), "");
    EXPECT_EQ(heard(), "welcome;");
  }
};

TEST_F(FilteredBackendTest, the_worker_sees_what_the_filters_make_of_it) {
  open();
  peer.write(as_bytes("ab?c"));
  EXPECT_EQ(tick(), "received:abc");
  EXPECT_EQ(last, socket);
  say("xy");
  EXPECT_EQ(heard(), "!");
  backend.flush();
  EXPECT_EQ(heard(), "xxyy");
  EXPECT_EQ(socket->output.bytes().capacity(), 0U);
  EXPECT_EQ(tick(), "");
}

TEST_F(FilteredBackendTest, what_is_corked_waits_until_it_is_sent_again) {
  open();
  socket->corked = true;
  say("a");
  backend.flush();
  peer.write(as_bytes("x"));
  EXPECT_EQ(tick(), "received:x");
  EXPECT_EQ(heard(), "");
  socket->corked = false;
  say("b");
  backend.flush();
  EXPECT_EQ(heard(), "aabb");
}

TEST_F(FilteredBackendTest, close_throws_away_what_is_corked) {
  open();
  socket->corked = true;
  say("lost");
  backend.flush();
  backend.close(*socket);
  backend.flush();
  EXPECT_EQ(heard().find('l'), std::string::npos);
}

TEST_F(FilteredBackendTest, the_handshake_is_not_seen_byte_by_byte_either) {
  peer.chunk(1);
  peer.write(as_bytes("hix"));
  EXPECT_EQ(tick(), "");
  EXPECT_EQ(tick(), "");
  EXPECT_EQ(tick(), "received:x");
  EXPECT_EQ(heard(), "welcome;");
}

TEST_F(FilteredBackendTest, listeners_that_are_not_guarded_are_handed_through) {
  Socket& plain = below.connect(0);
  MemoryPeer other = below.peer(plain);
  EXPECT_EQ(tick(), "accepted:0");
  EXPECT_EQ(last, &plain);
  other.write(as_bytes("#?."));
  EXPECT_EQ(tick(), "received:#?.");
  say(backend, plain, "ab");
  backend.flush();
  EXPECT_EQ(other.read().size(), 2U);
  EXPECT_FALSE(backend.tls_of(plain));
  backend.close(plain);
  EXPECT_TRUE(other.closed());
}

TEST_F(FilteredBackendTest, what_is_sent_in_a_handshake_waits_for_its_end) {
  say("xy");
  backend.flush();
  EXPECT_EQ(heard(), "");
  peer.write(as_bytes("hi"));
  EXPECT_EQ(tick(), "");
  EXPECT_EQ(heard(), "welcome;xxyy");
}

TEST_F(FilteredBackendTest, what_the_peer_does_not_take_waits_with_the_worker) {
  open();
  peer.take_at_most(0);
  const std::size_t large = 4 * FilteredBackend::kPortion;
  say(std::string(large, 'x'));
  backend.flush();
  // The filter makes twice as much of it.
  EXPECT_GE(socket->output.size(), large - FilteredBackend::kPortion);
  const std::size_t waits = socket->output.size();
  say("yz");
  backend.flush();
  EXPECT_EQ(socket->output.size(), waits + 2);
  EXPECT_EQ(tick(), "");
  peer.take_at_most(MemoryNetwork::kUnlimited);
  std::string told = tick();
  EXPECT_EQ(told + tick(), "drained");
  EXPECT_EQ(tick(), "");
  EXPECT_EQ(heard(), std::string(2 * large, 'x') + "yyzz");
  EXPECT_TRUE(socket->output.empty());
}

TEST_F(FilteredBackendTest, drained_comes_for_little_too) {
  open();
  peer.take_at_most(1);
  say("x");
  backend.flush();
  EXPECT_EQ(tick(), "");
  peer.take_at_most(MemoryNetwork::kUnlimited);
  EXPECT_EQ(tick(), "drained");
  EXPECT_EQ(tick(), "");
}

TEST_F(FilteredBackendTest, who_makes_us_talk_and_does_not_listen_is_not_read) {
  open();
  peer.take_at_most(0);
  const std::string questions(FilteredBackend::kAnswersMax + 1, '?');
  peer.chunk(questions.size());
  peer.write(as_bytes(questions));
  for (int i = 0; i < 4; ++i) EXPECT_EQ(tick(), "");
  peer.write(as_bytes("a"));
  EXPECT_EQ(tick(), "");
  peer.take_at_most(MemoryNetwork::kUnlimited);
  EXPECT_EQ(tick() + tick(), "received:a");
  EXPECT_EQ(heard(), std::string(questions.size(), '!'));
}

TEST_F(FilteredBackendTest, reading_stays_paused_after_answers_were_taken) {
  open();
  backend.pause_read(*socket);
  peer.write(as_bytes("a"));
  EXPECT_EQ(tick(), "");
  backend.resume_read(*socket);
  EXPECT_EQ(tick(), "received:a");
}

TEST_F(FilteredBackendTest, the_end_of_the_filters_is_closed_after_the_bytes) {
  open();
  peer.write(as_bytes("ab.c"));
  EXPECT_EQ(tick(), "received:ab closed:0");
  peer.write(as_bytes("d"));
  peer.close();
  EXPECT_EQ(tick(), "");
  backend.close(*socket);
  EXPECT_TRUE(peer.closed());
}

TEST_F(FilteredBackendTest, closed_waits_while_reading_is_paused) {
  open();
  peer.write(as_bytes("a."));
  Completion completion;
  backend.wait(Duration::zero());
  ASSERT_TRUE(backend.next(completion));
  backend.pause_read(*socket);
  EXPECT_FALSE(backend.next(completion));
  EXPECT_EQ(tick(), "");
  backend.resume_read(*socket);
  EXPECT_EQ(tick(), "closed:0");
}

TEST_F(FilteredBackendTest, a_failure_gets_its_last_words_out) {
  open();
  peer.write(as_bytes("a#"));
  EXPECT_EQ(tick(), "received:a closed:" + std::to_string(EPROTO));
  say("vanishes");
  backend.close(*socket);
  EXPECT_EQ(heard(), "oops;");
  EXPECT_TRUE(peer.closed());
}

TEST_F(FilteredBackendTest, the_end_below_is_closed_once) {
  open();
  peer.write(as_bytes("a"));
  peer.reset(ECONNRESET);
  EXPECT_EQ(tick(), "received:a");
  EXPECT_EQ(tick(), "closed:" + std::to_string(ECONNRESET));
  EXPECT_EQ(tick(), "");
}

TEST_F(FilteredBackendTest, close_sends_what_waits_and_the_goodbye) {
  open();
  peer.take_at_most(3);
  say("abc");
  backend.close(*socket);
  EXPECT_FALSE(peer.closed());
  peer.take_at_most(MemoryNetwork::kUnlimited);
  EXPECT_EQ(heard(), "aabbcc;bye");
  EXPECT_TRUE(peer.closed());
  EXPECT_EQ(tick(), "");
}

TEST_F(FilteredBackendTest, close_in_a_handshake_says_nothing) {
  say("abc");
  backend.close(*socket);
  EXPECT_EQ(heard(), "");
  EXPECT_TRUE(peer.closed());
}

TEST_F(FilteredBackendTest, abort_loses_what_waits) {
  open();
  say("abc");
  backend.abort(*socket);
  backend.flush();
  EXPECT_EQ(heard(), "");
  EXPECT_TRUE(peer.aborted());
  EXPECT_EQ(tick(), "");
}

TEST_F(FilteredBackendTest, who_is_not_admitted_is_not_seen) {
  backend.guard(2, [](const Peer&) { return std::unexpected(std::string("a stranger")); });
  MemoryPeer stranger = below.peer(below.connect(2));
  EXPECT_EQ(tick(), "");
  EXPECT_TRUE(stranger.aborted());
}

TEST_F(FilteredBackendTest, filters_tell_who_it_is) {
  EXPECT_EQ(to_string(backend.peer_of(*socket)), "unix");
  EXPECT_EQ(backend.tls_of(*socket)->protocol, "doubling");
}

TEST_F(FilteredBackendTest, a_connection_moves_with_its_filters_and_what_is_unsent) {
  MemoryBackend other_below(network);
  FilteredBackend other(other_below);
  peer.take_at_most(0);
  peer.write(as_bytes("hi"));
  EXPECT_EQ(tick(), "");
  Socket& moved = other.adopt(backend.release(*socket));
  EXPECT_EQ(tick(), "");
  peer.write(as_bytes("ab"));
  EXPECT_EQ(tick(other), "received:ab");
  EXPECT_EQ(last, &moved);
  peer.take_at_most(MemoryNetwork::kUnlimited);
  say(other, moved, "x");
  tick(other);
  EXPECT_EQ(heard(), "welcome;xx");
  other.close(moved);
  EXPECT_EQ(heard(), ";bye");
}

TEST_F(FilteredBackendTest, an_end_that_was_not_reported_moves_too) {
  MemoryBackend other_below(network);
  FilteredBackend other(other_below);
  open();
  peer.write(as_bytes("a."));
  Completion completion;
  backend.wait(Duration::zero());
  ASSERT_TRUE(backend.next(completion));
  other.adopt(backend.release(*socket));
  EXPECT_FALSE(backend.next(completion));
  EXPECT_EQ(tick(other), "closed:0");
}

TEST_F(FilteredBackendTest, sockets_are_used_again) {
  for (int i = 0; i < 200; ++i) {
    MemoryPeer next = below.peer(below.connect(1));
    ASSERT_EQ(tick(), "accepted:1");
    next.write(as_bytes("hi!."));
    ASSERT_EQ(tick(), "received:! closed:0");
    backend.close(*last);
    ASSERT_TRUE(next.closed());
  }
}

TEST_F(FilteredBackendTest, carries_tls) {
  TestCa ca("TestCa");
  const TlsOptions options{.certificate = ca.issue({.name = "localhost"})};
  backend.guard(3, admit_by({.tls = server_context(options)}));
  peer = below.peer(below.connect(3));
  ASSERT_EQ(tick(), "accepted:3");
  socket = last;
  FilterSide client;
  client.filters.add(
      std::make_unique<TlsFilter>(client_context({.ca_file = ca.ca_file()}), "localhost", "localhost"));
  FilterChain::Scratch scratch;
  client.filters.begin(client.out, scratch);
  const auto exchange = [&] {
    std::string told;
    for (int i = 0; i < 4; ++i) {
      peer.write(client.out.view());
      client.out.clear();
      told += tick();
      client.receive(as_bytes(heard()));
    }
    return told;
  };
  EXPECT_EQ(exchange(), "");
  ASSERT_EQ(client.state(), State::open) << client.why();
  client.say("hello");
  EXPECT_EQ(exchange(), "received:hello");
  EXPECT_EQ(backend.tls_of(*socket)->protocol, "TLSv1.3");
  say(std::string(100'000, 'x'));
  EXPECT_EQ(exchange(), "");
  EXPECT_EQ(client.got, std::string(100'000, 'x'));
  backend.close(*socket);
  client.receive(as_bytes(heard()));
  EXPECT_EQ(client.state(), State::ended);
}

}  // namespace
}  // namespace gaon::net
