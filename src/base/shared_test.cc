#include "base/shared.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string_view>

namespace gaon {
namespace {

Shared shared(std::string_view text) {
  Shared block = Shared::make(text.size());
  std::memcpy(block.writable(), text.data(), text.size());
  return block;
}

TEST(Shared, is_nothing_until_it_is_made) {
  const Shared nothing;
  EXPECT_FALSE(nothing);
  EXPECT_EQ(nothing, Shared(nothing));
}

TEST(Shared, shows_all_holders_the_same_bytes) {
  const Shared one = shared("abc");
  const Shared other = one;
  EXPECT_EQ(one, other);
  EXPECT_EQ(one.data(), other.data());
  EXPECT_EQ(as_text(other.view()), "abc");
  EXPECT_FALSE(one == shared("abc"));
}

TEST(Shared, lives_as_long_as_its_last_holder) {
  Shared last;
  {
    const Shared one = shared("abc");
    last = one;
    const Shared& same = last;
    last = same;
  }
  EXPECT_EQ(as_text(last.view()), "abc");
}

TEST(Shared, may_be_of_no_bytes_at_all) {
  const Shared empty = Shared::make(0);
  EXPECT_TRUE(empty);
  EXPECT_EQ(empty.size(), 0u);
}

TEST(Shared, is_aligned_for_what_is_laid_into_it) {
  for (std::size_t size = 0; size < 3'000; size += 7) {
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(Shared::make(size).data()) % 8, 0u);
  }
}

}  // namespace
}  // namespace gaon
