#include "app/config_file.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "app/config_key.h"

namespace gaon::app {
namespace {

std::string delivered_file() {
  const auto top = std::filesystem::path(__FILE__).parent_path().parent_path().parent_path();
  std::ifstream file(top / "gaon.toml");
  return std::string(std::istreambuf_iterator<char>(file), {});
}

std::vector<std::string> problems_of(std::string_view text) {
  broker::Config config;
  std::vector<std::string> texts;
  ConfigLines lines;
  for (const Problem& problem : read_config(text, "x.toml", config, lines)) texts.push_back(to_text(problem));
  return texts;
}

broker::Config defaults() {
  broker::Config config;
  config.listeners = default_listeners();
  return config;
}

TEST(ConfigFile, the_delivered_file_names_every_key_with_its_default) {
  EXPECT_EQ(delivered_file(), show_config(defaults(), true));
  const auto config = parse_config(delivered_file(), "gaon.toml");
  ASSERT_TRUE(config) << config.error().what;
  EXPECT_EQ(show_config(*config, false), show_config(broker::Config(defaults()), false));
}

TEST(ConfigFile, an_empty_file_is_the_defaults) {
  const auto config = parse_config("", "x.toml");
  ASSERT_TRUE(config) << config.error().what;
  EXPECT_EQ(show_config(*config, false), show_config(defaults(), false));
}

TEST(ConfigFile, what_is_shown_reads_back_to_the_same) {
  broker::Config config = defaults();
  for (const ConfigKey& key : config_keys()) {
    if (key.kind == KeyKind::number) key.put(config, key.least);
    if (key.kind == KeyKind::flag) key.put(config, !std::get<bool>(key.get(config)));
    if (key.kind == KeyKind::choice) key.put(config, std::int64_t{1});
  }
  config.data_dir = "with \"quotes\",\n a break and a \\";
  config.listeners.pop_back();
  config.listeners.front().allow_anonymous = false;
  const std::string shown = show_config(config, false);
  const auto again = parse_config(shown, "shown");
  ASSERT_TRUE(again) << again.error().what;
  EXPECT_EQ(show_config(*again, false), shown);
  EXPECT_EQ(again->data_dir, config.data_dir);
}

TEST(ConfigFile, listeners_are_read) {
  const auto config = parse_config(
      "[[listener]]\nurl = \"mqtt://0.0.0.0:1884\"\nallow_anonymous = true\n"
      "[[listener]]\nurl = \"mqtt://[::1]:1885\"\n",
      "x.toml");
  ASSERT_TRUE(config) << config.error().what;
  ASSERT_EQ(config->listeners.size(), 2U);
  EXPECT_EQ(config->listeners[0].url.port, 1884);
  EXPECT_TRUE(config->listeners[0].allow_anonymous);
  EXPECT_EQ(config->listeners[1].url.port, 1885);
  EXPECT_FALSE(config->listeners[1].allow_anonymous);
}

TEST(ConfigFile, every_problem_is_named_with_its_line) {
  const std::vector<std::string> expected = {
      "x.toml:3: limits.queue_byte_max: there is no such key; did you mean limits.queue_bytes_max?",
      "x.toml:2: limits.receive_maximum: 0 is too small; write 1 to 65535",
      "x.toml:1: workers: true is not a number; write 0 to 64",
  };
  EXPECT_EQ(problems_of("workers = true\n[limits]\nreceive_maximum = 0\nqueue_byte_max = 3\n").size(), 3U);
  const auto texts = problems_of("workers = true\nlimits.receive_maximum = 0\nlimits.queue_byte_max = 3\n");
  EXPECT_TRUE(std::is_permutation(texts.begin(), texts.end(), expected.begin(), expected.end()))
      << testing::PrintToString(texts);
}

struct Case {
  const char* text;
  const char* problem;
};

TEST(ConfigFile, a_wrong_shape_is_told_apart) {
  const Case cases[] = {
      {"workers = 1.5",
       "x.toml:1: workers: a value of this type does not fit; see 'gaon config show --docs'"},
      {"limits = 3", "x.toml:1: limits: this is a table; write [limits]"},
      {"[limit]\nconnections_max = 1",
       "x.toml:1: limit: this is no list of at most 1000 tables; write [[limit]]"},
      {"[log.level]\nx = 1",
       "x.toml:1: log.level: a value of this type does not fit; see 'gaon config show --docs'"},
      {"[listener]\nurl = \"mqtt://127.0.0.1\"",
       "x.toml:1: listener: listeners are a list of tables; write [[listener]]"},
      {"[[listener]]\nallow_anonymous = true",
       "x.toml:1: listener.url: a listener needs an address; write url = \"mqtt://127.0.0.1:1883\""},
      {"[[listener]]\nurl = \"mqtt://127.0.0.1\"\nallow_anonymus = true",
       "x.toml:3: listener.allow_anonymus: there is no such key; did you mean allow_anonymous?"},
      {"[[listener]]\nurl = \"mqtt://127.0.0.1\"\nallow_anonymous = 1",
       "x.toml:3: listener.allow_anonymous: 1 is neither true nor false; write true or false"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(problems_of(c.text), std::vector<std::string>{c.problem}) << c.text;
  }
}

TEST(ConfigFile, what_is_not_toml_names_the_line) {
  const auto problems = problems_of("workers = 1\nworkers =\n");
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].substr(0, 33), "x.toml:2: this is not TOML: Error") << problems[0];
}

TEST(ConfigFile, a_wrong_address_is_a_problem_of_its_line) {
  const auto problems = problems_of("[[listener]]\nurl = \"gopher://127.0.0.1\"\n");
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_TRUE(problems[0].starts_with("x.toml:2: listener.url: ")) << problems[0];
}

TEST(ConfigFile, more_listeners_than_allowed_are_refused) {
  std::string text;
  for (int i = 0; i < 65; ++i)
    text += "[[listener]]\nurl = \"mqtt://127.0.0.1:" + std::to_string(2000 + i) + "\"\n";
  const auto problems = problems_of(text);
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0], "x.toml:129: listener: there are more than 64 listeners; leave some out");
}

TEST(ConfigFile, a_file_of_more_than_a_mebibyte_is_refused) {
  const auto problems = problems_of(std::string((1 << 20) + 1, '\n'));
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0], "x.toml: the file is larger than 1 MiB; is it the right file?");
}

TEST(ConfigFile, a_listener_names_how_clients_show_who_they_are) {
  const auto config = parse_config(
      "[[listener]]\nurl = \"mqtt://127.0.0.1:2000\"\nauth = [\"jwt\", \"certificate\"]\nrequire = \"all\"\n",
      "f");
  ASSERT_TRUE(config) << config.error().what;
  const broker::ListenerConfig& listener = config->listeners[0];
  EXPECT_EQ(*listener.auth, (std::vector{broker::AuthMethod::jwt, broker::AuthMethod::certificate}));
  EXPECT_TRUE(listener.require_all);
  EXPECT_TRUE(
      show_config(*config, false).ends_with("auth = [\"jwt\", \"certificate\"]\nrequire = \"all\"\n"));
  const struct {
    std::string line;
    std::string what;
  } cases[] = {
      {"auth = \"jwt\"", "this is no list; write auth = [\"password\", \"jwt\"]"},
      {"auth = [\"pasword\"]", "there is no such way to authenticate; did you mean password?"},
      {"auth = [\"jwt\", \"jwt\"]", "jwt is there twice; leave one out"},
  };
  for (const auto& [line, what] : cases) {
    const auto wrong = parse_config("[[listener]]\nurl = \"mqtt://127.0.0.1:2000\"\n" + line + "\n", "f");
    ASSERT_FALSE(wrong) << line;
    EXPECT_EQ(wrong.error().what, "f:3: listener.auth: " + what);
  }
}

TEST(ConfigFile, rules_are_read_and_shown_in_their_order) {
  const std::string text =
      "[[acl]]\nclaim = \"site=seoul\"\nrules = [\n  \"allow all s/%{site}/#\",\n  \"deny publish x\",\n]\n"
      "\n[[acl]]\nrules = [\n  \"allow subscribe #\",\n]\n"
      "\n[[acl]]\nexpect = [\n  \"deny user=a publish x\",\n]\n";
  const auto config = parse_config(text, "f");
  ASSERT_TRUE(config) << config.error().what;
  ASSERT_EQ(config->auth.rules.rules.size(), 3U);
  EXPECT_EQ(config->auth.rules.rules[1].subject.value, "seoul");
  EXPECT_NE(show_config(*config, false).find(text), std::string::npos);
}

TEST(ConfigFile, a_mistake_in_the_rules_is_told_with_line_and_key) {
  EXPECT_EQ(problems_of("[[acl]]\nusr = \"a\"\n"),
            std::vector<std::string>{"x.toml:2: acl.usr: there is no such key; did you mean user?"});
  EXPECT_EQ(problems_of("[[acl]]\nuser = \"a\"\nrole = \"b\"\n"),
            std::vector<std::string>{
                "x.toml:3: acl.role: this is about two kinds of clients; write one [[acl]] for each"});
  EXPECT_EQ(problems_of("[[acl]]\nrules = [\n\"allow all #\",\n\"allow all a#\"]\n"),
            std::vector<std::string>{"x.toml:4: acl.rules: 'a#' is no topic filter"});
  EXPECT_EQ(problems_of("[[acl]]\nrules = \"allow all #\"\n"),
            std::vector<std::string>{"x.toml:2: acl.rules: this is no list of texts; write [\"…\", \"…\"]"});
  EXPECT_EQ(problems_of("acl = 7\n"),
            std::vector<std::string>{"x.toml:1: acl: rules are a list of tables; write [[acl]]"});
}

TEST(ConfigFile, what_stands_in_the_environment_need_not_stand_in_the_file) {
  setenv("GAON_TEST_PLACE", "/srv/gaon", 1);
  const auto config = parse_config("data_dir = \"${GAON_TEST_PLACE}/$${x}\"\n", "f");
  ASSERT_TRUE(config) << config.error().what;
  EXPECT_EQ(config->data_dir, "/srv/gaon/${x}");
  unsetenv("GAON_TEST_PLACE");
  EXPECT_EQ(problems_of("data_dir = \"${GAON_TEST_PLACE}\"\n"),
            std::vector<std::string>{"x.toml:1: data_dir: the environment has no GAON_TEST_PLACE"});
  EXPECT_EQ(problems_of("data_dir = \"${x\"\n"),
            std::vector<std::string>{
                "x.toml:1: data_dir: a ${ without NAME} behind it; write $${ for the text itself"});
}

TEST(ConfigFile, every_table_may_name_what_stands_in_the_environment) {
  setenv("GAON_TEST_NAME", "pump", 1);
  setenv("GAON_TEST_NUMBER", "7", 1);
  const std::string text =
      "limits.inflight_max = \"${GAON_TEST_NUMBER}\"\n"
      "[[listener]]\nurl = \"mqtt://127.0.0.${GAON_TEST_NUMBER}\"\nlimits.messages_per_s = "
      "\"${GAON_TEST_NUMBER}\"\n"
      "[[acl]]\nuser = \"${GAON_TEST_NAME}\"\nrules = [\n\"allow all a\",\n\"allow all "
      "${GAON_TEST_NAME}/#\"]\n"
      "[[limit]]\nuser = \"${GAON_TEST_NAME}\"\nmessages_per_s = \"${GAON_TEST_NUMBER}\"\n"
      "[[ban]]\nclient = \"${GAON_TEST_NAME}-$${x}\"\n";
  const auto config = parse_config(text, "f");
  ASSERT_TRUE(config) << config.error().what;
  EXPECT_EQ(config->limits.inflight_max, 7U);
  EXPECT_EQ(net::to_string(config->listeners.at(0).url), "mqtt://127.0.0.7:1883");
  EXPECT_EQ(config->listeners[0].limits.of_clients.at(0).value, 7U);
  EXPECT_EQ(to_string(config->auth.rules.rules.at(1).subject), "user pump");
  EXPECT_EQ(config->auth.rules.rules[1].filter, "pump/#");
  EXPECT_EQ(config->limit_entries.at(0).user, "pump");
  EXPECT_EQ(config->limit_entries[0].values.at(0).value, 7U);
  EXPECT_EQ(config->bans.at(0).client, "pump-${x}");
  const auto again = parse_config(show_config(*config, false), "f");
  ASSERT_TRUE(again) << again.error().what;
  EXPECT_EQ(again->bans, config->bans);
  unsetenv("GAON_TEST_NAME");
  unsetenv("GAON_TEST_NUMBER");
  const auto problems = problems_of(text);
  EXPECT_EQ(problems.size(), 8U) << testing::PrintToString(problems);
  EXPECT_EQ(std::ranges::count(problems, "x.toml:9: acl.rules: the environment has no GAON_TEST_NAME"), 1);
  EXPECT_EQ(std::ranges::count(problems, "x.toml:14: ban.client: the environment has no GAON_TEST_NAME"), 1);
}

TEST(ConfigFile, what_came_out_of_the_environment_is_not_shown) {
  setenv("GAON_TEST_TOKEN", "s3cret", 1);
  for (const char* key : {"auth.jwks_url", "auth.http_url"}) {
    const std::string url = "https://id.example/${GAON_TEST_TOKEN}";
    const auto config = parse_config(std::string(key) + " = \"" + url + "\"\n", "f");
    ASSERT_TRUE(config) << config.error().what;
    EXPECT_EQ(std::get<std::string>(find_key(key)->get(*config)), "https://id.example/s3cret");
    const std::string text = show_config(*config, false);
    EXPECT_NE(text.find("_url = \"" + url + "\"\n"), std::string::npos) << text;
    EXPECT_EQ(text.find("s3cret"), std::string::npos);
    broker::Config set;
    ASSERT_TRUE(set_key(set, std::string(key) + "=" + url));
    EXPECT_EQ(std::get<std::string>(find_key(key)->get(set)), "https://id.example/s3cret");
    EXPECT_EQ(show_config(set, false).find("s3cret"), std::string::npos);
  }
}

TEST(ConfigFile, a_secret_is_not_shown_unless_it_is_only_named) {
  setenv("GAON_TEST_TOKEN", "s3cret", 1);
  for (const auto& [value, shown] : {std::pair{"Bearer ${GAON_TEST_TOKEN}", "Bearer ${GAON_TEST_TOKEN}"},
                                     std::pair{"Bearer s3cret", "(not shown)"}, std::pair{"", ""}}) {
    const auto config = parse_config("auth.http_authorization = \"" + std::string(value) + "\"\n", "f");
    ASSERT_TRUE(config) << config.error().what;
    const std::string text = show_config(*config, false);
    EXPECT_NE(text.find("http_authorization = \"" + std::string(shown) + "\"\n"), std::string::npos);
    EXPECT_EQ(text.find("s3cret"), std::string::npos);
  }
}

TEST(ConfigFile, limits_of_some_clients_and_bans_are_read_and_shown_so_that_they_read_back) {
  const std::string text =
      "[[listener]]\nurl = \"mqtt://127.0.0.1\"\nlimits.connections_max = 7\nlimits.connects_per_s = 8\n"
      "limits.messages_per_s = 9\n"
      "[[limit]]\nclient = \"a\"\n"
      "[[limit]]\nuser = \"plc*\"\nbytes_per_s = \"2 KiB\"\ninflight_max = 5\n"
      "[[ban]]\naddress = \"10.0.0.0/8, ::1\"\n[[ban]]\nclient = \"x*\"\n[[ban]]\nuser = \"eve\"\n";
  const auto config = parse_config(text, "f");
  ASSERT_TRUE(config) << config.error().what;
  const broker::ListenerLimits& limits = config->listeners.at(0).limits;
  EXPECT_EQ(limits.connections_max, 7U);
  EXPECT_EQ(limits.connects_per_s, 8U);
  EXPECT_EQ(limits.of_clients, (broker::ClientLimitValues{{broker::find_client_limit("messages_per_s"), 9}}));
  ASSERT_EQ(config->limit_entries.size(), 2U);
  EXPECT_EQ(config->limit_entries[1].user, "plc*");
  EXPECT_EQ(config->limit_entries[1].values,
            (broker::ClientLimitValues{{broker::find_client_limit("bytes_per_s"), 2048},
                                       {broker::find_client_limit("inflight_max"), 5}}));
  EXPECT_EQ(config->bans, (std::vector<broker::BanEntry>{
                              {.address = "10.0.0.0/8, ::1"}, {.client = "x*"}, {.user = "eve"}}));
  const auto again = parse_config(show_config(*config, false), "f");
  ASSERT_TRUE(again) << again.error().what;
  EXPECT_EQ(again->listeners.at(0).limits.of_clients, limits.of_clients);
  EXPECT_EQ(again->limit_entries, config->limit_entries);
  EXPECT_EQ(again->bans, config->bans);
}

TEST(ConfigFile, a_mistake_in_limits_and_bans_is_told_with_line_and_key) {
  const std::pair<const char*, const char*> cases[] = {
      {"[[limit]]\nmessages_per_s = 5\n", "x.toml:1: limit: whom this is about is missing"},
      {"[[limit]]\nuser = \"a\"\nmesages_per_s = 5\n",
       "x.toml:3: limit.mesages_per_s: there is no such key; did"},
      {"[[limit]]\nuser = \"a\"\n", "x.toml:1: limit: there is no limit in it"},
      {"[[limit]]\nuser = \"a\"\ninflight_max = 0\n", "x.toml:3: limit.inflight_max: 0 is too small"},
      {"[[ban]]\naddress = \"10.0.0.0/33\"\n", "x.toml:1: ban.address: "},
      {"[[ban]]\nuser = \"a\"\nclient = \"b\"\n", "x.toml:1: ban: this is not about one kind of clients"},
      {"[[ban]]\n", "x.toml:1: ban: "},
      {"[[ban]]\nrole = \"a\"\n", "x.toml:2: ban.role: there is no such key"}};
  for (const auto& [text, start] : cases) {
    const auto problems = problems_of(text);
    ASSERT_FALSE(problems.empty()) << text;
    EXPECT_TRUE(problems[0].starts_with(start)) << problems[0];
  }
}

}  // namespace
}  // namespace gaon::app
