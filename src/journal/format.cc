#include "journal/format.h"

#include <cstdio>

#include "base/buffer.h"
#include "journal/crc32c.h"

namespace gaon::journal {

namespace {

constexpr std::string_view kMagic = "GAONLOG\n";
constexpr std::size_t kHeadSize = 44;

}  // namespace

SegmentHeads encode_heads(const SegmentHead& head) {
  Buffer bytes;
  bytes.append(as_bytes(kMagic));
  bytes.u32(head.version);
  bytes.u32(head.segment);
  bytes.u32(head.previous);
  bytes.u32(head.identity.incarnation);
  bytes.u64(head.identity.seed_low);
  bytes.u64(head.identity.seed_high);
  bytes.u32(crc32c(bytes.view()));
  SegmentHeads heads{};
  std::memcpy(heads.data(), bytes.data(), bytes.size());
  std::memcpy(heads.data() + kHeadCopy, bytes.data(), bytes.size());
  return heads;
}

std::optional<SegmentHead> decode_head(ByteView bytes) {
  if (bytes.size() < kHeadSize || as_text(bytes.first(kMagic.size())) != kMagic) return std::nullopt;
  if (crc32c(bytes.first(kHeadSize - 4)) != load_u32(bytes.data() + kHeadSize - 4)) return std::nullopt;
  Reader reader(bytes.subspan(kMagic.size()));
  SegmentHead head;
  head.version = reader.u32();
  head.segment = reader.u32();
  head.previous = reader.u32();
  head.identity.incarnation = static_cast<std::uint16_t>(reader.u32());
  head.identity.seed_low = reader.u64();
  head.identity.seed_high = reader.u64();
  return head;
}

FrameFormat::FrameFormat(const Identity& identity, std::uint32_t segment) {
  std::array<std::uint8_t, 20> bytes{};
  store_u64(bytes.data(), identity.seed_low);
  store_u64(bytes.data() + 8, identity.seed_high);
  store_u32(bytes.data() + 16, segment);
  salt_ = crc32c(bytes);
}

std::uint32_t FrameFormat::head_crc(const std::uint8_t* bytes, std::uint32_t offset) const {
  std::array<std::uint8_t, 16> sealed{};
  store_u32(sealed.data(), offset);
  std::memcpy(sealed.data() + 4, bytes, 12);
  return crc32c(sealed, salt_);
}

void FrameFormat::encode(const FrameHead& head, std::uint32_t offset, std::uint8_t* to) const {
  store_u32(to, head.length | (head.skip ? kSkip : 0));
  store_u32(to + 4, head.synced);
  store_u32(to + 8, head.content_crc);
  store_u32(to + 12, head_crc(to, offset));
}

std::optional<FrameHead> FrameFormat::decode(ByteView bytes, std::uint32_t offset) const {
  const std::uint8_t* from = bytes.data();
  const std::uint32_t length = load_u32(from);
  // Cheap questions first: damage is searched byte by byte.
  if ((length & ~kSkip) == 0 || (length & ~kSkip) > kBatchMax) return std::nullopt;
  const std::uint32_t synced = load_u32(from + 4);
  if (synced < kHeadsSize || synced > offset) return std::nullopt;
  if (load_u32(from + 12) != head_crc(from, offset)) return std::nullopt;
  return FrameHead{.length = length & ~kSkip,
                   .skip = (length & kSkip) != 0,
                   .synced = synced,
                   .content_crc = load_u32(from + 8)};
}

std::string segment_name(std::uint32_t segment) {
  char name[16];
  std::snprintf(name, sizeof name, "%010u.log", segment);
  return name;
}

std::optional<std::uint32_t> segment_of_name(const std::string& name) {
  if (name.size() != 14 || !name.ends_with(".log")) return std::nullopt;
  std::uint64_t segment = 0;
  for (const char digit : name.substr(0, 10)) {
    if (digit < '0' || digit > '9') return std::nullopt;
    segment = segment * 10 + static_cast<std::uint64_t>(digit - '0');
  }
  if (segment == 0 || segment >= 0xffffffff) return std::nullopt;
  return static_cast<std::uint32_t>(segment);
}

}  // namespace gaon::journal
