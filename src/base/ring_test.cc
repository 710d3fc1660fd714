#include "base/ring.h"

#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <random>

namespace gaon {
namespace {

TEST(Ring, is_a_queue_from_both_ends_and_in_between) {
  Ring<int> ring;
  std::deque<int> model;
  std::mt19937 random(1);
  for (int step = 0; step < 20'000; ++step) {
    const auto draw = random() % 100;
    const bool growing = step / 2'000 % 2 == 0;
    if (draw < (growing ? 60 : 20)) {
      ring.push_back(step);
      model.push_back(step);
    } else if (draw < (growing ? 70 : 30)) {
      ring.push_front(step);
      model.push_front(step);
    } else if (draw < 99) {
      if (model.empty()) continue;
      ASSERT_EQ(ring.pop_front(), model.front());
      model.pop_front();
    } else {
      const auto gone = [](int value) { return value % 3 == 0; };
      ring.erase_if(gone);
      std::erase_if(model, gone);
    }
    ASSERT_EQ(ring.size(), model.size());
    ASSERT_EQ(ring.empty(), model.empty());
    if (model.empty()) continue;
    const std::size_t i = random() % model.size();
    ASSERT_EQ(ring[i], model[i]);
    ASSERT_EQ(ring.front(), model.front());
    ASSERT_EQ(ring.back(), model.back());
  }
}

TEST(Ring, wastes_at_most_a_quarter_when_it_is_long) {
  Ring<int> ring;
  for (std::size_t i = 0; i < 100'000; ++i) {
    ring.push_back(1);
    if (ring.size() <= 1'000) continue;
    ASSERT_LE(ring.capacity(), ring.size() + ring.size() / 4 + 1);
  }
}

TEST(Ring, gives_memory_back_as_a_long_one_empties) {
  Ring<int> ring;
  for (int i = 0; i < 100'000; ++i) ring.push_back(i);
  for (int i = 0; i < 99'900; ++i) ASSERT_EQ(ring.pop_front(), i);
  EXPECT_LE(ring.capacity(), 500u);
  for (int i = 99'900; i < 100'000; ++i) ASSERT_EQ(ring.pop_front(), i);
  EXPECT_EQ(ring.capacity(), 0u);
}

TEST(Ring, keeps_a_little_room_when_a_short_one_empties) {
  Ring<int> ring;
  ring.push_back(1);
  ring.pop_front();
  EXPECT_EQ(ring.capacity(), 4u);
}

TEST(Ring, gives_memory_back_when_everything_is_erased) {
  Ring<int> ring;
  for (int i = 0; i < 1'000; ++i) ring.push_back(i);
  ring.erase_if([](int) { return true; });
  EXPECT_TRUE(ring.empty());
  EXPECT_EQ(ring.capacity(), 0u);
}

TEST(Ring, lets_go_of_elements_that_leave) {
  const auto value = std::make_shared<int>(1);
  Ring<std::shared_ptr<int>> ring;
  for (int i = 0; i < 8; ++i) ring.push_back(value);
  ring.pop_front();
  EXPECT_EQ(value.use_count(), 8);
  int n = 0;
  ring.erase_if([&](const auto&) { return n++ % 2 == 0; });
  EXPECT_EQ(value.use_count(), 4);
  ring.clear();
  EXPECT_EQ(value.use_count(), 1);
}

TEST(RingDeathTest, pops_nothing_from_an_empty_one) {
  EXPECT_DEATH(
      {
        Ring<int> ring;
        ring.pop_front();
      },
      "broken promise");
}

}  // namespace
}  // namespace gaon
