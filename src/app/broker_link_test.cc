#include "app/broker_link.h"

#include <gtest/gtest.h>

namespace gaon::app {
namespace {

using client::Disconnected;
using mqtt::Reason;
using Kind = Disconnected::Kind;

TEST(BrokerLink, what_passes_is_worth_another_attempt) {
  EXPECT_TRUE(worth_retrying({.kind = Kind::lost}));
  EXPECT_TRUE(worth_retrying({.kind = Kind::silent, .reason = Reason::keep_alive_timeout}));
  EXPECT_TRUE(worth_retrying({.kind = Kind::by_broker, .reason = Reason::server_shutting_down}));
  EXPECT_TRUE(worth_retrying({.kind = Kind::refused, .reason = Reason::server_busy}));
  EXPECT_FALSE(worth_retrying({.kind = Kind::by_broker, .reason = Reason::session_taken_over}));
  EXPECT_FALSE(worth_retrying({.kind = Kind::refused, .reason = Reason::not_authorized}));
  EXPECT_FALSE(worth_retrying({.kind = Kind::violation, .reason = Reason::unspecified_error}));
}

TEST(BrokerLink, attempts_become_rarer_up_to_a_bound) {
  EXPECT_EQ(pause_before(0), seconds(1));
  EXPECT_EQ(pause_before(1), seconds(2));
  EXPECT_EQ(pause_before(4), seconds(16));
  EXPECT_EQ(pause_before(5), seconds(30));
  EXPECT_EQ(pause_before(4'000'000'000), seconds(30));
}

}  // namespace
}  // namespace gaon::app
