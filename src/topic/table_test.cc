#include "topic/table.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <vector>

namespace gaon::topic {
namespace {

std::uint32_t find(const Numbers& table, std::uint32_t tag, std::uint32_t value) {
  return table.find(tag, [&](std::uint32_t other) { return other == value; });
}

TEST(Table, finds_nothing_while_empty) {
  const Numbers table;
  EXPECT_EQ(find(table, 1, 1), kNone);
  EXPECT_EQ(table.memory_bytes(), 0U);
}

// Tags at both ends make runs that wrap around.
RC_GTEST_PROP(Table, holds_what_was_inserted_and_not_erased, ()) {
  const auto tags = *rc::gen::container<std::vector<std::uint32_t>>(rc::gen::oneOf(
      rc::gen::inRange<std::uint32_t>(0xFFFFFFF0, 0xFFFFFFFF), rc::gen::inRange<std::uint32_t>(0, 8),
      rc::gen::element<std::uint32_t>(0x80000000, 0xF0000000), rc::gen::arbitrary<std::uint32_t>()));
  Numbers table;
  std::map<std::uint32_t, std::uint32_t> model;  // by value
  std::uint32_t value = 0;
  for (const std::uint32_t tag : tags) {
    table.insert(tag, value);
    model[value++] = tag;
    if (tag % 3 == 0) {
      const auto victim = model.lower_bound(tag % value);
      if (victim == model.end()) continue;
      table.erase(victim->second, victim->first);
      RC_ASSERT(find(table, victim->second, victim->first) == kNone);
      model.erase(victim);
    }
  }
  RC_ASSERT(table.size() == model.size());
  for (const auto& [number, tag] : model) RC_ASSERT(find(table, tag, number) == number);
}

TEST(Table, shrinks_when_it_empties) {
  Numbers table;
  for (std::uint32_t i = 0; i < 10000; ++i) table.insert(i * 429496, i);
  const std::size_t full = table.memory_bytes();
  EXPECT_LE(full, 10000 * 16U);
  for (std::uint32_t i = 0; i < 9990; ++i) table.erase(i * 429496, i);
  EXPECT_LT(table.memory_bytes(), full / 50);
  for (std::uint32_t i = 9990; i < 10000; ++i) EXPECT_EQ(find(table, i * 429496, i), i);
}

}  // namespace
}  // namespace gaon::topic
