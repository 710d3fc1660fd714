#include "auth/http_source.h"

#include <gtest/gtest.h>

#include "auth/json.h"

namespace gaon::auth {
namespace {

using Kind = Finding::Kind;

struct Http : testing::Test {
  Finding check(const Question& question = {.client_id = "c", .user_name = "ada", .password = "pencil"}) {
    return source.check(question);
  }
  Time now{seconds(1'700'000'000)};
  Result<HttpAnswer> answer = HttpAnswer{200, R"({"allow":true})"};
  std::vector<std::string> asked;
  HttpSource source{[this](const std::string& body) { return asked.push_back(body), answer; },
                    {.granted = seconds(60), .denied = seconds(5), .answers_max = 3},
                    [this] { return now; }};
};

TEST_F(Http, the_server_is_told_what_the_client_brings) {
  check({.client_id = "c\"1", .user_name = "ada", .password = "\xff", .address = "[2001:db8::1]:4711"});
  check({.client_id = "c", .address = "192.0.2.1:4711"});
  ASSERT_EQ(asked.size(), 2U);
  EXPECT_EQ(asked[0],
            "{\"address\":\"2001:db8::1\",\"client_id\":\"c\\\"1\",\"password\":\"\\ufffd\",\"user_name\":"
            "\"ada\"}");
  EXPECT_EQ(asked[1], R"({"address":"192.0.2.1","client_id":"c","password":null,"user_name":null})");
}

TEST_F(Http, its_answer_says_who_it_is_and_what_it_may) {
  answer->body = R"({"allow":true,"user":"Ada","roles":["operator"],"acl":["allow publish a/#"]})";
  const Finding found = check();
  EXPECT_EQ(found.kind, Kind::granted);
  EXPECT_EQ(found.identity.user, "Ada");
  EXPECT_EQ(found.identity.roles, std::vector<std::string>{"operator"});
  EXPECT_TRUE(found.identity.ruled);
  EXPECT_EQ(found.identity.rules.size(), 1U);
}

TEST_F(Http, only_a_clear_yes_lets_in) {
  const struct {
    HttpAnswer answer;
    Kind kind;
  } cases[] = {
      {{200, R"({"allow":true})"}, Kind::granted},
      {{200, R"({"allow":false})"}, Kind::wrong},
      {{200, R"({"allow":null})"}, Kind::unknown},
      {{401, ""}, Kind::wrong},
      {{403, R"({"allow":true})"}, Kind::wrong},
      {{500, R"({"allow":true})"}, Kind::refused},
      {{301, R"({"allow":true})"}, Kind::refused},
      {{200, ""}, Kind::refused},
      {{200, "true"}, Kind::refused},
      {{200, R"({"allow":"true"})"}, Kind::refused},
      {{200, R"({"allow":1})"}, Kind::refused},
      {{200, R"({"allow":false,"allow":true})"}, Kind::refused},
      {{200, R"({"allow":true,"acl":["allow everything"]})"}, Kind::refused},
      {{200, R"({"allow":true,"roles":"admin"})"}, Kind::refused},
      {{200, R"({"allow":true,"x":")" + std::string(70'000, 'x') + "\"}"}, Kind::refused},
  };
  for (const auto& [given, kind] : cases) {
    EXPECT_EQ(read_http_answer(given, {.user_name = "ada"}).kind, kind)
        << given.status << given.body.substr(0, 80);
  }
}

TEST_F(Http, answers_are_remembered_for_a_while_and_failures_are_not) {
  EXPECT_EQ(check().kind, Kind::granted);
  now += seconds(59);
  EXPECT_EQ(check().kind, Kind::granted);
  EXPECT_EQ(asked.size(), 1U);
  EXPECT_EQ(check({.client_id = "c", .user_name = "ada", .password = "pencils"}).kind, Kind::granted);
  EXPECT_EQ(asked.size(), 2U);
  now += seconds(61);
  answer = failure("down");
  EXPECT_EQ(check().kind, Kind::refused);
  EXPECT_EQ(check().kind, Kind::refused);
  EXPECT_EQ(asked.size(), 4U);
  answer = HttpAnswer{401, ""};
  EXPECT_EQ(check().kind, Kind::wrong);
  EXPECT_EQ(check().kind, Kind::wrong);
  EXPECT_EQ(asked.size(), 5U);
  now += seconds(5);
  EXPECT_EQ(check().kind, Kind::wrong);
  EXPECT_EQ(asked.size(), 6U);
}

TEST_F(Http, no_more_is_remembered_than_there_is_room_for) {
  for (int i = 0; i < 5; ++i) check({.client_id = std::to_string(i)});
  check({.client_id = "4"});
  EXPECT_EQ(asked.size(), 5U);
  check({.client_id = "0"});
  EXPECT_EQ(asked.size(), 6U);
}

}  // namespace
}  // namespace gaon::auth
