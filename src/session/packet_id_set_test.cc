#include "session/packet_id_set.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace gaon {
namespace {

TEST(PacketIdSet, tells_whether_an_id_was_there) {
  PacketIdSet ids;
  EXPECT_FALSE(ids.contains(1));
  EXPECT_TRUE(ids.insert(1));
  EXPECT_FALSE(ids.insert(1));
  EXPECT_TRUE(ids.contains(1));
  EXPECT_EQ(ids.size(), 1u);
  EXPECT_TRUE(ids.erase(1));
  EXPECT_FALSE(ids.erase(1));
  EXPECT_EQ(ids.size(), 0u);
}

TEST(PacketIdSet, is_the_same_while_short_long_and_short_again) {
  PacketIdSet ids;
  std::set<std::uint16_t> model;
  std::mt19937 random(1);
  for (int round = 0; round < 6; ++round) {
    for (int step = 0; step < 300; ++step) {
      const auto id = static_cast<std::uint16_t>(1 + random() % 100);
      ASSERT_EQ(ids.insert(id), model.insert(id).second);
    }
    while (!model.empty()) {
      const auto id = static_cast<std::uint16_t>(1 + random() % 100);
      ASSERT_EQ(ids.erase(id), model.erase(id) == 1);
      ASSERT_EQ(ids.size(), model.size());
      ASSERT_EQ(ids.contains(7), model.contains(7));
    }
  }
}

TEST(PacketIdSet, holds_every_id_there_is) {
  PacketIdSet ids;
  for (unsigned id = 1; id <= 65'535; ++id) ASSERT_TRUE(ids.insert(static_cast<std::uint16_t>(id)));
  EXPECT_EQ(ids.size(), 65'535u);
  EXPECT_TRUE(ids.contains(1));
  EXPECT_TRUE(ids.contains(65'535));
  for (unsigned id = 1; id <= 65'535; ++id) ASSERT_TRUE(ids.erase(static_cast<std::uint16_t>(id)));
  EXPECT_EQ(ids.size(), 0u);
  EXPECT_FALSE(ids.contains(65'535));
}

}  // namespace
}  // namespace gaon
