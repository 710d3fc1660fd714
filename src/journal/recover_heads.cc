// The first pass of opening: which segments there are, and whether their heads fit together.
#include <algorithm>

#include "base/log.h"
#include "journal/recover.h"

namespace gaon::journal {

Result<void> Recovery::find_segments() {
  const auto names = disk_.list();
  if (!names) return failure(disk_error(disk_, "", names.error()));
  std::vector<std::uint32_t> numbers;
  for (const std::string& name : *names) {
    if (const auto number = segment_of_name(name)) numbers.push_back(*number);
  }
  std::ranges::sort(numbers);
  for (const std::uint32_t number : numbers) {
    Segment segment{.number = number};
    TRY(check_head(segment, number == numbers.back()));
    if (segment.size > 0) found_.segments.push_back(segment);
  }
  return {};
}

// Fills in size and head; size stays 0 if there is no such segment (any more).
Result<void> Recovery::check_head(Segment& segment, bool last) {
  const std::string name = segment_name(segment.number);
  auto file = File::open(disk_, name, Disk::Access::read);
  if (!file) return failed(name, file.error());
  const auto size = file->size();
  if (!size) return failed(name, size.error());
  if (*size > kHeadsSize + kFrameHeadSize + std::uint64_t{kBatchMax})
    return failure(disk_.path(name) + " is larger than a segment can be");

  SegmentHeads bytes{};
  const auto got = file->read_at(0, bytes);
  if (!got) return failed(name, got.error());
  std::size_t good = 0;
  for (const std::uint32_t at : {0U, kHeadCopy}) {
    const auto head = decode_head(ByteView(bytes).subspan(at));
    if (!head) continue;
    if (head->version > kVersion)
      return failure(disk_.path(name) + " was written in format version " + std::to_string(head->version) +
                     "; this program knows version " + std::to_string(kVersion) + " and older ones");
    if (head->segment != segment.number || head->version == 0) continue;
    segment.head = *head;
    ++good;
  }
  const bool other_log = good > 0 && !found_.segments.empty() &&
                         (segment.head.identity.seed_low != found_.segments.front().head.identity.seed_low ||
                          segment.head.identity.seed_high != found_.segments.front().head.identity.seed_high);
  if (good == 2 && *got == kHeadsSize && !other_log) {
    segment.size = *size;
    found_.last_number = segment.number;
    return {};
  }
  if (last) {
    TRY_SET(const bool never_used, unfinished(*file, name, *size));
    if (never_used) {
      if (const int error = disk_.remove(name)) return failed(name, error);
      if (const int error = disk_.sync_directory()) return failed(name, error);
      return {};
    }
  }
  const std::string expected =
      other_log ? "a segment of the same log" : "two heads of segment " + std::to_string(segment.number);
  if (!salvage_) return damaged(name, 0, expected);
  found_.last_number = segment.number;
  if (good > 0 && *got == kHeadsSize && !other_log) {
    segment.size = *size;
    TRY(copy_aside(name));
    found_.damage.add({name, 0, kHeadCopy, expected});
    return write_heads(segment);
  }
  const std::string aside = free_name(name);
  log(LogLevel::warning, disk_.path(name) + ": cannot be read at all, put aside as " + aside);
  found_.damage.add({name, 0, *size, expected});
  if (const int error = disk_.rename(name, aside)) return failed(name, error);
  if (const int error = disk_.sync_directory()) return failed(name, error);
  return {};
}

// Frames are written only after the heads were synced: if nothing follows bad heads, a
// crash came while the segment was made.
Result<bool> Recovery::unfinished(const File& file, const std::string& name, std::uint64_t size) {
  std::vector<std::uint8_t> piece(Window::kPiece);
  for (std::uint64_t at = kHeadsSize; at < size;) {
    const auto got = file.read_at(at, piece);
    if (!got) return failed(name, got.error());
    if (*got == 0) break;
    for (std::size_t i = 0; i < *got; ++i) {
      if (piece[i] != 0) return false;
    }
    at += *got;
  }
  return true;
}

// Each segment names the one before it; before the oldest all were dropped.
Result<void> Recovery::check_chain() {
  for (std::size_t i = 1; i < found_.segments.size(); ++i) {
    Segment& segment = found_.segments[i];
    const std::uint32_t before = found_.segments[i - 1].number;
    if (segment.head.previous == before) continue;
    const std::string name = segment_name(segment.number);
    const std::string missing = segment_name(segment.head.previous);
    if (!salvage_)
      return failure(disk_.path(missing) + " is missing: " + name + " comes behind it, but " +
                     segment_name(before) +
                     " is the one before. To go on without what was in it, start with --salvage");
    found_.damage.add({missing, 0, 0, "the segment between " + segment_name(before) + " and " + name});
    log(LogLevel::warning, disk_.path(missing) + ": missing, passed over");
    segment.head.previous = before;
    TRY(write_heads(segment));
  }
  return {};
}

Result<void> Recovery::write_heads(const Segment& segment) {
  const std::string name = segment_name(segment.number);
  auto file = File::open(disk_, name, Disk::Access::write);
  if (!file) return failed(name, file.error());
  if (const int error = file->write_all(0, encode_heads(segment.head))) return failed(name, error);
  if (const int error = file->sync()) return failed(name, error);
  return {};
}

}  // namespace gaon::journal
