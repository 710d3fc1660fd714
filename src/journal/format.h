// What stands in a segment. Numbers are big-endian. docs/formats.md tells the same at length.
//
//   segment  = head head frame* (zero byte)*       the heads are the same, at 0 and at 512;
//                                                  frames begin at 1024
//   head     = "GAONLOG\n" version:u32 segment:u32 previous:u32 incarnation:u32
//              seed_low:u64 seed_high:u64 crc:u32  crc of all before; then zeroes up to 512 bytes
//   frame    = length:u32 synced:u32 content_crc:u32 head_crc:u32 content
//   content  = length bytes: one batch. With bit 31 of length set: length (without it) bytes
//              that were damaged, to be skipped; content_crc is 0
//
// All of version 1; the head is the same in all versions. Sums are CRC32C. head_crc is that
// of seed, segment and the frame's offset, then the frame's first 12 bytes: so nothing is
// taken for a frame that is not at its place, and nobody who does not know the seed can
// make a payload that looks like one. synced says how much of this segment was on the disk
// for certain when the frame was written.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "journal/journal.h"

namespace gaon::journal {

inline constexpr std::uint32_t kVersion = 1;
inline constexpr std::uint32_t kHeadCopy = 512;  // a sector: torn or lost as one
inline constexpr std::uint32_t kHeadsSize = 1024;
inline constexpr std::uint32_t kFrameHeadSize = 16;
inline constexpr std::uint32_t kSkip = 0x80000000;
inline constexpr std::uint32_t kBatchMax = (1U << 30) - 1;

struct SegmentHead {
  std::uint32_t version = kVersion;
  std::uint32_t segment = 0;
  std::uint32_t previous = 0;  // the segment before this one; 0: none
  Identity identity;
};

using SegmentHeads = std::array<std::uint8_t, kHeadsSize>;
SegmentHeads encode_heads(const SegmentHead& head);
// One head; nothing if its sum is wrong.
std::optional<SegmentHead> decode_head(ByteView bytes);

struct FrameHead {
  std::uint32_t length = 0;  // of the content
  bool skip = false;         // the content is damage to pass over
  std::uint32_t synced = 0;
  std::uint32_t content_crc = 0;
};

// Writes and reads frame heads of one segment.
class FrameFormat {
 public:
  FrameFormat() = default;
  FrameFormat(const Identity& identity, std::uint32_t segment);

  void encode(const FrameHead& head, std::uint32_t offset, std::uint8_t* to) const;
  // Nothing where no frame of this segment begins. bytes: from offset on, kFrameHeadSize or more.
  std::optional<FrameHead> decode(ByteView bytes, std::uint32_t offset) const;

 private:
  std::uint32_t head_crc(const std::uint8_t* bytes, std::uint32_t offset) const;

  std::uint32_t salt_ = 0;
};

// 7 -> "0000000007.log", and back; nothing for names of other files.
std::string segment_name(std::uint32_t segment);
std::optional<std::uint32_t> segment_of_name(const std::string& name);

}  // namespace gaon::journal
