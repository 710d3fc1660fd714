#include "journal/crc32c.h"

#include <gtest/gtest.h>

#include <vector>

namespace gaon::journal {
namespace {

// RFC 3720, appendix B.4, and the usual check value.
TEST(Crc32c, is_that_of_the_standard) {
  std::vector<std::uint8_t> rising(32);
  for (std::size_t i = 0; i < rising.size(); ++i) rising[i] = static_cast<std::uint8_t>(i);
  for (const auto sum : {&crc32c, &crc32c_by_table}) {
    EXPECT_EQ(sum(as_bytes("123456789"), 0), 0xe3069283U);
    EXPECT_EQ(sum(std::vector<std::uint8_t>(32, 0x00), 0), 0x8a9136aaU);
    EXPECT_EQ(sum(std::vector<std::uint8_t>(32, 0xff), 0), 0x62a8ab43U);
    EXPECT_EQ(sum(rising, 0), 0x46dd794eU);
    EXPECT_EQ(sum({}, 0), 0U);
  }
}

TEST(Crc32c, is_the_same_in_pieces_by_library_and_by_table) {
  std::vector<std::uint8_t> bytes(1000);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i * i >> 3);
  const ByteView all = bytes;
  const std::uint32_t whole = crc32c_by_table(all);
  for (std::size_t cut = 0; cut <= all.size(); ++cut) {
    EXPECT_EQ(crc32c(all.subspan(cut), crc32c_by_table(all.first(cut))), whole);
    EXPECT_EQ(crc32c_by_table(all.subspan(cut), crc32c(all.first(cut))), whole);
  }
}

}  // namespace
}  // namespace gaon::journal
