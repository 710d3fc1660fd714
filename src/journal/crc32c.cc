#include "journal/crc32c.h"

#include <array>

#ifdef GAON_WITH_ISAL
#include <isa-l/crc.h>
#endif

namespace gaon::journal {

namespace {

constexpr std::uint32_t kPolynomial = 0x82f63b78;  // reflected

using Table = std::array<std::uint32_t, 256>;

// tables[n][b] is what byte b does to the sum when n bytes follow it.
constexpr std::array<Table, 8> make_tables() {
  std::array<Table, 8> tables{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t sum = byte;
    for (int bit = 0; bit < 8; ++bit) sum = (sum >> 1) ^ ((sum & 1) != 0 ? kPolynomial : 0);
    tables[0][byte] = sum;
  }
  for (std::size_t n = 1; n < tables.size(); ++n) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const std::uint32_t sum = tables[n - 1][byte];
      tables[n][byte] = (sum >> 8) ^ tables[0][sum & 0xff];
    }
  }
  return tables;
}

constexpr std::array<Table, 8> kTables = make_tables();

}  // namespace

std::uint32_t crc32c_by_table(ByteView bytes, std::uint32_t before) {
  std::uint32_t sum = ~before;
  const std::uint8_t* at = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= 8; left -= 8, at += 8) {
    sum = kTables[7][(sum ^ at[0]) & 0xff] ^ kTables[6][((sum >> 8) ^ at[1]) & 0xff] ^
          kTables[5][((sum >> 16) ^ at[2]) & 0xff] ^ kTables[4][(sum >> 24) ^ at[3]] ^ kTables[3][at[4]] ^
          kTables[2][at[5]] ^ kTables[1][at[6]] ^ kTables[0][at[7]];
  }
  for (; left > 0; --left, ++at) sum = (sum >> 8) ^ kTables[0][(sum ^ *at) & 0xff];
  return ~sum;
}

std::uint32_t crc32c(ByteView bytes, std::uint32_t before) {
#ifdef GAON_WITH_ISAL
  // ISA-L does not write to the bytes, it only lacks the const; and it leaves the
  // inversion at both ends to the caller.
  return ~crc32_iscsi(const_cast<unsigned char*>(bytes.data()), static_cast<int>(bytes.size()), ~before);
#else
  return crc32c_by_table(bytes, before);
#endif
}

}  // namespace gaon::journal
