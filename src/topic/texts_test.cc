#include "topic/texts.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace gaon::topic {
namespace {

std::uint32_t add(Texts& texts, const std::string& text) {
  const std::uint32_t number = texts.add(text.size());
  std::copy(text.begin(), text.end(), texts.at(number).begin());
  return number;
}

std::string read(const Texts& texts, std::uint32_t number) {
  const std::span<char> text = texts.at(number);
  return {text.begin(), text.end()};
}

TEST(Texts, keeps_texts_of_every_length) {
  Texts texts;
  std::vector<std::uint32_t> numbers;
  for (std::size_t size = 0; size < 600; ++size) numbers.push_back(add(texts, std::string(size, 'x')));
  const std::uint32_t longest = add(texts, std::string(65539, 'y'));
  for (std::size_t size = 0; size < 600; ++size) {
    EXPECT_EQ(read(texts, numbers[size]), std::string(size, 'x'));
  }
  EXPECT_EQ(read(texts, longest), std::string(65539, 'y'));
}

TEST(Texts, packs_short_ones) {
  Texts texts;
  for (int i = 0; i < 10000; ++i) add(texts, std::string(23, 'x'));
  EXPECT_LE(texts.memory_bytes(), 10000 * 25U);
}

TEST(Texts, uses_the_room_of_removed_ones_again) {
  Texts texts;
  std::mt19937 random(7);
  struct Kept {
    std::uint32_t number;
    std::string text;
  };
  std::vector<Kept> kept;
  std::size_t most = 0;
  for (int i = 0; i < 100000; ++i) {
    if (kept.size() == 500) {
      std::swap(kept[random() % kept.size()], kept.back());
      ASSERT_EQ(read(texts, kept.back().number), kept.back().text);
      texts.remove(kept.back().number);
      kept.pop_back();
    }
    const std::string text(random() % 300, static_cast<char>('a' + random() % 26));
    kept.push_back({add(texts, text), text});
    if (i == 5000) most = texts.memory_bytes();
  }
  EXPECT_LE(texts.memory_bytes(), most * 5 / 4);
  for (const Kept& text : kept) {
    ASSERT_EQ(read(texts, text.number), text.text);
    texts.remove(text.number);
  }
  // Only the list of pages is left.
  EXPECT_LE(texts.memory_bytes(), 64 * 1024U);
}

}  // namespace
}  // namespace gaon::topic
