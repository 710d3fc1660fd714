#include "base/packed_heap.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cstring>
#include <fstream>
#include <map>
#include <thread>
#include <vector>

namespace gaon {
namespace {

constexpr std::size_t kLarge = 7608;  // 43 to a slab

std::vector<void*> take_many(PackedHeap& heap, std::size_t count, std::size_t size) {
  std::vector<void*> blocks;
  for (std::size_t i = 0; i < count; ++i) blocks.push_back(heap.take(size));
  return blocks;
}

TEST(PackedHeap, puts_blocks_of_one_size_side_by_side) {
  PackedHeap heap(4);
  const auto* first = static_cast<std::uint8_t*>(heap.take(kLarge));
  EXPECT_EQ(static_cast<std::uint8_t*>(heap.take(kLarge)) - first, 7616);
  EXPECT_EQ(heap.size_of(first), 7616U);
  EXPECT_NE(static_cast<std::uint8_t*>(heap.take(960)) - first, 2 * 7616);
}

TEST(PackedHeap, has_43_large_ones_in_a_slab) {
  PackedHeap heap(4);
  take_many(heap, 43, kLarge);
  EXPECT_EQ(heap.slabs_in_use(), 1U);
  heap.take(kLarge);
  EXPECT_EQ(heap.slabs_in_use(), 2U);
}

TEST(PackedHeap, gives_a_block_out_again_that_came_back) {
  PackedHeap heap(4);
  const std::vector<void*> blocks = take_many(heap, 43, kLarge);
  heap.give_back(blocks[7]);
  EXPECT_EQ(heap.take(kLarge), blocks[7]);
  EXPECT_EQ(heap.slabs_in_use(), 1U);
}

TEST(PackedHeap, says_so_when_all_is_taken) {
  PackedHeap heap(2);
  const std::vector<void*> blocks = take_many(heap, 86, kLarge);
  EXPECT_NE(blocks.back(), nullptr);
  EXPECT_EQ(heap.take(kLarge), nullptr);
  EXPECT_EQ(heap.take(16), nullptr);
  heap.give_back(blocks.front());
  EXPECT_EQ(heap.take(kLarge), blocks.front());
}

TEST(PackedHeap, has_room_for_nothing_where_addresses_are_refused) {
  PackedHeap heap(SIZE_MAX / PackedHeap::kSlab);
  EXPECT_EQ(heap.take(16), nullptr);
  EXPECT_FALSE(heap.owns(&heap));
  EXPECT_FALSE(heap.owns(nullptr));
}

TEST(PackedHeap, knows_its_own_blocks) {
  PackedHeap heap(1);
  PackedHeap other(1);
  const void* block = heap.take(100);
  EXPECT_TRUE(heap.owns(block));
  EXPECT_FALSE(other.owns(block));
  EXPECT_FALSE(heap.owns(&heap));
  EXPECT_FALSE(heap.owns(nullptr));
}

TEST(PackedHeap, keeps_one_empty_slab_of_a_size_and_uses_the_others_for_any) {
  PackedHeap heap(3);
  const std::vector<void*> blocks = take_many(heap, 129, kLarge);
  EXPECT_EQ(heap.slabs_in_use(), 3U);
  EXPECT_EQ(heap.take(960), nullptr);
  for (void* block : blocks) heap.give_back(block);
  EXPECT_EQ(heap.slabs_in_use(), 1U);
  EXPECT_NE(heap.take(960), nullptr);
  EXPECT_NE(heap.take(kLarge), nullptr);
  EXPECT_EQ(heap.slabs_in_use(), 2U);
}

std::size_t resident_pages() {
  std::ifstream file("/proc/self/statm");
  std::size_t all = 0;
  std::size_t resident = 0;
  file >> all >> resident;
  return resident;
}

TEST(PackedHeap, gives_back_to_the_system_what_came_in_a_crowd) {
  constexpr std::size_t kBlocks = 4000;
  PackedHeap heap(100);
  std::vector<void*> blocks = take_many(heap, kBlocks, kLarge);
  const std::size_t before = resident_pages();
  for (void* block : blocks) std::memset(block, 1, kLarge);
  EXPECT_GT(resident_pages(), before + kBlocks);  // almost two each
  for (void* block : blocks) heap.give_back(block);
  EXPECT_LT(resident_pages(), before + kBlocks / 10);
}

TEST(PackedHeap, begins_anew_in_an_empty_slab) {
  PackedHeap heap(1);
  const std::vector<void*> blocks = take_many(heap, 43, kLarge);
  for (void* block : blocks) heap.give_back(block);
  EXPECT_EQ(take_many(heap, 43, kLarge), blocks);
  EXPECT_EQ(heap.take(kLarge), nullptr);
}

// Whatever comes and goes: what is written in a block stays until it goes.
RC_GTEST_PROP(PackedHeap, keeps_blocks_apart, ()) {
  PackedHeap heap(8);
  std::map<std::uint8_t*, std::pair<std::size_t, std::uint8_t>> held;
  const auto steps = *rc::gen::container<std::vector<std::uint32_t>>(rc::gen::arbitrary<std::uint32_t>());
  for (const std::uint32_t step : steps) {
    if (step % 3 == 0 && !held.empty()) {
      const auto one = std::next(held.begin(), static_cast<std::ptrdiff_t>(step / 3 % held.size()));
      heap.give_back(one->first);
      held.erase(one);
    } else {
      const std::size_t size = step % PackedHeap::kBlockMax + 1;
      auto* block = static_cast<std::uint8_t*>(heap.take(size));
      if (block == nullptr) continue;
      RC_ASSERT(reinterpret_cast<std::uintptr_t>(block) % PackedHeap::kStep == 0U);
      RC_ASSERT(heap.size_of(block) >= size);
      RC_ASSERT(!held.contains(block));
      const auto mark = static_cast<std::uint8_t>(step >> 16);
      std::memset(block, mark, size);
      held[block] = {size, mark};
    }
  }
  for (const auto& [block, what] : held) {
    for (std::size_t i = 0; i < what.first; ++i) RC_ASSERT(block[i] == what.second);
  }
}

TEST(PackedHeap, serves_threads_that_give_back_what_others_took) {
  PackedHeap heap(16);
  std::vector<void*> first(200);
  std::vector<void*> second(200);
  const auto fill = [&heap](std::vector<void*>& blocks) {
    for (std::size_t i = 0; i < blocks.size(); ++i) {
      blocks[i] = heap.take(1000 + i % 3);
      std::memset(blocks[i], 0xff, 1000);
    }
  };
  const auto empty = [&heap](std::vector<void*>& blocks) {
    for (void* block : blocks) heap.give_back(block);
  };
  for (int round = 0; round < 20; ++round) {
    std::thread one([&] { fill(first); });
    std::thread two([&] { fill(second); });
    one.join();
    two.join();
    std::thread three([&] { empty(second); });
    empty(first);
    three.join();
  }
  EXPECT_EQ(heap.slabs_in_use(), 1U);
}

}  // namespace
}  // namespace gaon
