// How the journal is kept small. The oldest segment is read once more: each worker
// writes again, at the end of the log, what is still needed of what it has; then the
// segment is dropped. The first worker says which and when, one segment after the other.
//
// What only changed something before it (an acknowledgement, an end) needs no writing
// again: what it changed lies in this segment or was in one that is gone, and whatever
// is written again is written as it is now.
//
// Two rounds of mail make it safe: when all have read the segment, a second one sees to
// it that what was on its way between workers meanwhile has arrived and is recorded.
#pragma once

#include <cstdint>

#include "base/buffer.h"
#include "broker/records.h"
#include "journal/journal.h"

namespace gaon::broker {

// A worker's part.
struct Cleaning {
  std::uint32_t segment = 0;  // 0: nothing to do
  journal::Place next;        // the batch after the one at hand
  journal::Place begin;       // of the batch at hand
  Buffer batch;
  std::size_t read = 0;  // bytes of it that are done
  // The message record that the records behind it are about.
  MessageId message;
  ByteView message_record;
  journal::Place message_at;
  // What was written again: sessions, copies, retained messages; and its size.
  std::uint64_t units = 0;
  std::uint64_t bytes = 0;
};

// The first worker's part.
struct Cleaner {
  std::uint32_t segment = 0;  // the latest that was, or is being, cleaned
  std::size_t waits = 0;      // workers that have not answered
  bool second_round = false;
  std::uint64_t units = 0;  // written again of this segment
  std::uint64_t bytes = 0;
  std::uint64_t unit_bytes = 128;  // of one on the disk, as far as is known
  bool was_nearly_dead = false;    // the last segment
};

}  // namespace gaon::broker
