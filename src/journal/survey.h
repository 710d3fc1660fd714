// What stands in a directory's segments, read as opening would read them but without
// changing anything: for tools. No lock is needed; while a log is being written there, the
// survey is of some moment of it, and a batch that is just being written looks torn.
#pragma once

#include <vector>

#include "journal/recover.h"

namespace gaon::journal {

struct SurveyedSegment {
  std::uint32_t number = 0;
  SegmentHead head{};
  std::uint64_t file_bytes = 0;
  std::uint64_t used_bytes = 0;  // heads, frames, and what is damaged between them
  std::uint64_t torn_bytes = 0;  // behind them, to be cut off by the next opening
};

struct Survey {
  std::vector<SurveyedSegment> segments;  // those that can be read; oldest first
  Damage damage;
};

// Damage is passed over and listed; apply gets every batch that is whole. An error: a file
// cannot be read, is of a newer format, or apply said false.
Result<Survey> survey(Disk& disk, const Apply& apply, const Progress& progress = {});

}  // namespace gaon::journal
