// Any bytes as one or two segments: opening them neither crashes nor hangs, and what
// salvage made of them opens again without it.
//
// The input: control byte, then the first file's size (16 bits) and both files. Bits of the
// control byte: 0 two files, 1 salvage, 2 good heads, 3 good heads of frames every 64 bytes.
#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "journal/log.h"
#include "journal/memory_disk.h"

using namespace gaon;
using namespace gaon::journal;

namespace {

const Identity kIdentity{.seed_low = 1, .seed_high = 2, .incarnation = 1};

std::vector<std::uint8_t> file_of(ByteView bytes, std::uint32_t segment, std::uint8_t control) {
  std::vector<std::uint8_t> file(bytes.begin(), bytes.end());
  if ((control & 4) != 0) {
    const SegmentHeads heads =
        encode_heads({.segment = segment, .previous = segment - 1, .identity = kIdentity});
    file.insert(file.begin(), heads.begin(), heads.end());
  }
  if ((control & 8) != 0) {
    const FrameFormat format(kIdentity, segment);
    for (std::uint32_t at = kHeadsSize; at + 2 * kFrameHeadSize <= file.size(); at += 64) {
      const std::uint8_t* from = file.data() + at + kFrameHeadSize;
      format.encode({.length = 1 + std::uint32_t{load_u16(from)},
                     .skip = (from[2] & 1) != 0,
                     .synced = kHeadsSize + load_u16(from + 3) % (at - kHeadsSize + 1),
                     .content_crc = load_u32(from + 4)},
                    at, file.data() + at);
    }
  }
  return file;
}

bool open(MemoryDisk& disk, bool salvage) {
  const auto log = Log::open(disk, {.segment_bytes = LogOptions::kSegmentMin, .salvage = salvage},
                             [](ByteView, Place) { return true; });
  if (!log) return false;
  Buffer records;
  records.append(as_bytes("records"));
  (*log)->append(records);
  while ((*log)->step()) {
  }
  for (std::uint32_t segment = 0; segment < 4; ++segment) {
    Place at{segment, 0};
    Buffer into;
    while (const auto batch = (*log)->read_batch(at, into)) at = batch->next;
  }
  if ((*log)->health() != Health::good) {
    std::fprintf(stderr, "what was opened cannot be read back: %s\n", (*log)->why_failed().c_str());
    std::abort();
  }
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Reader reader({data, size});
  const std::uint8_t control = reader.u8();
  const std::size_t first = reader.u16();
  MemoryDisk disk;
  if ((control & 1) != 0) {
    disk.set_content(segment_name(1), file_of(reader.take(std::min(first, reader.left())), 1, control));
  }
  disk.set_content(segment_name(2), file_of(reader.rest(), 2, control));
  const bool salvage = (control & 2) != 0;
  if (open(disk, salvage) && !open(disk, false)) {
    std::fprintf(stderr, "what was opened does not open again\n");
    std::abort();
  }
  return 0;
}
