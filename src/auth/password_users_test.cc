#include "auth/password_users.h"

#include <gtest/gtest.h>

namespace gaon::auth {
namespace {

// Made by mosquitto_passwd 2.0 (-H sha512-pbkdf2, -H sha512) and by argon2 of the reference
// implementation, each of "pencil".
constexpr std::string_view kPbkdf2 =
    "$7$101$lJmoF+q2WQ8fBgRF$nn3UVToNNjvPSNPJNTtC/nlGakHrrUY/"
    "4OB+D9uFaCeC7dvxgklZeW1QiEF77AW3z1YvbV3IFTCjbam8hdcKpg==";
constexpr std::string_view kSha512 =
    "$6$LfPz2A38SD9+KcO9$VnmrA3C7cZhuiqC+TJ0EQugOZ4XXXKnE4MPP6leViX4ctkKrnDepvv+fY4claEyXPxIZ7SL+"
    "Z1QXA9PapqBXSw==";
constexpr std::string_view kArgon =
    "$argon2id$v=19$m=64,t=2,p=1$c2FsdHNhbHRzYWx0$aOb9LY91kt/gn/61R9Bu8NwDAlAT7PtokDQ/hl2MHiE";

PasswordUsers read(std::string_view text) {
  auto users = PasswordUsers::read(text, "users");
  EXPECT_TRUE(users) << users.error().what;
  return std::move(*users);
}

PasswordUsers::Answer ask(const PasswordUsers& users, std::string_view user, std::string_view password) {
  return users.check(user, as_bytes(password));
}

TEST(PasswordUsers, hashes_of_mosquitto_passwd_and_of_argon2_are_understood) {
  for (const std::string_view hash : {kPbkdf2, kSha512, kArgon}) {
    const PasswordUsers users = read("# who may come\n\nada:" + std::string(hash) + "\r\n");
    EXPECT_EQ(ask(users, "ada", "pencil"), PasswordUsers::Answer::right) << hash;
    EXPECT_EQ(ask(users, "ada", "pencils"), PasswordUsers::Answer::wrong) << hash;
    EXPECT_EQ(ask(users, "ada", ""), PasswordUsers::Answer::wrong) << hash;
    EXPECT_EQ(ask(users, "bob", "pencil"), PasswordUsers::Answer::unknown) << hash;
  }
}

TEST(PasswordUsers, what_is_made_of_a_password_fits_it_and_differs_each_time) {
  const std::string hash = make_password_hash("b,=ü");
  EXPECT_TRUE(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$")) << hash;
  EXPECT_NE(hash, make_password_hash("b,=ü"));
  const auto parsed = parse_password_hash(hash);
  ASSERT_TRUE(parsed) << parsed.error().what;
  EXPECT_TRUE(fits(*parsed, as_bytes("b,=ü")));
  EXPECT_FALSE(fits(*parsed, as_bytes("b,=u")));
}

TEST(PasswordUsers, a_mistake_is_told_with_its_line_and_without_what_stands_there) {
  const struct {
    std::string text;
    std::string what;
  } cases[] = {
      {"ada", "users:1: there is no ':' behind the user"},
      {"#\n:x", "users:2: there is no user before the ':'"},
      {std::string(1025, 'u') + ":x", "users:1: the user is longer than 1024 bytes"},
      {"a:pencil", "users:1: this is no hash of a password; make one with 'gaon passwd add'"},
      {"a:$2b$12$xyz", "users:1: the hash is neither argon2id nor one of mosquitto_passwd ($7$, $6$)"},
      {"a:$7$0$AAAAAAAAAAA=$x", "users:1: the iterations are no number from 1 to 10000000"},
      {"a:$7$101$AAAAAAAAAAA=$AAAA", "users:1: salt or hash are not base64 of the right size"},
      {"a:$argon2id$v=16$m=8,t=1,p=1$x$y", "users:1: the argon2id hash is not of version 19"},
      {"a:$argon2id$v=19$m=2000000,t=1,p=1$x$y",
       "users:1: the costs of the argon2id hash are not m=…,t=…,p=… within bounds"},
      {"a:" + std::string(kSha512) + "\na:" + std::string(kSha512), "users:2: the user 'a' is there already"},
  };
  for (const auto& [text, what] : cases) {
    const auto users = PasswordUsers::read(text, "users");
    ASSERT_FALSE(users) << text;
    EXPECT_EQ(users.error().what, what);
  }
}

TEST(PasswordSource, says_nothing_of_who_brings_no_password_or_is_not_in_the_file) {
  PasswordSource source(read("ada:" + std::string(kSha512)));
  EXPECT_EQ(source.check({.user_name = "ada"}).kind, Finding::Kind::unknown);
  EXPECT_EQ(source.check({.password = "pencil"}).kind, Finding::Kind::unknown);
  EXPECT_EQ(source.check({.user_name = "bob", .password = "pencil"}).kind, Finding::Kind::unknown);
  EXPECT_EQ(source.check({.user_name = "ada", .password = "x"}).kind, Finding::Kind::wrong);
  const Finding found = source.check({.user_name = "ada", .password = "pencil"});
  EXPECT_EQ(found.kind, Finding::Kind::granted);
  EXPECT_EQ(found.identity.user, "ada");
}

struct Remembering : testing::Test {
  static Question asks(std::string_view name, std::string_view password) {
    return {.user_name = std::string(name), .password = std::string(password)};
  }
  PasswordSource source(std::string_view text) { return PasswordSource(read(text), &remembered); }
  static bool knows(const PasswordSource& source, const Question& question) {
    const auto known = source.knows(question);
    EXPECT_TRUE(!known ||
                (known->kind == Finding::Kind::granted && known->identity.user == *question.user_name));
    return known.has_value();
  }
  VerifiedLogins remembered;
};

TEST_F(Remembering, a_password_that_was_right_is_not_hashed_again_until_its_line_changes) {
  PasswordSource first = source("ada:" + std::string(kSha512));
  EXPECT_FALSE(knows(first, asks("ada", "pencil")));
  EXPECT_EQ(first.check(asks("ada", "pencil")).kind, Finding::Kind::granted);
  EXPECT_TRUE(knows(first, asks("ada", "pencil")));
  EXPECT_FALSE(knows(first, asks("bob", "pencil")));
  const PasswordSource same = source("bob:" + std::string(kArgon) + "\nada:" + std::string(kSha512));
  EXPECT_TRUE(knows(same, asks("ada", "pencil")));
  EXPECT_FALSE(knows(same, asks("bob", "pencil")));
  PasswordSource other = source("ada:" + std::string(kPbkdf2));
  EXPECT_FALSE(knows(other, asks("ada", "pencil")));
  EXPECT_FALSE(knows(source("bob:" + std::string(kSha512)), asks("ada", "pencil")));
  EXPECT_EQ(other.check(asks("ada", "pencil")).kind, Finding::Kind::granted);
  EXPECT_TRUE(knows(other, asks("ada", "pencil")));
}

TEST_F(Remembering, a_wrong_password_is_always_hashed) {
  PasswordSource users = source("ada:" + std::string(kSha512));
  users.check(asks("ada", "pencil"));
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(users.check(asks("ada", "pen")).kind, Finding::Kind::wrong);
    EXPECT_FALSE(knows(users, asks("ada", "pen")));
    EXPECT_EQ(users.check(asks("bob", "pencil")).kind, Finding::Kind::unknown);
    EXPECT_FALSE(knows(users, asks("bob", "pencil")));
  }
  EXPECT_TRUE(knows(users, asks("ada", "pencil")));
  EXPECT_EQ(remembered.size(), 1U);
  Question token = asks("ada", "pencil");
  token.token_only = true;
  EXPECT_FALSE(knows(users, token));
}

TEST(VerifiedLogins, of_more_than_fit_the_oldest_is_forgotten) {
  VerifiedLogins logins(2);
  const auto of = [&](std::string_view user) { return logins.digest(user, "hash", "password"); };
  for (const char* user : {"a", "b", "a", "c"}) logins.remember(user, of(user));
  EXPECT_EQ(logins.size(), 2U);
  EXPECT_FALSE(logins.knows("a", of("a")));
  EXPECT_TRUE(logins.knows("b", of("b")));
  EXPECT_TRUE(logins.knows("c", of("c")));
}

TEST(VerifiedLogins, nothing_else_has_the_digest_of_a_login) {
  const VerifiedLogins logins;
  const Digest login = logins.digest("ab", "c", "d");
  EXPECT_TRUE(equal(login, logins.digest("ab", "c", "d")));
  EXPECT_FALSE(equal(login, logins.digest("a", "bc", "d")));
  EXPECT_FALSE(equal(login, logins.digest("ab", "cd", "")));
  EXPECT_FALSE(equal(login, logins.digest("ab", "", "cd")));
  EXPECT_FALSE(equal(login, VerifiedLogins().digest("ab", "c", "d")));
}

}  // namespace
}  // namespace gaon::auth
