#include "auth/jwt_source.h"

#include <gtest/gtest.h>

#include <future>

#include "auth/key_server_fixture_test.h"

namespace gaon::auth {
namespace {

using Kind = Finding::Kind;

constexpr Time kNow{seconds(1'700'000'000)};
const JwtClocks kClocks{.now = [] { return kNow; }, .wall = [] { return kNow; }};

const TestKey& key() {
  static const TestKey one("ED25519");
  return one;
}

struct FetchingSource : testing::Test {
  FetchingSource() { server.answer_with(KeyServer::jwks(key(), "1")); }
  Finding check(const std::string& id) {
    if (!source) {
      const auto now = [this] { return server.now(); };
      source.emplace(std::make_shared<FetchedKeys>(server.fetch(), KeyRefresh{}, now), JwtPolicy{},
                     JwtClocks{.now = now, .wall = [] { return kNow; }});
    }
    return source->check(
        {.client_id = "c",
         .password = key().token("EdDSA", R"({"sub":"ada","exp":1900000000})", ",\"kid\":\"" + id + "\"")});
  }

  KeyServer server{kNow};
  std::optional<JwtSource> source;
};

TEST_F(FetchingSource, lets_in_who_has_a_known_key_while_the_server_hangs) {
  EXPECT_EQ(check("1").kind, Kind::granted);
  server.advance(seconds(3600));
  server.hold();
  source->refresh();
  server.wait_until_asked(2);
  EXPECT_EQ(check("1").kind, Kind::granted);
  auto rotated = std::async(std::launch::async, [&] { return check("2"); });
  EXPECT_EQ(check("1").kind, Kind::granted);
  server.answer_with(KeyServer::jwks(key(), "2"));
  server.let_go();
  EXPECT_EQ(rotated.get().kind, Kind::granted);
  EXPECT_EQ(check("1").kind, Kind::refused);  // withdrawn
  EXPECT_EQ(server.asked(), 2);
}

TEST_F(FetchingSource, asks_for_the_key_that_a_token_names_but_not_for_each) {
  EXPECT_EQ(check("1").kind, Kind::granted);
  server.answer_with(KeyServer::jwks(key(), "2"));
  EXPECT_EQ(check("2").kind, Kind::refused);  // too soon after the first
  server.advance(seconds(30));
  EXPECT_EQ(check("2").kind, Kind::granted);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(check("x" + std::to_string(i)).kind, Kind::refused);
  EXPECT_EQ(server.asked(), 2);
}

TEST_F(FetchingSource, lets_nobody_in_without_keys) {
  server.answer_with(failure("down"));
  for (int i = 0; i < 100; ++i) EXPECT_STREQ(check("1").why, "there are no keys to check tokens with");
  EXPECT_EQ(server.asked(), 1);
  server.advance(seconds(5));
  server.answer_with(KeyServer::jwks(key(), "1"));
  EXPECT_EQ(check("1").kind, Kind::granted);
}

// The broker started while the system's clock was two hours behind; then that was put right.
TEST(JwtSource, goes_by_the_clock_of_the_system_as_it_is_now) {
  Time now = kNow - seconds(7200);
  Time wall = now;
  JwtSource source(*JwtKeys::read(key().pem()), {},
                   {.now = [&] { return now; }, .wall = [&] { return wall; }});
  const auto check = [&](const std::string& times) {
    return source.check({.password = key().token("EdDSA", R"({"sub":"ada",)" + times + "}")});
  };
  const std::string fresh = R"("iat":1700000000,"nbf":1700000000,"exp":1700000100)";
  const std::string over = R"("iat":1699990000,"exp":1699996400)";
  EXPECT_STREQ(check(fresh).why, "the token is not valid yet (nbf)");
  EXPECT_EQ(check(over).identity.ends, Time(seconds(1'699'996'400)));
  wall = kNow;
  const Finding good = check(fresh);
  EXPECT_EQ(good.kind, Finding::Kind::granted) << good.why;
  EXPECT_EQ(good.identity.ends, now + seconds(100));  // in the broker's time
  EXPECT_STREQ(check(over).why, "the token is out of date (exp)");
}

TEST(JwtSource, leaves_passwords_to_others) {
  JwtSource source(*JwtKeys::read(key().pem()), {}, kClocks);
  for (const char* password : {"", "pencil", "a.b.c", "eyJ.pencil"}) {
    EXPECT_EQ(source.check({.password = password}).kind, Finding::Kind::unknown) << password;
  }
  EXPECT_EQ(source.check({}).kind, Finding::Kind::unknown);
  EXPECT_EQ(source.check({.password = "pencil", .token_only = true}).kind, Finding::Kind::refused);
  EXPECT_EQ(source.check({.password = "eyJ.eyJ.x"}).kind, Finding::Kind::refused);
}

}  // namespace
}  // namespace gaon::auth
