#include "mqtt/entries.h"

#include <gtest/gtest.h>

#include <vector>

#include "mqtt/notation_test.h"

namespace gaon::mqtt {

namespace {

TEST(Entries, give_subscriptions_with_their_options) {
  const SubscriptionList list(bytes("<a/#> 02 <b> 2D"));
  ASSERT_EQ(list.size(), 2u);
  std::vector<Subscription> seen;
  for (const Subscription& one : list) seen.push_back(one);
  EXPECT_EQ(seen[0], (Subscription{.filter = "a/#", .qos = QoS::exactly_once}));
  EXPECT_EQ(seen[1], (Subscription{.filter = "b",
                                   .qos = QoS::at_least_once,
                                   .no_local = true,
                                   .retain_as_published = true,
                                   .retain_handling = RetainHandling::do_not_send}));
}

TEST(Entries, appended_are_the_ones_read) {
  Buffer to;
  const Subscription one{.filter = "x/+",
                         .qos = QoS::at_least_once,
                         .no_local = true,
                         .retain_handling = RetainHandling::send_if_new};
  append_subscription(to, one);
  EXPECT_EQ(as_text(to.view()), as_text(bytes("<x/+> 15")));
  EXPECT_EQ(*SubscriptionList(to.view()).begin(), one);
}

TEST(Entries, give_filters) {
  Buffer to;
  append_filter(to, "a");
  append_filter(to, "b/#");
  const FilterList list(to.view());
  EXPECT_EQ(list.size(), 2u);
  std::string seen;
  for (const std::string_view filter : list) seen += std::string(filter) + " ";
  EXPECT_EQ(seen, "a b/# ");
}

TEST(Entries, may_be_none) {
  EXPECT_TRUE(FilterList().empty());
  EXPECT_TRUE(FilterList().begin() == FilterList().end());
}

TEST(EntriesDeathTest, must_be_whole) {
  EXPECT_DEATH(SubscriptionList(bytes("<a>")), "failed");
  EXPECT_DEATH(FilterList(bytes("0002 'a'")), "failed");
}

}  // namespace

}  // namespace gaon::mqtt
