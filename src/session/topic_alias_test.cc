#include "session/topic_alias.h"

#include <gtest/gtest.h>

namespace gaon {
namespace {

TEST(InboundAliases, stand_for_the_topic_they_were_last_set_to) {
  InboundAliases aliases;
  aliases.set(3, "a");
  aliases.set(1, "b");
  EXPECT_EQ(aliases.find(3), "a");
  aliases.set(3, "c");  // U5-3.3.4-b
  EXPECT_EQ(aliases.find(3), "c");
  EXPECT_EQ(aliases.find(1), "b");
}

TEST(InboundAliases, stand_for_nothing_before_they_are_set) {
  InboundAliases aliases;
  EXPECT_EQ(aliases.find(1), "");
  aliases.set(3, "a");
  EXPECT_EQ(aliases.find(2), "");
  EXPECT_EQ(aliases.find(4), "");
  EXPECT_EQ(aliases.find(65'535), "");
}

TEST(OutboundAliases, go_to_the_first_topics_until_the_maximum) {
  OutboundAliases aliases(2);
  for (int round = 0; round < 2; ++round) {
    for (const char* topic : {"a", "b", "c"}) {
      const auto use = aliases.find(topic);
      EXPECT_EQ(use.known, round == 1 && *topic != 'c') << topic;
      EXPECT_EQ(use.alias, *topic == 'c' ? 0 : *topic - 'a' + 1) << topic;
      if (use.alias != 0 && !use.known) aliases.set(topic);
    }
  }
}

TEST(OutboundAliases, are_not_known_before_the_packet_is_written) {
  OutboundAliases aliases(1);
  EXPECT_EQ(aliases.find("a").alias, 1);
  EXPECT_FALSE(aliases.find("a").known);
  EXPECT_EQ(aliases.find("b").alias, 1);
}

TEST(OutboundAliases, with_a_maximum_of_zero_there_are_none) {
  EXPECT_EQ(OutboundAliases(0).find("a").alias, 0);
}

}  // namespace
}  // namespace gaon
