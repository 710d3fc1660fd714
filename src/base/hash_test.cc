#include "base/hash.h"

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <set>
#include <string>

namespace gaon {
namespace {

TEST(Hash, depends_on_every_byte_and_on_the_length) {
  for (std::size_t size = 0; size < 70; ++size) {
    std::string text(size, 'x');
    std::set<std::uint64_t> seen{hash(text, {}), hash(text + '\0', {})};
    for (std::size_t i = 0; i < size; ++i) {
      text[i] ^= 1;
      seen.insert(hash(text, {}));
      text[i] ^= 1;
    }
    EXPECT_EQ(seen.size(), size + 2) << size;
  }
}

TEST(Hash, tells_texts_apart_whose_length_makes_up_for_a_byte) {
  const std::string longer(25, 'a');
  std::string shorter(24, 'a');
  shorter[8] ^= 24 ^ 25;
  EXPECT_NE(hash(longer, {}), hash(shorter, {}));
}

TEST(Hash, depends_on_both_halves_of_the_seed) {
  const HashSeed seed;
  for (const std::string& text : {std::string(), std::string("abc"), std::string(40, 'x')}) {
    EXPECT_EQ(hash(text, seed), hash(text, seed));
    EXPECT_NE(hash(text, seed), hash(text, {seed.a + 1, seed.b}));
    EXPECT_NE(hash(text, seed), hash(text, {seed.a, seed.b + 1}));
  }
}

TEST(Hash, spreads_similar_texts_over_the_low_bits) {
  std::array<int, 64> buckets{};
  for (int i = 0; i < 6'400; ++i) ++buckets[hash("sensor/" + std::to_string(i), {}) % 64];
  for (const int count : buckets) {
    EXPECT_GT(count, 50);
    EXPECT_LT(count, 150);
  }
}

TEST(Hash, reads_no_byte_beyond_the_text) {
  const std::string text = "0123456789abcdefghijklmnopqrstuvwxyz";
  for (std::size_t size = 0; size <= text.size(); ++size) {
    const std::unique_ptr<char[]> tight(new char[size]);
    std::memcpy(tight.get(), text.data(), size);
    EXPECT_EQ(hash({tight.get(), size}, {}), hash(text.substr(0, size), {}));
  }
}

}  // namespace
}  // namespace gaon
