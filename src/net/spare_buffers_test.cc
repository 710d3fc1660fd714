#include "net/spare_buffers.h"

#include <gtest/gtest.h>

namespace gaon::net {
namespace {

void grow(Buffer& buffer, std::size_t size) { buffer.reserve(size); }

TEST(SpareBuffers, lend_the_memory_that_another_gave_back) {
  SpareBuffers spares;
  Buffer first;
  grow(first, 1000);
  const std::size_t capacity = first.capacity();
  spares.take_back(first);
  EXPECT_EQ(first.capacity(), 0U);
  EXPECT_EQ(spares.total(), capacity);
  Buffer second;
  spares.lend(second);
  EXPECT_EQ(second.capacity(), capacity);
  EXPECT_EQ(spares.total(), 0U);
}

TEST(SpareBuffers, have_nothing_to_lend_at_first) {
  SpareBuffers spares;
  Buffer buffer;
  spares.lend(buffer);
  EXPECT_EQ(buffer.capacity(), 0U);
}

TEST(SpareBuffers, do_not_keep_large_ones) {
  SpareBuffers spares;
  Buffer buffer;
  grow(buffer, SpareBuffers::kBufferMax + 1);
  spares.take_back(buffer);
  EXPECT_EQ(buffer.capacity(), 0U);
  EXPECT_EQ(spares.total(), 0U);
}

TEST(SpareBuffers, do_not_keep_more_than_their_limit) {
  SpareBuffers spares;
  for (std::size_t i = 0; i < 100; ++i) {
    Buffer buffer;
    grow(buffer, SpareBuffers::kBufferMax);
    spares.take_back(buffer);
  }
  EXPECT_EQ(spares.total(), SpareBuffers::kTotalMax);
}

}  // namespace
}  // namespace gaon::net
