#include "base/output.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace gaon {
namespace {

Shared block_of(std::size_t size, char first) {
  Shared block = Shared::make(size);
  for (std::size_t i = 0; i < size; ++i)
    block.writable()[i] = static_cast<std::uint8_t>(static_cast<unsigned char>(first) + i % 20);
  return block;
}

// What gather() shows, by at most max pieces a call, without consuming.
std::string front(const Output& output, int max) {
  std::vector<iovec> pieces(static_cast<std::size_t>(max));
  const int count = output.gather(pieces.data(), max);
  EXPECT_LE(count, max);
  std::string bytes;
  for (int i = 0; i < count; ++i) {
    const iovec& piece = pieces[static_cast<std::size_t>(i)];
    EXPECT_GT(piece.iov_len, 0u);
    bytes.append(static_cast<const char*>(piece.iov_base), piece.iov_len);
  }
  return bytes;
}

// Copied and spliced bytes in every neighbourhood; writes the same to expected.
void fill(Output& output, std::string& expected) {
  const auto copy = [&](std::string_view text) {
    output.bytes().append(as_bytes(text));
    expected += text;
  };
  const auto splice = [&](std::size_t before, std::size_t size, char first) {
    const Shared block = block_of(before + size + 3, first);
    const ByteView part = block.view().subspan(before, size);
    output.append(block, part);
    expected += as_text(part);
  };
  copy("head");
  splice(5, Output::kSpliceMin, 'a');
  splice(0, Output::kSpliceMin + 1, 'A');
  copy("between");
  splice(9, 10, 'k');  // small: copied
  splice(1, Output::kSpliceMin, '0');
  copy("tail");
}

TEST(Output, shows_copied_and_spliced_bytes_in_order) {
  Output output;
  std::string expected;
  fill(output, expected);
  EXPECT_EQ(output.size(), expected.size());
  EXPECT_EQ(front(output, 16), expected);
  for (int max = 1; max < 8; ++max) {
    const std::string shown = front(output, max);
    EXPECT_FALSE(shown.empty());
    EXPECT_EQ(shown, expected.substr(0, shown.size())) << max;
  }
}

TEST(Output, may_be_consumed_up_to_any_byte) {
  for (std::size_t cut = 0;; ++cut) {
    Output output;
    std::string expected;
    fill(output, expected);
    output.consume(cut);
    ASSERT_EQ(output.size(), expected.size() - cut);
    ASSERT_EQ(front(output, 16), expected.substr(cut)) << cut;
    // And goes on from there.
    const Shared block = block_of(Output::kSpliceMin, 'p');
    output.append(block, block.view());
    output.bytes().append(as_bytes("end"));
    ASSERT_EQ(front(output, 16), expected.substr(cut) + std::string(as_text(block.view())) + "end") << cut;
    if (cut == expected.size()) break;
  }
}

TEST(Output, is_consumed_in_steps_of_any_size) {
  for (const std::size_t step : {1u, 2u, 3u, 7u, 2'047u, 2'048u, 2'049u, 5'000u}) {
    Output output;
    std::string expected;
    fill(output, expected);
    while (!expected.empty()) {
      const std::size_t size = std::min(step, expected.size());
      output.consume(size);
      expected.erase(0, size);
      ASSERT_EQ(output.size(), expected.size());
      ASSERT_EQ(output.empty(), expected.empty());
      if (expected.size() % 64 > 0) continue;
      ASSERT_EQ(front(output, 16), expected);
    }
  }
}

TEST(Output, never_empty_under_load_keeps_order_and_holds_only_what_waits) {
  Output output;
  std::string expected;
  for (int round = 0; round < 300; ++round) {
    fill(output, expected);
    const std::size_t gone = expected.size() - 3'000;
    output.consume(gone);
    expected.erase(0, gone);
    ASSERT_EQ(front(output, 16), expected) << round;
  }
}

TEST(Output, copies_what_is_small_and_shares_what_is_large) {
  const Shared block = block_of(Output::kSpliceMin, 'a');
  Output output;
  output.append(block, block.view().first(Output::kSpliceMin - 1));
  EXPECT_EQ(output.bytes().size(), Output::kSpliceMin - 1);
  output.append(block, block.view());
  iovec pieces[2];
  ASSERT_EQ(output.gather(pieces, 2), 2);
  EXPECT_EQ(pieces[1].iov_base, block.data());
}

TEST(Output, outlives_the_holder_of_what_it_splices) {
  Output output;
  std::string expected;
  {
    const Shared block = block_of(Output::kSpliceMin, 'a');
    output.append(block, block.view());
    expected = as_text(block.view());
  }
  EXPECT_EQ(front(output, 1), expected);
}

TEST(Output, gives_its_memory_back_when_nothing_waits) {
  Output output;
  output.bytes().append(as_bytes("abc"));
  output.consume(3);
  output.release();
  EXPECT_EQ(output.bytes().capacity(), 0u);
}

TEST(OutputDeathTest, does_not_consume_more_than_waits) {
  Output output;
  output.bytes().append(as_bytes("abc"));
  EXPECT_DEATH(output.consume(4), "broken promise");
}

}  // namespace
}  // namespace gaon
