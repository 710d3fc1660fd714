#include "app/descriptors.h"

#include <gtest/gtest.h>

namespace gaon::app {
namespace {

TEST(Descriptors, leave_room_for_files_beside_all_connections) {
  broker::Config config;
  for (const std::uint64_t all : {1'024ULL, 4'096ULL, 1'048'576ULL}) {
    const DescriptorShares shares = share_descriptors(all, config, 4);
    EXPECT_GE(all - shares.connections, 64U + 4 * 16);
    EXPECT_GE(all - shares.connections, (all - shares.accepted_below) * 2);
    EXPECT_GE(all - shares.accepted_below, 64U);
    EXPECT_GT(shares.connections, all / 2);
  }
}

TEST(Descriptors, more_workers_and_requests_want_more_of_them) {
  broker::Config config;
  const std::uint32_t few = share_descriptors(4'096, config, 1).connections;
  EXPECT_LT(share_descriptors(4'096, config, 8).connections, few);
  config.auth.http_url = "https://example.org";
  config.auth.http_threads = 64;
  EXPECT_LE(share_descriptors(4'096, config, 1).connections, few - 128);
}

TEST(Descriptors, where_there_are_few_a_quarter_is_for_connections) {
  const DescriptorShares shares = share_descriptors(64, {}, 2);
  EXPECT_EQ(shares.connections, 16U);
  EXPECT_EQ(shares.accepted_below, 40U);
  EXPECT_EQ(share_descriptors(1, {}, 2).connections, 1U);
}

}  // namespace
}  // namespace gaon::app
