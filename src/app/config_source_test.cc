#include "app/config_source.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

namespace gaon::app {
namespace {

// A file of its own for one test, removed at the end.
class ConfigSourceTest : public testing::Test {
 protected:
  std::string write(std::string_view text) {
    std::ofstream(path_) << text;
    std::filesystem::permissions(path_,
                                 std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    return path_.string();
  }
  void TearDown() override { std::filesystem::remove(path_); }

 private:
  std::filesystem::path path_ =
      std::filesystem::path(testing::TempDir()) /
      (std::string("gaon_") + testing::UnitTest::GetInstance()->current_test_info()->name() + ".toml");
};

std::vector<std::string> texts_of(const std::vector<Problem>& problems) {
  std::vector<std::string> texts;
  for (const Problem& problem : problems) texts.push_back(to_text(problem));
  return texts;
}

TEST_F(ConfigSourceTest, without_anything_loopback_is_listened_to_and_lets_everybody_in) {
  const LoadedConfig loaded = load_config({});
  EXPECT_EQ(texts_of(loaded.problems), std::vector<std::string>{});
  ASSERT_EQ(loaded.config.listeners.size(), 2U);
  for (const auto& listener : loaded.config.listeners) {
    EXPECT_TRUE(net::is_loopback(listener.url));
    EXPECT_TRUE(listener.allow_anonymous);
    EXPECT_EQ(listener.url.port, 1883);
  }
}

TEST_F(ConfigSourceTest, the_command_line_goes_over_the_file) {
  const std::string file = write(
      "workers = 3\nlimits.inflight_max = 7\n[[listener]]\nurl = \"mqtt://127.0.0.1:2000\"\n"
      "allow_anonymous = true\n");
  const LoadedConfig loaded =
      load_config({.file = file, .listen = {"mqtt://127.0.0.1:3000"}, .set = {"workers=4", "workers=5"}});
  EXPECT_EQ(texts_of(loaded.problems), std::vector<std::string>{});
  EXPECT_EQ(loaded.config.workers, 5U);
  EXPECT_EQ(loaded.config.limits.inflight_max, 7U);
  ASSERT_EQ(loaded.config.listeners.size(), 1U);
  EXPECT_EQ(loaded.config.listeners[0].url.port, 3000);
  EXPECT_TRUE(loaded.config.listeners[0].allow_anonymous);
}

TEST_F(ConfigSourceTest, a_listener_that_refuses_everybody_is_warned_of) {
  const LoadedConfig loaded = load_config({.file = "", .listen = {"mqtt://0.0.0.0:1883"}, .set = {}});
  ASSERT_EQ(loaded.problems.size(), 1U);
  EXPECT_TRUE(loaded.problems[0].warning);
  EXPECT_NE(loaded.problems[0].what.find("refuses everybody"), std::string::npos);
  EXPECT_FALSE(has_error(loaded.problems));
  EXPECT_FALSE(loaded.config.listeners[0].allow_anonymous);
}

TEST_F(ConfigSourceTest, an_open_listener_is_warned_of) {
  const std::string file = write("[[listener]]\nurl = \"mqtt://0.0.0.0:1883\"\nallow_anonymous = true\n");
  EXPECT_EQ(texts_of(load_config({.file = file, .listen = {}, .set = {}}).problems),
            std::vector<std::string>{
                file + ":1: warning: listener: mqtt://0.0.0.0:1883 lets everybody in who reaches it"});
}

TEST_F(ConfigSourceTest, users_make_a_listener_without_anonymous_clients_good_for_something) {
  const std::string users = write(
      "a:SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:"
      "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=\n");
  const auto loaded =
      load_config({.file = "", .listen = {"mqtt://0.0.0.0:1883"}, .set = {"auth.scram_file=" + users}});
  EXPECT_EQ(texts_of(loaded.problems), std::vector<std::string>{});
  EXPECT_EQ(loaded.config.auth.scram_file, users);
}

TEST_F(ConfigSourceTest, a_file_of_users_that_cannot_be_used_is_an_error) {
  const std::string users = write("a:pencil\n");
  const auto wrong = load_config({.file = "", .listen = {}, .set = {"auth.scram_file=" + users}});
  EXPECT_TRUE(has_error(wrong.problems));
  EXPECT_EQ(texts_of(wrong.problems),
            std::vector<std::string>{"auth.scram_file: " + users +
                                     ":1: this is no key; write "
                                     "user:SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>"});
  EXPECT_TRUE(
      has_error(load_config({.file = "", .listen = {}, .set = {"auth.scram_file=/no/such/file"}}).problems));
}

TEST_F(ConfigSourceTest, keys_that_contradict_each_other_are_warned_of) {
  const auto problems =
      texts_of(load_config({.file = "",
                            .listen = {},
                            .set = {"limits.queue_bytes_max=1 MiB", "limits.packet_bytes_max=2 MiB"}})
                   .problems);
  EXPECT_EQ(problems,
            std::vector<std::string>{"warning: limits.queue_bytes_max: the largest packet does not fit "
                                     "into an empty queue; make it at least limits.packet_bytes_max"});
}

TEST_F(ConfigSourceTest, the_same_address_twice_is_an_error) {
  const auto loaded =
      load_config({.file = "", .listen = {"mqtt://127.0.0.1:1", "mqtt://127.0.0.1:1"}, .set = {}});
  EXPECT_TRUE(has_error(loaded.problems));
  EXPECT_EQ(texts_of(loaded.problems),
            std::vector<std::string>{"listener: mqtt://127.0.0.1:1 is listened to twice; leave one out"});
}

TEST_F(ConfigSourceTest, a_file_that_is_not_there_is_an_error) {
  for (const char* name : {"/does/not/exist.toml", "/"}) {
    const auto loaded = load_config({.file = name, .listen = {}, .set = {}});
    ASSERT_EQ(loaded.problems.size(), 1U) << name;
    EXPECT_TRUE(to_text(loaded.problems[0]).starts_with(std::string(name) + ": cannot be read: ")) << name;
  }
}

TEST_F(ConfigSourceTest, problems_are_told_to_programs_too) {
  const auto loaded = load_config({.file = "", .listen = {"mqtt://0.0.0.0:1"}, .set = {"workers=\xff"}});
  const auto report = nlohmann::json::parse(to_json(loaded.problems));
  EXPECT_FALSE(report["ok"].get<bool>());
  ASSERT_EQ(report["problems"].size(), 2U);
  EXPECT_EQ(report["problems"][0]["key"], "workers");
  EXPECT_EQ(report["problems"][0]["severity"], "error");
  EXPECT_EQ(report["problems"][1]["severity"], "warning");
}

TEST_F(ConfigSourceTest, secrets_that_everybody_can_read_are_warned_of) {
  const std::string users = write(
      "ada:$6$LfPz2A38SD9+KcO9$VnmrA3C7cZhuiqC+TJ0EQugOZ4XXXKnE4MPP6leViX4ctkKrnDepvv+"
      "fY4claEyXPxIZ7SL+Z1QXA9PapqBXSw==\n");
  EXPECT_EQ(texts_of(load_config({.set = {"auth.password_file=" + users}}).problems),
            std::vector<std::string>{});
  std::filesystem::permissions(users, std::filesystem::perms::others_read,
                               std::filesystem::perm_options::add);
  EXPECT_EQ(
      texts_of(load_config({.set = {"auth.password_file=" + users}}).problems),
      std::vector<std::string>{"warning: auth.password_file: " + users +
                               " can be read by everybody, or written by its group; chmod 600 " + users});
}

TEST_F(ConfigSourceTest, an_anonymous_web_socket_is_warned_of_where_any_page_may_open_it) {
  const std::string listener = "[[listener]]\nurl = \"ws://127.0.0.1:2000\"\nallow_anonymous = true\n";
  const std::string file = write(listener);
  EXPECT_EQ(texts_of(load_config({.file = file}).problems),
            std::vector<std::string>{
                file + ":1: warning: listener: ws://127.0.0.1:2000/mqtt lets in any web page that a "
                       "browser which reaches it has open; name those that may with origins"});
  write(listener + "origins = \"http://localhost:5173\"\n");
  EXPECT_EQ(texts_of(load_config({.file = file}).problems), std::vector<std::string>{});
}

TEST_F(ConfigSourceTest, what_a_listener_asks_for_has_to_be_set_up) {
  const std::string file = write(
      "[[listener]]\nurl = \"mqtt://127.0.0.1:2000\"\nauth = [\"password\", \"scram\"]\nrequire = \"all\"\n");
  const auto texts = texts_of(load_config({.file = file}).problems);
  EXPECT_EQ(
      texts,
      (std::vector<std::string>{
          file + ":3: listener.auth: mqtt://127.0.0.1:2000 asks for password, which is not set up; "
                 "set auth.password_file",
          file + ":3: listener.auth: mqtt://127.0.0.1:2000 asks for scram, which is not set up; "
                 "set auth.scram_file",
          file + ":4: listener.require: mqtt://127.0.0.1:2000 requires all, but SCRAM cannot be put together "
                 "with another proof; leave scram out of auth, or require any"}));
}

TEST_F(ConfigSourceTest, what_is_wrong_with_a_file_that_it_names_is_told_with_the_line_that_names_it) {
  const std::string file = write(
      "[limits]\nqueue_bytes_max = \"1 MiB\"\n[auth]\npassword_file = \"/none/users\"\n"
      "acl_file = \"/none/rules\"\n[[listener]]\nurl = \"mqtt://127.0.0.1:2000\"\n"
      "[[listener]]\nurl = \"mqtt://127.0.0.1:2000\"\n");
  const auto begin_with = [](const std::vector<std::string>& texts,
                             const std::vector<std::string>& beginnings) {
    ASSERT_EQ(texts.size(), beginnings.size()) << testing::PrintToString(texts);
    for (std::size_t i = 0; i < texts.size(); ++i)
      EXPECT_TRUE(texts[i].starts_with(beginnings[i])) << texts[i];
  };
  const LoadedConfig loaded = load_config({.file = file, .set = {"limits.packet_bytes_max=2 MiB"}});
  begin_with(texts_of(loaded.problems), {file + ":8: listener: mqtt://127.0.0.1:2000 is listened to twice",
                                         file + ":4: auth.password_file: ", file + ":5: auth.acl_file: ",
                                         file + ":2: warning: limits.queue_bytes_max: "});
  const LoadedConfig other = load_config(
      {.file = file, .listen = {"mqtt://127.0.0.1:2000"}, .set = {"auth.password_file=/none/others"}});
  begin_with(texts_of(other.problems), {"auth.password_file: /none/others", file + ":5: auth.acl_file: ",
                                        file + ":2: warning: limits.queue_bytes_max: "});
}

TEST_F(ConfigSourceTest, certificates_have_to_be_asked_for_somewhere) {
  const std::string file = write("[[listener]]\nurl = \"mqtt://127.0.0.1:2000\"\nauth = [\"certificate\"]\n");
  EXPECT_EQ(
      texts_of(load_config({.file = file}).problems),
      std::vector<std::string>{
          file +
          ":3: listener.auth: mqtt://127.0.0.1:2000 asks for certificates, which nobody can show there; "
          "write mqtts:// or wss:// and set tls.client_certificate"});
  write(
      "[[listener]]\nurl = \"mqtt://127.0.0.1:2000\"\nauth = [\"certificate\"]\n"
      "proxy_protocol = true\nproxy_trusted = \"127.0.0.1\"\n");
  EXPECT_EQ(texts_of(load_config({.file = file}).problems), std::vector<std::string>{});
}

TEST_F(ConfigSourceTest, files_that_everybody_can_change_are_warned_of) {
  const std::string file = write("[[acl]]\nuser = \"a\"\nrules = [\"allow all a\"]\n");
  std::filesystem::permissions(file, std::filesystem::perms::others_write,
                               std::filesystem::perm_options::add);
  EXPECT_EQ(texts_of(load_config({.file = file}).problems),
            std::vector<std::string>{"warning: " + file + " can be changed by everybody; chmod o-w " + file});
  const std::string rules = write("user a\nallow all a\n");
  std::filesystem::permissions(rules, std::filesystem::perms::others_write,
                               std::filesystem::perm_options::add);
  EXPECT_EQ(texts_of(load_config({.set = {"auth.acl_file=" + rules}}).problems),
            std::vector<std::string>{"warning: auth.acl_file: " + rules +
                                     " can be changed by everybody; chmod o-w " + rules});
}

TEST_F(ConfigSourceTest, a_secret_in_a_file_that_everybody_can_read_is_warned_of) {
  setenv("GAON_TEST_TOKEN", "s3cret", 1);
  const auto warned = [&](const std::string& text) {
    const std::string file = write(text);
    std::filesystem::permissions(file, std::filesystem::perms::others_read,
                                 std::filesystem::perm_options::add);
    const auto texts = texts_of(load_config({.file = file}).problems);
    return std::ranges::count(texts, file +
                                         ": warning: everybody can read it, and a secret stands in it; "
                                         "chmod o-r " +
                                         file);
  };
  EXPECT_EQ(warned("auth.http_authorization = \"Bearer s3cret\"\n"), 1);
  EXPECT_EQ(warned("auth.http_url = \"https://a:s3cret@id.example/\"\n"), 1);
  EXPECT_EQ(warned("auth.http_authorization = \"Bearer ${GAON_TEST_TOKEN}\"\n"), 0);
  EXPECT_EQ(warned("auth.http_url = \"https://a:${GAON_TEST_TOKEN}@id.example/\"\n"), 0);
}

TEST_F(ConfigSourceTest, expectations_of_the_rules_are_tried) {
  const std::string file = write(
      "[[acl]]\nuser = \"plc7\"\nrules = [\"allow publish line2/#\"]\n"
      "expect = [\n  \"allow user=plc7 publish line2/temp\",\n  \"allow user=plc7 publish "
      "line1/temp\",\n]\n");
  EXPECT_EQ(
      texts_of(load_config({.file = file}).problems),
      std::vector<std::string>{"acl: " + file +
                               ":6: expect allow user=plc7 publish line1/temp: but it is denied; change the "
                               "rules, or what is expected of them"});
}

TEST_F(ConfigSourceTest, a_mistake_in_a_file_of_rules_is_told_with_its_line) {
  const std::string file = write("user plc7\nallow read line2/#\n");
  EXPECT_EQ(texts_of(load_config({.set = {"auth.acl_file=" + file}}).problems),
            std::vector<std::string>{
                "auth.acl_file: " + file +
                ":2: write allow or deny, then publish, subscribe or all, then a topic filter"});
}

TEST_F(ConfigSourceTest, addresses_that_are_asked_have_to_be_such_and_should_be_private) {
  const auto texts = [](const std::string& url) {
    return texts_of(load_config({.set = {"auth.http_url=" + url}}).problems);
  };
  EXPECT_EQ(texts("https://id.example/auth?key=7"), std::vector<std::string>{});
  EXPECT_EQ(texts("http://127.0.0.1:8080/auth"), std::vector<std::string>{});
  EXPECT_EQ(
      texts("ftp://id.example/"),
      std::vector<std::string>{"auth.http_url: this is no address of a server; write https://server/path"});
  EXPECT_EQ(texts("http://id.example/auth?key=7"),
            std::vector<std::string>{
                "warning: auth.http_url: http://id.example is asked without encryption: who is "
                "in between can let everybody in; use https"});
}

TEST_F(ConfigSourceTest, keys_for_tokens_have_to_be_some_and_to_be_meant_for_us) {
  const std::string file = write("hello\n");
  EXPECT_EQ(texts_of(load_config({.set = {"auth.jwt_keys=" + file, "auth.jwt_audience=mqtt"}}).problems),
            std::vector<std::string>{"auth.jwt_keys: " + file +
                                     ": there is no public key for tokens in it, neither PEM nor JWK"});
  EXPECT_EQ(
      texts_of(load_config({.set = {"auth.jwks_url=https://id.example/certs"}}).problems),
      std::vector<std::string>{"warning: auth.jwt_audience: every token that these keys signed lets in, also "
                               "one that is for another service; set auth.jwt_issuer and auth.jwt_audience"});
}

}  // namespace
}  // namespace gaon::app
