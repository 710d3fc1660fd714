#include "topic/match_cache.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "topic/some_topics.h"

namespace gaon::topic {
namespace {

using Cache = MatchCache<std::vector<int>>;

TEST(MatchCache, gives_back_what_was_stored) {
  Cache cache(16, {});
  EXPECT_EQ(cache.find("a"), nullptr);
  cache.store("a").push_back(7);
  ASSERT_NE(cache.find("a"), nullptr);
  EXPECT_EQ(*cache.find("a"), std::vector<int>{7});
  EXPECT_TRUE(cache.store("a").empty());
}

TEST(MatchCache, keeps_names_of_other_devices_when_a_filter_changes) {
  Cache cache(1024, {});
  std::size_t kept = 0;
  for (int i = 0; i < 100; ++i) cache.store(std::to_string(i) + "/x");
  cache.invalidate("7/#");
  for (int i = 0; i < 100; ++i) kept += cache.find(std::to_string(i) + "/x") != nullptr ? 1 : 0;
  EXPECT_EQ(cache.find("7/x"), nullptr);
  EXPECT_GE(kept, 80U);
}

TEST(MatchCache, leaves_long_names_out) {
  const Cache cache(16, {});
  EXPECT_TRUE(cache.cacheable(std::string(256, 'a')));
  EXPECT_FALSE(cache.cacheable(std::string(257, 'a')));
}

TEST(MatchCache, states_its_bound) {
  const Cache cache(16, {});
  EXPECT_GE(cache.memory_bytes_max(), 16 * 256U);
  EXPECT_LE(cache.memory_bytes_max(), 16 * 512U);
}

// The cache holds what the naive matcher says; if a change of filters left a stale entry
// behind, that entry would differ from a fresh answer.
RC_GTEST_PROP(MatchCache, never_gives_an_answer_that_a_changed_filter_made_wrong, ()) {
  MatchCache<std::set<std::string>> cache(4, {});
  std::set<std::string> filters;
  const auto changes = *rc::gen::container<std::vector<std::string>>(some_filter());
  const auto names = *rc::gen::container<std::vector<std::string>>(some_name());
  for (const std::string& filter : changes) {
    if (filters.erase(filter) == 0) filters.insert(filter);
    cache.invalidate(filter);
    for (const std::string& name : names) {
      std::set<std::string> fresh;
      for (const std::string& each : filters) {
        if (matches(each, name)) fresh.insert(each);
      }
      if (const auto* known = cache.find(name)) {
        RC_ASSERT(*known == fresh);
      } else {
        cache.store(name) = fresh;
        RC_ASSERT(cache.find(name) != nullptr);
      }
    }
  }
}

}  // namespace
}  // namespace gaon::topic
