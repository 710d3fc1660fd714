#include "net/lingering.h"

#include <gtest/gtest.h>

#include <vector>

namespace gaon::net {
namespace {

constexpr Time kNow{seconds(100)};

TEST(Lingering, the_first_come_is_the_first_due) {
  Lingering lingering;
  EpollSocket first;
  EpollSocket second;
  EXPECT_EQ(lingering.deadline(), kNever);
  lingering.add(first, kNow);
  lingering.add(second, kNow + seconds(1));
  EXPECT_EQ(&lingering.oldest(), &first);
  EXPECT_EQ(lingering.deadline(), kNow + Lingering::kLongest);
  lingering.remove(first);
  EXPECT_EQ(&lingering.oldest(), &second);
  EXPECT_EQ(lingering.deadline(), kNow + seconds(1) + Lingering::kLongest);
  lingering.remove(first);
  EXPECT_EQ(lingering.size(), 1U);
}

TEST(Lingering, is_full_at_its_limit) {
  Lingering lingering;
  std::vector<EpollSocket> sockets(Lingering::kMost);
  for (EpollSocket& socket : sockets) {
    EXPECT_FALSE(lingering.full());
    lingering.add(socket, kNow);
  }
  EXPECT_TRUE(lingering.full());
  lingering.remove(sockets[500]);
  EXPECT_FALSE(lingering.full());
}

}  // namespace
}  // namespace gaon::net
