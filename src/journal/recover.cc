#include "journal/recover.h"

#include <algorithm>

#include "base/log.h"
#include "journal/crc32c.h"

namespace gaon::journal {

namespace {

// A stretch that is passed over needs room for the frame that says so, and a byte.
constexpr std::uint32_t kStretchMin = kFrameHeadSize + 1;

}  // namespace

Result<Recovered> Recovery::run() {
  TRY(find_segments());
  TRY(check_chain());
  for (const Segment& segment : found_.segments) bytes_all_ += segment.size;
  for (Segment& segment : found_.segments) {
    TRY(stream(segment, &segment == &found_.segments.back()));
    bytes_before_ += segment.size;
    report(0);
  }
  if (!found_.segments.empty()) found_.identity = found_.segments.back().head.identity;
  return std::move(found_);
}

void Recovery::report(std::uint64_t done) {
  if (progress_) progress_(std::min(bytes_before_ + done, bytes_all_), bytes_all_);
}

Result<void> Recovery::stream(Segment& segment, bool last) {
  Open open{.name = segment_name(segment.number),
            .format = FrameFormat(segment.head.identity, segment.number),
            .size = segment.size,
            .last = last};
  auto file = File::open(disk_, open.name, Disk::Access::write);
  if (!file) return failed(open.name, file.error());
  open.file = std::move(*file);
  window_.open(open.file);
  TRY_SET(const std::uint32_t end, stream_frames(open));
  if (end < open.size) {
    if (const int error = open.file.truncate(end)) return failed(open.name, error);
  }
  // What a killed process wrote may still be on its way to the disk; from now on we stand by it.
  if (last || end < open.size) {
    if (const int error = open.file.sync()) return failed(open.name, error);
  }
  const std::uint64_t preallocated = segment.size - end;
  segment.size = end;
  bytes_all_ -= preallocated;
  return {};
}

// Returns where the frames end.
Result<std::uint32_t> Recovery::stream_frames(Open& open) {
  const std::uint32_t number = *segment_of_name(open.name);
  std::uint32_t offset = kHeadsSize;
  while (offset < open.size) {
    const auto head = window_.at(offset, kFrameHeadSize);
    if (!head) return failed(open.name, head.error());
    const auto frame =
        head->size() == kFrameHeadSize ? open.format.decode(*head, offset) : std::optional<FrameHead>{};
    std::string expected = "the head of a batch";
    if (frame) {
      const std::uint32_t begin = offset + kFrameHeadSize;
      const auto content = window_.at(begin, frame->length);
      if (!content) return failed(open.name, content.error());
      const bool whole = content->size() == frame->length;
      if (whole && (frame->skip || crc32c(*content) == frame->content_crc)) {
        if (!frame->skip && !apply_(*content, {number, begin}))
          return failure(disk_.path(open.name) + ", offset " + std::to_string(begin) +
                         ": the records there are whole, but not understood");
        offset = begin + frame->length;
        report(offset);
        continue;
      }
      expected = "a batch of " + std::to_string(frame->length) + " bytes with its checksum";
    }
    TRY_SET(const std::uint32_t next, pass_over(open, offset, expected));
    if (next == offset) break;
    offset = next;
  }
  return offset;
}

// A bad frame at offset. Returns where to go on; offset itself if the segment ends there.
Result<std::uint32_t> Recovery::pass_over(Open& open, std::uint32_t offset, const std::string& expected) {
  TRY_SET(const Behind behind, look_behind(open, offset));
  if (open.last && !behind.was_synced) return offset;
  if (!salvage_) return damaged(open.name, offset, expected);
  if (!open.copied) TRY(copy_aside(open.name));
  open.copied = true;

  const std::uint64_t end = behind.next.value_or(static_cast<std::uint32_t>(open.size));
  found_.damage.add({open.name, offset, end - offset, expected});
  log(LogLevel::warning, disk_.path(open.name) + ": passed over " + std::to_string(end - offset) +
                             " damaged bytes at offset " + std::to_string(offset));
  if (!behind.next) return offset;
  std::array<std::uint8_t, kFrameHeadSize> skip{};
  open.format.encode({.length = *behind.next - offset - kFrameHeadSize,
                      .skip = true,
                      .synced = kHeadsSize,
                      .content_crc = 0},
                     offset, skip.data());
  if (const int error = open.file.write_all(offset, skip)) return failed(open.name, error);
  if (const int error = open.file.sync()) return failed(open.name, error);
  return *behind.next;
}

Result<Recovery::Behind> Recovery::look_behind(Open& open, std::uint32_t offset) {
  Behind behind;
  std::uint32_t at = offset + kStretchMin;
  while (at + std::uint64_t{kFrameHeadSize} < open.size) {
    const auto piece = window_.at(at, Window::kPiece);
    if (!piece) return failed(open.name, piece.error());
    if (piece->size() <= kFrameHeadSize) break;
    const std::size_t end = piece->size() - kFrameHeadSize;
    std::size_t i = 0;
    while (i < end) {
      // No frame begins in the first five of eight zeroes: its length would be 0.
      if (load_u64(piece->data() + i) == 0) {
        i += 5;
        continue;
      }
      const auto frame = open.format.decode(piece->subspan(i), at + static_cast<std::uint32_t>(i));
      if (frame) {
        if (!behind.next) behind.next = at + static_cast<std::uint32_t>(i);
        behind.was_synced = behind.was_synced || frame->synced > offset;
        if (behind.was_synced || !open.last) return behind;
      }
      ++i;
    }
    at += static_cast<std::uint32_t>(i);
  }
  return behind;
}

Result<void> Recovery::copy_aside(const std::string& name) {
  const std::string copy_name = free_name(name);
  auto from = File::open(disk_, name, Disk::Access::read);
  if (!from) return failed(name, from.error());
  auto to = File::open(disk_, copy_name, Disk::Access::create);
  if (!to) return failed(copy_name, to.error());
  std::vector<std::uint8_t> piece(Window::kPiece);
  std::uint64_t at = 0;
  while (true) {
    const auto got = from->read_at(at, piece);
    if (!got) return failed(name, got.error());
    if (*got == 0) break;
    if (const int error = to->write_all(at, ByteView(piece).first(*got))) return failed(copy_name, error);
    at += *got;
  }
  if (const int error = to->sync()) return failed(copy_name, error);
  if (const int error = disk_.sync_directory()) return failed(copy_name, error);
  return {};
}

std::string Recovery::free_name(const std::string& name) {
  const auto names = disk_.list();
  std::string free = name + ".damaged";
  for (int n = 2; names && std::ranges::find(*names, free) != names->end(); ++n)
    free = name + ".damaged." + std::to_string(n);
  return free;
}

std::unexpected<Error> Recovery::damaged(const std::string& name, std::uint64_t offset,
                                         const std::string& expected) const {
  return failure(disk_.path(name) + " is damaged at offset " + std::to_string(offset) + ": expected " +
                 expected + ". To go on without what is damaged (a copy is kept), start with --salvage");
}

}  // namespace gaon::journal
