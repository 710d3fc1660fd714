#include "auth/acl.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "topic/name.h"

namespace gaon::auth {
namespace {

AclRules rules(std::string_view text) {
  AclRules all;
  const auto read = all.read(text, "acl");
  EXPECT_TRUE(read) << read.error().what;
  return all;
}

AclSet set_of(std::string_view text, const Identity& identity = {}, std::string_view client_id = "c1") {
  return AclSet(rules(text).rules, identity, client_id);
}

TEST(Acl, without_rules_everything_is_allowed_and_with_one_the_rest_is_denied) {
  EXPECT_TRUE(AclSet().may_publish("a"));
  EXPECT_TRUE(set_of("").may_subscribe("#"));
  const AclSet set = set_of("everybody\nallow publish a/#\n");
  EXPECT_TRUE(set.may_publish("a"));
  EXPECT_TRUE(set.may_publish("a/b"));
  EXPECT_FALSE(set.may_publish("ab"));
  EXPECT_FALSE(set.may_subscribe("a/b"));
  EXPECT_FALSE(AclSet({}, {.ruled = true}, "c").may_publish("a"));
}

TEST(Acl, the_first_rule_that_is_about_it_decides) {
  const AclSet set = set_of("everybody\nallow publish a/b\ndeny publish a/+\nallow all #\n");
  EXPECT_TRUE(set.may_publish("a/b"));
  EXPECT_FALSE(set.may_publish("a/c"));
  EXPECT_TRUE(set.may_publish("a"));
  EXPECT_TRUE(set.may_subscribe("a/c"));
}

TEST(Acl, subjects_are_users_clients_roles_and_claims) {
  const std::string_view text =
      "user ada\nallow all u\nclient c1\nallow all c\nrole operator\nallow all r\nclaim site=seoul\nallow "
      "all s\n";
  const AclSet set = set_of(text, {.user = "ada", .roles = {"operator"}, .claims = {{"site", "seoul"}}});
  for (const char* topic : {"u", "c", "r", "s"}) EXPECT_TRUE(set.may_publish(topic)) << topic;
  const AclSet other =
      set_of(text, {.user = "Ada", .roles = {"operators"}, .claims = {{"site", "busan"}}}, "c2");
  for (const char* topic : {"u", "c", "r", "s"}) EXPECT_FALSE(other.may_publish(topic)) << topic;
}

TEST(Acl, values_are_filled_in) {
  const AclSet set = set_of("everybody\nallow all u/%u/c/%c/s/%{site}/100%%\n",
                            {.user = "ada", .claims = {{"site", "seoul"}}}, "c1");
  EXPECT_TRUE(set.may_publish("u/ada/c/c1/s/seoul/100%"));
  EXPECT_FALSE(set.may_publish("u/bob/c/c1/s/seoul/100%"));
}

TEST(Acl, a_value_never_becomes_a_wildcard_or_another_level) {
  for (const std::string user : {"+", "#", "a/b", "", "$SYS", "a+"}) {
    const AclSet set = set_of("everybody\nallow all %u/#\nallow all x/%u\n", {.user = user});
    EXPECT_FALSE(set.may_subscribe("+/#")) << user;
    EXPECT_FALSE(set.may_subscribe("a/b/#")) << user;
    EXPECT_FALSE(set.may_subscribe("$SYS/#")) << user;
    EXPECT_FALSE(set.may_publish("x/" + user)) << user;
  }
  EXPECT_FALSE(set_of("everybody\nallow all %{none}/#\n").may_publish("x/y"));
  // Two values: which of them?
  EXPECT_FALSE(
      set_of("everybody\nallow all %{g}/#\n", {.claims = {{"g", "a"}, {"g", "b"}}}).may_publish("a/y"));
}

TEST(Acl, a_denial_that_cannot_be_filled_in_denies_more_not_less) {
  const AclSet set = set_of("everybody\ndeny all home/%u/keys\nallow all #\n", {.user = "a/b"});
  EXPECT_FALSE(set.may_publish("home/a/b/keys"));
  EXPECT_FALSE(set.may_publish("home/x"));
  EXPECT_TRUE(set.may_publish("homes"));
  EXPECT_FALSE(set.may_subscribe("home/#"));
}

TEST(Acl, a_filter_is_allowed_only_if_all_its_topics_are) {
  const AclSet set =
      set_of("everybody\ndeny subscribe a/secret\nallow subscribe a/#\nallow subscribe $SYS/broker/+\n");
  EXPECT_TRUE(set.may_subscribe("a/b/#"));
  EXPECT_TRUE(set.may_subscribe("a/b"));
  EXPECT_FALSE(set.may_subscribe("a/#"));
  EXPECT_FALSE(set.may_subscribe("a/+"));
  EXPECT_TRUE(set.may_subscribe("a/+/x"));
  EXPECT_FALSE(set.may_subscribe("a/secret"));
  EXPECT_FALSE(set.may_subscribe("#"));
  EXPECT_TRUE(set.may_subscribe("$SYS/broker/uptime"));
  EXPECT_FALSE(set.may_subscribe("$SYS/broker/#"));
  const AclSet all = set_of("everybody\nallow subscribe #\n");
  EXPECT_TRUE(all.may_subscribe("#"));
  EXPECT_TRUE(all.may_subscribe("+/a"));
  EXPECT_FALSE(all.may_subscribe("$SYS/#"));
  EXPECT_FALSE(all.may_receive("$SYS/x"));
}

// What may_subscribe() promises, against the plainest matching, over a small world.
RC_GTEST_PROP(Acl, an_allowed_filter_matches_only_topics_that_may_be_received, ()) {
  const auto level = [](bool wild) {
    return wild ? rc::gen::element<std::string>("a", "b", "$x", "+")
                : rc::gen::element<std::string>("a", "b", "$x");
  };
  const auto filter = [&] {
    std::string text = *level(true);
    for (int more = *rc::gen::inRange(0, 3); more > 0; --more) text += "/" + *level(true);
    if (*rc::gen::inRange(0, 3) == 0) text += "/#";
    if (*rc::gen::inRange(0, 12) == 0) text = "#";
    return text;
  };
  std::vector<AclRule> some;
  for (int i = *rc::gen::inRange(0, 5); i >= 0; --i) {
    some.push_back({.allow = *rc::gen::arbitrary<bool>(), .filter = filter()});
  }
  const AclSet set(some, {}, "c");
  const std::string wanted = filter();
  if (!set.may_subscribe(wanted)) return;
  for (const std::string first : {"a", "b", "$x"}) {
    for (const std::string second : {"", "/a", "/b", "/$x"}) {
      for (const std::string third : {"", "/a", "/b"}) {
        const std::string topic = first + second + third;
        if (topic::matches(wanted, topic)) RC_ASSERT(set.may_receive(topic));
      }
    }
  }
}

TEST(Acl, expectations_are_tried_against_the_rules) {
  const AclRules all = rules(
      "user plc7\nallow publish line2/#\n"
      "expect allow user=plc7 publish line2/temp\n"
      "expect deny  user=plc7 subscribe line2/temp\n"
      "expect allow user=plc8 client=x role=r claim=a=b publish line2/temp\n");
  EXPECT_EQ(all.unmet(),
            std::vector<std::string>{"acl:5: expect allow user=plc8 client=x role=r claim=a=b publish "
                                     "line2/temp: but it is denied"});
}

TEST(Acl, a_mistake_is_told_with_its_line) {
  const struct {
    std::string_view text;
    std::string_view what;
  } cases[] = {
      {"allow all #", "acl:1: whom is it about? Write a line like 'user plc7' or 'everybody' above it"},
      {"\nusers ada\n", "acl:2: write everybody, user NAME, client ID, role NAME or claim NAME=VALUE"},
      {"claim x\n", "acl:1: write claim NAME=VALUE"},
      {"everybody\nallow read #",
       "acl:2: write allow or deny, then publish, subscribe or all, then a topic filter"},
      {"everybody\nallow all",
       "acl:2: write allow or deny, then publish, subscribe or all, then a topic filter"},
      {"everybody\nallow all a/#/b", "acl:2: 'a/#/b' is no topic filter"},
      {"everybody\nallow all %x", "acl:2: behind a % stands u, c, {claim} or another %"},
      {"everybody\nallow all %{}", "acl:2: behind a % stands u, c, {claim} or another %"},
      {"everybody\nallow all $share/g/a", "acl:2: leave $share/<name>/ out: rules are about topics"},
      {"expect allow user=a publish a/#", "acl:1: 'a/#' is no topic"},
      {"expect allow usr=a publish a",
       "acl:1: write for example: expect allow user=plc7 role=operator client=c1 claim=site=seoul publish "
       "line2/temp"},
  };
  for (const auto& [text, what] : cases) {
    AclRules all;
    const auto read = all.read(text, "acl");
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().what, what);
  }
}

TEST(Acl, rules_are_shown_as_they_are_written) {
  for (const char* text : {"allow publish a/%c/#", "deny subscribe x", "allow all with a space/+"}) {
    EXPECT_EQ(to_string(*parse_acl_rule(text)), text);
  }
  for (const char* text : {"everybody", "user a b", "client c", "role r", "claim a=b=c"}) {
    EXPECT_EQ(to_string(*parse_acl_subject(text)), text);
  }
}

}  // namespace
}  // namespace gaon::auth
