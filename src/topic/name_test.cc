#include "topic/name.h"

#include <gtest/gtest.h>

#include <string>

namespace gaon::topic {
namespace {

using namespace std::string_view_literals;

TEST(Name, holds_no_wildcard_and_no_zero) {
  for (const auto name : {"a"sv, "/"sv, "a/b"sv, "//"sv, " "sv, "$SYS/x"sv, "a//b"sv}) {
    EXPECT_TRUE(valid_name(name)) << name;
  }
  for (const auto name : {""sv, "#"sv, "+"sv, "a/+"sv, "a/b#"sv, "a\0b"sv, "\0"sv}) {
    EXPECT_FALSE(valid_name(name)) << name;
  }
}

TEST(Name, has_at_most_65535_bytes) {
  EXPECT_TRUE(valid_name(std::string(65535, 'a')));
  EXPECT_FALSE(valid_name(std::string(65536, 'a')));
  EXPECT_TRUE(valid_filter(std::string(65533, 'a') + "/#"));
  EXPECT_FALSE(valid_filter(std::string(65534, 'a') + "/#"));
}

TEST(Filter, has_wildcards_only_as_whole_levels_and_hash_only_last) {
  for (const auto filter : {"#"sv, "+"sv, "/"sv, "a"sv, "a/#"sv, "/#"sv, "+/#"sv, "+/+"sv, "a/+/b"sv, "/+"sv,
                            "+/"sv, "a//#"sv, "$SYS/#"sv, "$share/g/a"sv}) {
    EXPECT_TRUE(valid_filter(filter)) << filter;
  }
  for (const auto filter : {""sv, "a#"sv, "#a"sv, "#/"sv, "#/a"sv, "a/#/b"sv, "##"sv, "a+"sv, "+a"sv, "++"sv,
                            "a/b+"sv, "+#"sv, "a/+#"sv, "a\0"sv, "a/#/"sv}) {
    EXPECT_FALSE(valid_filter(filter)) << filter;
  }
}

TEST(Filter, has_one_level_more_than_slashes) {
  EXPECT_EQ(levels("a"), 1U);
  EXPECT_EQ(levels("/"), 2U);
  EXPECT_EQ(levels("a/b/"), 3U);
}

struct Pair {
  std::string_view filter;
  std::string_view name;
  bool match;
};

constexpr Pair kPairs[] = {
    {"a", "a", true},           {"a", "b", false},
    {"a", "A", false},          {"a", "a/", false},
    {"a/", "a", false},         {"a/", "a/", true},
    {"a/b", "a/b", true},       {"a/b", "a//b", false},
    {"a//b", "a//b", true},     {"#", "a", true},
    {"#", "/", true},           {"#", "a/b/c", true},
    {"#", "$SYS", false},       {"#", "$SYS/a", false},
    {"#", "a/$SYS", true},      {"+", "a", true},
    {"+", "a/b", false},        {"+", "/a", false},
    {"+", "$SYS", false},       {"+/+", "/a", true},
    {"/+", "/a", true},         {"+/+", "a", false},
    {"+/a", "$SYS/a", false},   {"+/#", "$SYS/a", false},
    {"+/#", "a", true},         {"+/#", "a/b/c", true},
    {"$SYS/#", "$SYS", true},   {"$SYS/#", "$SYS/a/b", true},
    {"$SYS/+", "$SYS/a", true}, {"a/+", "a/$x", true},
    {"a/#", "a", true},         {"a/#", "a/", true},
    {"a/#", "a/b/c", true},     {"a/#", "ab", false},
    {"a/+", "a", false},        {"a/+", "a/", true},
    {"a/+", "a/b", true},       {"a/+", "a/b/c", false},
    {"a/+/#", "a", false},      {"a/+/#", "a/b", true},
    {"a/+/c", "a/b/c", true},   {"a/+/c", "a//c", true},
    {"a/+/c", "a/b/d", false},  {"//#", "/", true},
    {"//#", "//x", true},       {"/#", "a", false},
};

TEST(Filter, matches_as_the_text_says) {
  for (const Pair& pair : kPairs) {
    EXPECT_EQ(matches(pair.filter, pair.name), pair.match) << pair.filter << " on " << pair.name;
  }
}

TEST(SharedFilter, is_taken_apart) {
  const auto shared = parse_shared("$share/g/a/+");
  ASSERT_TRUE(shared);
  EXPECT_EQ(shared->share_name, "g");
  EXPECT_EQ(shared->filter, "a/+");
  EXPECT_EQ(parse_shared("$share/g//t")->filter, "/t");
  EXPECT_EQ(parse_shared("$share/g/#")->filter, "#");
}

TEST(SharedFilter, needs_a_name_without_wildcards_and_a_valid_filter) {
  for (const auto filter : {"$share/"sv, "$share//t"sv, "$share/g"sv, "$share/g/"sv, "$share/g+/t"sv,
                            "$share/#/t"sv, "$share/+/t"sv, "$share/g/a#"sv, "$share/g/#/a"sv}) {
    EXPECT_TRUE(is_shared(filter));
    EXPECT_FALSE(parse_shared(filter)) << filter;
  }
  for (const auto filter : {"$share"sv, "$shared/g/t"sv, "a"sv, "$SHARE/g/t"sv}) {
    EXPECT_FALSE(is_shared(filter));
    EXPECT_FALSE(parse_shared(filter)) << filter;
  }
}

}  // namespace
}  // namespace gaon::topic
