#include "journal/survey.h"

#include <algorithm>
#include <cstring>

#include "journal/read_only_disk.h"

namespace gaon::journal {

namespace {

// Only the last segment can be torn. Room made ahead is zeroes; what is torn ends with the
// last byte that is not.
Result<void> measure(Disk& disk, SurveyedSegment& segment, bool last) {
  const std::string name = segment_name(segment.number);
  const auto file = File::open(disk, name, Disk::Access::read);
  if (!file) return failure(disk_error(disk, name, file.error()));
  const auto size = file->size();
  if (!size) return failure(disk_error(disk, name, size.error()));
  segment.file_bytes = *size;
  if (!last) return {};
  std::vector<std::uint8_t> piece(Window::kPiece);
  for (std::uint64_t at = segment.used_bytes; at < *size;) {
    const auto got = file->read_at(at, piece);
    if (!got) return failure(disk_error(disk, name, got.error()));
    if (*got == 0) break;
    // Equal to itself a byte on, and begins with 0: all of it is.
    const bool zeroes = piece[0] == 0 && std::memcmp(piece.data(), piece.data() + 1, *got - 1) == 0;
    for (std::size_t i = *got; !zeroes && i-- > 0;) {
      if (piece[i] == 0) continue;
      segment.torn_bytes = at + i + 1 - segment.used_bytes;
      break;
    }
    at += *got;
  }
  return {};
}

}  // namespace

Result<Survey> survey(Disk& disk, const Apply& apply, const Progress& progress) {
  ReadOnlyDisk read_only(disk);
  // Salvaging, because it is what goes on behind damage.
  TRY_SET(Recovered recovered, Recovery(read_only, true, apply, progress).run());
  Survey survey{.segments = {}, .damage = std::move(recovered.damage)};
  // What was put aside is missing in the chain as well: once is enough.
  auto& list = survey.damage.list;
  for (std::size_t i = list.size(); i-- > 0;) {
    const auto same = [&](const Damage::Stretch& one) { return one.bytes > 0 && one.file == list[i].file; };
    if (list[i].bytes == 0 && std::ranges::any_of(list, same))
      list.erase(list.begin() + static_cast<std::ptrdiff_t>(i));
  }
  survey.damage.stretches = list.size();
  for (const Segment& segment : recovered.segments) {
    survey.segments.push_back({.number = segment.number, .head = segment.head, .used_bytes = segment.size});
    TRY(measure(disk, survey.segments.back(), &segment == &recovered.segments.back()));
  }
  return survey;
}

}  // namespace gaon::journal
