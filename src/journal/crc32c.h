// CRC32C (Castagnoli) of bytes, continued from that of the bytes before. Any thread.
#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace gaon::journal {

std::uint32_t crc32c(ByteView bytes, std::uint32_t before = 0);

// The same by a table alone, for machines without ISA-L.
std::uint32_t crc32c_by_table(ByteView bytes, std::uint32_t before = 0);

}  // namespace gaon::journal
