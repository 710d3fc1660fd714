#include "topic/retained.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "topic/name.h"
#include "topic/some_topics.h"

namespace gaon::topic {
namespace {

using Store = Retained<std::unique_ptr<int>>;

void put(Store& store, std::string_view name, int value) { store.put(name) = std::make_unique<int>(value); }

std::multiset<std::string> walked(Store::Cursor cursor) {
  std::multiset<std::string> found;
  while (cursor.next(3, [&](std::string_view name, std::unique_ptr<int>& value) {
    EXPECT_NE(value, nullptr);
    found.emplace(name);
  })) {
  }
  return found;
}

TEST(Retained, finds_what_was_put_and_not_erased) {
  Store store({});
  put(store, "a/b", 1);
  put(store, "a", 2);
  put(store, "a/b", 3);
  EXPECT_EQ(store.size(), 2U);
  EXPECT_EQ(**store.find("a/b"), 3);
  EXPECT_EQ(store.find("a/c"), nullptr);
  EXPECT_EQ(store.find("a/b/c"), nullptr);
  EXPECT_TRUE(store.erase("a"));
  EXPECT_FALSE(store.erase("a"));
  EXPECT_EQ(store.find("a"), nullptr);
  EXPECT_EQ(**store.find("a/b"), 3);
  EXPECT_EQ(store.put("a"), nullptr);
}

TEST(Retained, hides_names_with_a_dollar_from_wildcards_at_the_root) {
  Store store({});
  for (const char* name : {"$SYS", "$SYS/a", "a", "a/$x", "/$x"}) put(store, name, 1);
  EXPECT_EQ(walked(store.walk("#")).size(), 3U);
  EXPECT_EQ(walked(store.walk("+/#")).size(), 3U);
  EXPECT_EQ(walked(store.walk("+/a")).size(), 0U);
  EXPECT_EQ(walked(store.walk("$SYS/#")).size(), 2U);
  EXPECT_EQ(walked(store.walk("$SYS")).size(), 1U);
  EXPECT_EQ(walked(store.walk_all()).size(), 5U);
}

TEST(Retained, visits_no_more_nodes_than_the_budget) {
  Store store({});
  for (int i = 0; i < 1000; ++i) put(store, "a/" + std::to_string(i) + "/b", i);
  auto cursor = store.walk("a/+/c");
  int slices = 1;
  while (cursor.next(100, [](std::string_view, std::unique_ptr<int>&) { FAIL(); })) ++slices;
  EXPECT_GE(slices, 10);
  EXPECT_LE(slices, 12);
}

TEST(Retained, stops_after_the_item_that_the_caller_had_room_for) {
  Store store({});
  for (int i = 0; i < 10; ++i) put(store, std::to_string(i), i);
  auto cursor = store.walk("#");
  std::set<std::string> found;
  int calls = 0;
  const auto take_one = [&](std::string_view name, std::unique_ptr<int>&) {
    ++calls;
    found.emplace(name);
    return false;
  };
  int slices = 1;
  while (cursor.next(1000, take_one)) ++slices;
  EXPECT_EQ(calls, 10);
  EXPECT_EQ(found.size(), 10U);
  EXPECT_LE(slices, 11);
}

TEST(Retained, can_be_emptied_by_the_walk_itself) {
  Store store({});
  for (int i = 0; i < 300; ++i) put(store, "a/" + std::to_string(i % 7) + "/" + std::to_string(i), i);
  auto cursor = store.walk_all();
  while (cursor.next(10,
                     [&](std::string_view name, std::unique_ptr<int>&) { store.erase(std::string(name)); })) {
  }
  EXPECT_EQ(store.size(), 0U);
}

TEST(Retained, bears_names_of_thousands_of_levels) {
  const std::string slashes(30000, '/');
  Store store({});
  put(store, slashes, 1);
  put(store, slashes + "a", 2);
  put(store, "/b", 3);
  EXPECT_EQ(walked(store.walk("#")).size(), 3U);
  EXPECT_EQ(walked(store.walk("/+/#")).size(), 3U);
  EXPECT_EQ(walked(store.walk(slashes + "+")).size(), 2U);
  EXPECT_TRUE(store.erase(slashes));
  EXPECT_TRUE(store.erase(slashes + "a"));
  EXPECT_EQ(walked(store.walk("#")), std::multiset<std::string>{"/b"});
}

TEST(Retained, does_not_grow_with_churn_even_while_a_walk_pauses) {
  constexpr int kAlive = 2000;
  const auto name = [](int i) { return "site/" + std::to_string(i % 17) + "/" + std::to_string(i); };
  Store store({});
  for (int i = 0; i < kAlive; ++i) put(store, name(i), i);
  auto cursor = store.walk("#");
  cursor.next(100, [](std::string_view, std::unique_ptr<int>&) {});
  std::size_t early = 0;
  for (int i = kAlive; i < 40 * kAlive; ++i) {
    put(store, name(i), i);
    ASSERT_TRUE(store.erase(name(i - kAlive)));
    if (i == 3 * kAlive) early = store.memory_bytes();
  }
  EXPECT_LE(store.memory_bytes(), early * 5 / 4);
}

TEST(Retained, needs_few_bytes_a_name) {
  constexpr int kCount = 100000;
  Store store({});
  for (int i = 0; i < kCount; ++i) {
    put(store, "site/" + std::to_string(i % 100) + "/device/" + std::to_string(i), i);
  }
  EXPECT_LE(store.memory_bytes(), kCount * (75 + sizeof(std::unique_ptr<int>)));
}

// What one walk has to bring: seen is what came, throughout is what was there all the time.
struct Walking {
  std::string filter;  // empty: all
  Store::Cursor cursor;
  std::set<std::string> throughout;
  std::multiset<std::string> seen;
};

bool wants(const std::string& filter, const std::string& name) {
  return filter.empty() || matches(filter, name);
}

// Moves it on; false when it is over, after what it brought was judged.
bool go_on(Walking& walking, std::size_t budget) {
  if (walking.cursor.next(budget, [&](std::string_view name, std::unique_ptr<int>& value) {
        RC_ASSERT(value != nullptr);
        walking.seen.emplace(name);
      })) {
    return true;
  }
  for (const std::string& name : walking.seen) {
    RC_ASSERT(walking.seen.count(name) == 1U);
    RC_ASSERT(wants(walking.filter, name));
  }
  for (const std::string& name : walking.throughout) {
    if (wants(walking.filter, name)) RC_ASSERT(walking.seen.count(name) == 1U);
  }
  return false;
}

RC_GTEST_PROP(Retained, brings_each_name_once_to_walks_that_go_on_while_names_change, ()) {
  Store store({});
  std::set<std::string> model;
  std::vector<Walking> walks;
  const auto steps = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 10));
  for (const int step : steps) {
    if (step < 4) {
      const std::string name = *some_name();
      put(store, name, 1);
      model.insert(name);
    } else if (step < 6) {
      const std::string name = *some_name();
      RC_ASSERT(store.erase(name) == (model.erase(name) > 0));
      for (Walking& walking : walks) walking.throughout.erase(name);
    } else if (step == 6) {
      const std::string filter = *some_filter();
      walks.push_back({filter, store.walk(filter), model, {}});
    } else if (step == 7) {
      walks.push_back({"", store.walk_all(), model, {}});
    } else if (!walks.empty()) {
      const auto which = *rc::gen::inRange<std::size_t>(0, walks.size());
      if (!go_on(walks[which], static_cast<std::size_t>(step - 7))) {
        walks.erase(walks.begin() + static_cast<std::ptrdiff_t>(which));
      }
    }
    RC_ASSERT(store.size() == model.size());
  }
  for (Walking& walking : walks) {
    while (go_on(walking, 1)) {
    }
  }
  for (const std::string& name : model) RC_ASSERT(store.find(name) != nullptr);
}

}  // namespace
}  // namespace gaon::topic
