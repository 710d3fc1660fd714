#include "auth/scram_users.h"

#include <gtest/gtest.h>

namespace gaon::auth {
namespace {

// Of "pencil", with the salt of RFC 7677.
constexpr std::string_view kKey =
    "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:"
    "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=";

std::string line(std::string_view user) { return std::string(user) + ":" + std::string(kKey) + "\n"; }

ScramUsers read(const std::string& text, std::string secret = "s") {
  auto users = ScramUsers::read(text, "users", std::move(secret));
  EXPECT_TRUE(users) << users.error().what;
  return std::move(*users);
}

TEST(ScramUsers, a_line_has_what_is_made_of_the_password) {
  const ScramUsers users = read("# who may come\n\n" + line("a") + line("b@c"));
  EXPECT_EQ(users.size(), 2U);
  const FoundScramKey found = users.find("a");
  const ScramKey made = make_scram_key("pencil", found.key.salt, 4096);
  EXPECT_TRUE(found.known);
  EXPECT_EQ(found.key.iterations, 4096U);
  EXPECT_EQ(found.key.stored_key, made.stored_key);
  EXPECT_EQ(found.key.server_key, made.server_key);
  EXPECT_TRUE(users.find("b@c").known);
}

TEST(ScramUsers, ends_of_lines_may_be_of_either_kind_or_missing) {
  EXPECT_EQ(read("a:" + std::string(kKey)).size(), 1U);
  EXPECT_EQ(read("a:" + std::string(kKey) + "\r\n" + line("b")).size(), 2U);
  EXPECT_EQ(read("").size(), 0U);
}

TEST(ScramUsers, an_unknown_user_looks_like_the_others_and_always_the_same) {
  const ScramUsers users = read(line("a"));
  const FoundScramKey once = users.find("nobody");
  EXPECT_FALSE(once.known);
  EXPECT_EQ(once.key.iterations, 4096U);
  EXPECT_EQ(once.key.salt.size(), users.find("a").key.salt.size());
  EXPECT_EQ(once.key.salt, users.find("nobody").key.salt);
  EXPECT_NE(once.key.salt, users.find("nobody2").key.salt);
  EXPECT_NE(once.key.salt, read(line("a"), "other").find("nobody").key.salt);
  EXPECT_EQ(read("").find("nobody").key.iterations, 4096U);
}

TEST(ScramUsers, a_mistake_is_told_with_its_line) {
  const struct {
    std::string text;
    std::string what;
  } cases[] = {
      {line("a") + "b\n", "users:2: there is no ':' behind the user"},
      {":x", "users:1: there is no user before the ':'"},
      {line(std::string(1025, 'u')), "users:1: the user is longer than 1024 bytes"},
      {line(std::string("a\0b", 3)), "users:1: the user has a zero byte"},
      {line("a") + "\n" + line("a"), "users:3: the user 'a' is there already"},
      {"a:pencil",
       "users:1: this is no key; write user:SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>"},
      {"a:SCRAM-SHA-1$4096:a$b:c", "users:1: the key is not of SCRAM-SHA-256"},
      {"a:SCRAM-SHA-256$4095:a$b:c", "users:1: the iterations are no number from 4096 to 1000000"},
      {"a:SCRAM-SHA-256$04096:a$b:c", "users:1: the iterations are no number from 4096 to 1000000"},
      {"a:SCRAM-SHA-256$4096:YWJj$b:c", "users:1: the salt is not base64 of 8 to 256 bytes"},
      {"a:SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$b:c",
       "users:1: the StoredKey is not base64 of 32 bytes"},
      {line("a").substr(0, line("a").size() - 2), "users:1: the ServerKey is not base64 of 32 bytes"},
  };
  for (const auto& [text, what] : cases) {
    const auto users = ScramUsers::read(text, "users", "s");
    ASSERT_FALSE(users) << text;
    EXPECT_EQ(users.error().what, what);
  }
}

TEST(ScramUsers, read_what_is_made_for_a_password) {
  const std::string line = make_scram_line("pencil", 4096);
  const auto users = ScramUsers::read("ada:" + line + "\n", "users", "secret");
  ASSERT_TRUE(users) << users.error().what;
  const FoundScramKey found = users->find("ada");
  ASSERT_TRUE(found.known);
  EXPECT_EQ(found.key.iterations, 4096U);
  EXPECT_EQ(found.key.stored_key, make_scram_key("pencil", found.key.salt, 4096).stored_key);
  EXPECT_EQ(found.key.server_key, make_scram_key("pencil", found.key.salt, 4096).server_key);
  EXPECT_NE(make_scram_line("pencil", 4096), line) << "its salt is another one each time";
}

}  // namespace
}  // namespace gaon::auth
