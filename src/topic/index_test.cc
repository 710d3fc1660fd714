#include "topic/index.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "topic/name.h"
#include "topic/some_topics.h"

namespace gaon::topic {
namespace {

struct Value {  // as large as the broker's
  std::uint32_t session;
  std::uint32_t options;
  std::uint32_t identifier;
};

Value value(std::uint32_t session) { return {.session = session, .options = 0, .identifier = 0}; }

using Model = std::map<std::string, std::vector<std::uint32_t>>;

// What an index gives for a name, by filter, each list sorted.
Model matched(Index<Value>& index, std::string_view name) {
  Model found;
  index.match(name, [&](FilterId id, std::span<Value> values) {
    auto& sessions = found[index.filter(id)];
    EXPECT_TRUE(sessions.empty()) << "twice: " << index.filter(id);
    for (const Value& each : values) sessions.push_back(each.session);
    std::sort(sessions.begin(), sessions.end());
  });
  return found;
}

Model expected(const Model& model, std::string_view name) {
  Model found;
  for (auto [filter, sessions] : model) {
    if (!matches(filter, name)) continue;
    std::sort(sessions.begin(), sessions.end());
    found[filter] = sessions;
  }
  return found;
}

bool erase(Index<Value>& index, const std::string& filter, std::uint32_t session) {
  const auto id = index.find(filter);
  return id && index.erase(*id, [&](const Value& each) { return each.session == session; });
}

// Few filters and sessions, so that most steps meet what earlier ones left.
RC_GTEST_PROP(Index, agrees_with_the_naive_matcher_while_filters_come_and_go, ()) {
  const auto steps = *rc::gen::container<std::vector<std::tuple<std::string, std::uint32_t, bool>>>(
      rc::gen::tuple(some_filter(), rc::gen::inRange<std::uint32_t>(0, 4), rc::gen::arbitrary<bool>()));
  const auto names = *rc::gen::container<std::vector<std::string>>(some_name());
  Index<Value> index({});
  Model model;
  std::size_t values = 0;
  for (const auto& [filter, session, adds] : steps) {
    const auto kept = model.find(filter);
    const bool known = kept != model.end() && std::ranges::count(kept->second, session) > 0;
    if (adds && !known) {
      index.insert(filter, value(session));
      model[filter].push_back(session);
      ++values;
    } else if (!adds) {
      RC_ASSERT(erase(index, filter, session) == known);
      if (!known) continue;
      --values;
      std::erase(kept->second, session);
      if (kept->second.empty()) model.erase(kept);
    }
  }
  RC_ASSERT(index.filters() == model.size());
  RC_ASSERT(index.values() == values);
  for (const auto& [filter, sessions] : model) {
    RC_ASSERT(index.find(filter).has_value());
    RC_ASSERT(index.filter(*index.find(filter)) == filter);
  }
  for (const std::string& name : names) RC_ASSERT(matched(index, name) == expected(model, name));
}

TEST(Index, says_the_same_as_the_match_table_on_names_with_a_dollar) {
  Index<Value> index({});
  for (const char* filter : {"#", "+", "+/a", "+/#", "$SYS/#", "$SYS/a", "$SYS/+"})
    index.insert(filter, value(1));
  EXPECT_EQ(matched(index, "$SYS/a").size(), 3U);
  EXPECT_EQ(matched(index, "$SYS").size(), 1U);
  EXPECT_EQ(matched(index, "x/a").size(), 3U);
  EXPECT_EQ(matched(index, "x").size(), 3U);
}

TEST(Index, keeps_a_filter_id_while_the_filter_holds_a_value) {
  Index<Value> index({});
  const FilterId first = index.insert("a/+", value(1));
  EXPECT_EQ(index.insert("a/+", value(2)), first);
  for (std::uint32_t i = 0; i < 1000; ++i) index.insert("b/" + std::to_string(i), value(i));
  EXPECT_EQ(index.find("a/+"), first);
  EXPECT_TRUE(erase(index, "a/+", 1));
  EXPECT_EQ(index.find("a/+"), first);
  EXPECT_EQ(index.values(first).front().session, 2U);
  EXPECT_TRUE(erase(index, "a/+", 2));
  EXPECT_EQ(index.find("a/+"), std::nullopt);
  EXPECT_EQ(index.insert("c", value(3)), first);
}

TEST(Index, holds_many_values_on_one_filter) {
  constexpr std::uint32_t kMany = 100000;
  Index<Value> index({});
  const std::size_t empty = index.memory_bytes();
  for (std::uint32_t i = 0; i < kMany; ++i) index.insert("a/#", value(i));
  const FilterId id = *index.find("a/#");
  EXPECT_EQ(index.values(id).size(), kMany);
  EXPECT_LE(index.memory_bytes(), empty + kMany * sizeof(Value) * 2);
  for (std::uint32_t i = kMany; i-- > 1;) {
    ASSERT_TRUE(index.erase(id, [&](const Value& each) { return each.session == i; }));
  }
  EXPECT_FALSE(index.erase(id, [](const Value& each) { return each.session == 1; }));
  EXPECT_EQ(index.values(id).size(), 1U);
  EXPECT_EQ(index.values(id).front().session, 0U);
  EXPECT_LE(index.memory_bytes(), empty + 32 * 1024U);
}

TEST(Index, finds_every_mixture_of_plus_and_literals) {
  Index<Value> index({});
  for (unsigned mask = 0; mask < 256; ++mask) {
    std::string filter;
    for (unsigned level = 0; level < 8; ++level) filter += (mask >> level & 1) != 0 ? "/+" : "/x";
    index.insert(filter.substr(1), value(mask));
  }
  EXPECT_EQ(matched(index, "x/x/x/x/x/x/x/x").size(), 256U);
  EXPECT_EQ(matched(index, "x/x/x/x/y/x/x/x").size(), 128U);
  EXPECT_EQ(matched(index, "y/y/y/y/y/y/y/y").size(), 1U);
  EXPECT_EQ(matched(index, "x/x/x/x/x/x/x").size(), 0U);
}

TEST(Index, bears_names_and_filters_of_thousands_of_levels) {
  const std::string slashes(30000, '/');
  std::string pluses = "+";
  for (int i = 0; i < 30000; ++i) pluses += "/+";
  Index<Value> index({});
  for (const std::string& filter : {slashes, pluses, slashes + "#", slashes + "x/#", std::string("+/#")}) {
    ASSERT_TRUE(valid_filter(filter));
    index.insert(filter, value(1));
  }
  EXPECT_EQ(matched(index, slashes).size(), 4U);
  EXPECT_EQ(matched(index, slashes + "/").size(), 2U);
  EXPECT_TRUE(erase(index, pluses, 1));
  EXPECT_EQ(matched(index, slashes).size(), 3U);
  EXPECT_EQ(matched(index, std::string(65535, '/')).size(), 2U);
}

TEST(Index, does_not_grow_with_churn) {
  Index<Value> index({});
  const auto filter = [](std::uint32_t i) {
    const std::string number = std::to_string(i);
    constexpr const char* kTails[] = {"", "/+", "/#", "/+/x", "/temperature"};
    return "site/" + number + kTails[i % 5];
  };
  constexpr std::uint32_t kAlive = 2000;
  std::size_t early = 0;
  for (std::uint32_t i = 0; i < 60 * kAlive; ++i) {
    index.insert(filter(i), value(i));
    if (i >= kAlive) {
      ASSERT_TRUE(erase(index, filter(i - kAlive), i - kAlive));
    }
    if (i == 3 * kAlive) early = index.memory_bytes();
  }
  EXPECT_EQ(index.filters(), kAlive);
  EXPECT_LE(index.memory_bytes(), early * 5 / 4);
}

TEST(Index, gives_memory_back_when_all_filters_go) {
  Index<Value> index({});
  for (std::uint32_t i = 0; i < 20000; ++i) {
    index.insert((i % 2 == 0 ? "a/b/" : "a/+/") + std::to_string(i), value(i));
  }
  const std::size_t full = index.memory_bytes();
  for (std::uint32_t i = 0; i < 20000; ++i) {
    ASSERT_TRUE(erase(index, (i % 2 == 0 ? "a/b/" : "a/+/") + std::to_string(i), i));
  }
  EXPECT_EQ(index.values(), 0U);
  EXPECT_LT(index.memory_bytes(), full / 10);
}

TEST(Index, needs_few_bytes_a_filter) {
  constexpr std::uint32_t kCount = 100000;
  Index<Value> index({});
  for (std::uint32_t i = 0; i < kCount; ++i) {
    index.insert("site/" + std::to_string(i % 1000) + "/device/" + std::to_string(i), value(i));
  }
  EXPECT_LE(index.memory_bytes(), kCount * (68 + sizeof(Value)));
}

}  // namespace
}  // namespace gaon::topic
