#include "app/sub_options.h"

#include <gtest/gtest.h>

namespace gaon::app {
namespace {

SubOptions read(Arguments arguments) {
  auto options = read_sub_options(std::move(arguments));
  EXPECT_TRUE(options) << options.error().text;
  return options.value_or(SubOptions{});
}

std::string mistake(Arguments arguments) {
  const auto options = read_sub_options(std::move(arguments));
  if (options) return "";
  EXPECT_EQ(options.error().code, kUsage);
  return options.error().text.substr(0, options.error().text.find('\n'));
}

TEST(SubOptions, defaults_are_those_of_the_help) {
  const SubOptions options = read({"-t", "a/#"});
  EXPECT_EQ(options.filters, std::vector<std::string>{"a/#"});
  EXPECT_EQ(options.qos, 0);
  EXPECT_TRUE(options.newline);
  EXPECT_TRUE(options.show_retained);
  EXPECT_FALSE(options.verbose);
  EXPECT_EQ(options.count, 0U);
  EXPECT_EQ(options.timeout_s, 0);
  EXPECT_EQ(options.retain_handling, 0);
}

TEST(SubOptions, every_letter_is_taken) {
  const SubOptions options = read({"-t",
                                   "a",
                                   "-t",
                                   "b/+",
                                   "-T",
                                   "a/x",
                                   "-T",
                                   "a/y",
                                   "-U",
                                   "old",
                                   "-q",
                                   "1",
                                   "-v",
                                   "-F",
                                   "%t",
                                   "-N",
                                   "-C",
                                   "5",
                                   "-W",
                                   "2.5",
                                   "-E",
                                   "-R",
                                   "--retain-as-published",
                                   "--retain-handling",
                                   "new",
                                   "--no-local"});
  EXPECT_EQ(options.filters, (std::vector<std::string>{"a", "b/+"}));
  EXPECT_EQ(options.filter_outs, (std::vector<std::string>{"a/x", "a/y"}));
  EXPECT_EQ(options.unsubscribes, std::vector<std::string>{"old"});
  EXPECT_EQ(options.qos, 1);
  EXPECT_TRUE(options.verbose);
  EXPECT_EQ(options.format, "%t");
  EXPECT_FALSE(options.newline);
  EXPECT_EQ(options.count, 5U);
  EXPECT_EQ(options.timeout_s, 2.5);
  EXPECT_TRUE(options.exit_after_subscribing);
  EXPECT_FALSE(options.show_retained);
  EXPECT_TRUE(options.retain_as_published);
  EXPECT_EQ(options.retain_handling, 1);
  EXPECT_TRUE(options.no_local);
  EXPECT_TRUE(read({"-t", "a", "--retained-only"}).retained_only);
}

TEST(SubOptions, the_topic_of_a_url_is_one_more_filter) {
  EXPECT_EQ(read({"-t", "a", "-L", "mqtt://box/b/#"}).filters, (std::vector<std::string>{"a", "b/#"}));
}

struct Case {
  Arguments arguments;
  const char* mistake;
};

TEST(SubOptions, a_mistake_names_what_is_wrong) {
  const Case cases[] = {
      {{}, "gaon sub: there is nothing to subscribe to: -t"},
      {{"-t", "a", "-R", "--retained-only"}, "gaon sub: --retained-only and -R leave nothing to show"},
      {{"-t", "a", "-F", "%z"}, "gaon sub: -F: there is no %z"},
      {{"-t", "a", "-V", "311", "--no-local"},
       "gaon sub: --no-local, --retain-as-published and --retain-handling need MQTT 5"},
      {{"-t", "a", "-C", "0"}, "gaon sub: --count: 0 is not a number from 1 to 4294967295"},
  };
  for (const Case& c : cases) EXPECT_EQ(mistake(c.arguments), c.mistake);
  Arguments many;
  for (std::size_t i = 0; i <= kFiltersMax; ++i) many.insert(many.end(), {"-t", "a"});
  EXPECT_EQ(mistake(many), "gaon sub: there are more than 10,000 filters");
}

}  // namespace
}  // namespace gaon::app
