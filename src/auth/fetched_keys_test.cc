#include "auth/fetched_keys.h"

#include <gtest/gtest.h>

#include <future>

#include "auth/key_server_fixture_test.h"

namespace gaon::auth {
namespace {

struct Fetched : testing::Test {
  std::string jwks(const std::string& id) { return KeyServer::jwks(key, id); }
  void begin(const KeyRefresh& refresh = {}) {
    fetched.emplace(server.fetch(), refresh, [this] { return server.now(); });
  }
  // Fetches so far; one that has begun is waited for.
  int fetches() {
    fetched->await();
    return server.asked();
  }

  TestKey key{"ED25519"};
  KeyServer server{Time(seconds(1'700'000'000))};
  std::optional<FetchedKeys> fetched;
};

TEST_F(Fetched, keys_are_asked_for_at_once_and_the_first_who_needs_them_waits) {
  server.hold();
  begin();
  server.wait_until_asked(1);
  EXPECT_EQ(fetched->current(), nullptr);
  auto first = std::async(std::launch::async, [&] { return fetched->await(); });
  server.answer_with(jwks("1"));
  server.let_go();
  EXPECT_NE(first.get(), nullptr);
  EXPECT_EQ(fetches(), 1);
}

TEST_F(Fetched, old_keys_serve_while_newer_ones_are_fetched) {
  server.answer_with(jwks("1"));
  begin();
  const auto old = fetched->await();
  ASSERT_NE(old, nullptr);
  server.advance(seconds(3599));
  EXPECT_EQ(fetched->current(), old);
  EXPECT_EQ(fetches(), 1);
  server.advance(seconds(1));
  server.hold();
  server.answer_with(jwks("2"));
  for (int i = 0; i < 100; ++i) EXPECT_EQ(fetched->current(), old);
  server.wait_until_asked(2);
  EXPECT_EQ(fetched->current(), old);
  server.let_go();
  EXPECT_TRUE(fetched->await()->has("2"));
  EXPECT_EQ(fetches(), 2);
}

TEST_F(Fetched, for_a_key_that_is_not_known_is_asked_but_not_for_each) {
  server.answer_with(jwks("1"));
  begin();
  const auto first = fetched->await();
  server.answer_with(jwks("2"));
  EXPECT_EQ(fetched->other_than(first), nullptr);  // too soon after the first
  EXPECT_EQ(fetches(), 1);
  server.advance(seconds(30));
  const auto second = fetched->other_than(first);
  ASSERT_NE(second, nullptr);
  EXPECT_TRUE(second->has("2"));
  EXPECT_EQ(fetched->other_than(first), second);  // who still looked at the first
  for (int i = 0; i < 100; ++i) EXPECT_EQ(fetched->other_than(second), nullptr);
  EXPECT_EQ(fetches(), 2);
}

TEST_F(Fetched, only_so_many_wait_for_a_key_that_is_not_known) {
  server.answer_with(jwks("1"));
  begin({.waiting_max = 1});
  const auto first = fetched->await();
  server.advance(seconds(30));
  server.hold();
  auto waits = std::async(std::launch::async, [&] { return fetched->other_than(first); });
  server.wait_until_asked(2);
  EXPECT_EQ(fetched->other_than(first), nullptr);
  server.answer_with(jwks("2"));
  server.let_go();
  EXPECT_TRUE(waits.get()->has("2"));
}

TEST_F(Fetched, keys_of_a_server_that_is_down_serve_until_they_are_too_old) {
  begin();
  for (int i = 0; i < 100; ++i) EXPECT_EQ(fetched->await(), nullptr);
  EXPECT_EQ(fetches(), 1);
  server.advance(seconds(5));
  server.answer_with(std::string("<html>"));
  EXPECT_EQ(fetched->await(), nullptr);
  server.advance(seconds(5));
  server.answer_with(jwks("1"));
  EXPECT_NE(fetched->await(), nullptr);
  EXPECT_EQ(fetches(), 3);
  server.answer_with(failure("down"));
  server.advance(seconds(86'399));
  EXPECT_NE(fetched->await(), nullptr);
  server.advance(seconds(1));
  EXPECT_EQ(fetched->await(), nullptr);
}

TEST_F(Fetched, time_between_two_tries_begins_with_the_end_of_the_first) {
  server.answer_with(failure("too slow"), seconds(5));
  begin();
  for (int i = 0; i < 100; ++i) EXPECT_EQ(fetched->await(), nullptr);
  EXPECT_EQ(fetches(), 1);
}

TEST_F(Fetched, keys_that_are_not_needed_any_more_are_not_waited_for) {
  server.hold();
  begin();
  server.wait_until_asked(1);
  fetched.reset();
  EXPECT_EQ(server.asked(), 1);
}

}  // namespace
}  // namespace gaon::auth
