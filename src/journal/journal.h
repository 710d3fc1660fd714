// The seam to the durable log. A worker hands over the records of its tick as one
// batch and asks how far the log is safe; what it owes to peers is released in that
// order. What records mean is their owner's affair. One for the process.
#pragma once

#include <compare>
#include <cstdint>
#include <expected>

#include "base/buffer.h"

namespace gaon::journal {

// A byte of the log. Places grow in the order of appending.
struct Place {
  std::uint32_t segment = 0;
  std::uint32_t offset = 0;
  auto operator<=>(const Place&) const = default;
};

struct Appended {
  Place begin;  // of the first record byte of the batch
  Place end;    // behind the batch
};

enum class Health : std::uint8_t {
  good,
  full,    // no room for the next segment: what adds must be refused, what ends may still be recorded
  failed,  // a write or a sync failed: final, nothing becomes durable any more
};

// Why there was nothing to read.
enum class NotRead : std::uint8_t {
  nothing,  // it is not there
  not_now,  // for want of a descriptor or memory: to be asked again
};

struct Identity {
  std::uint64_t seed_low = 0;  // the seed stays for ever
  std::uint64_t seed_high = 0;
  std::uint16_t incarnation = 0;  // rises by one with each opening; 65535 wraps to 1
};

class Journal {
 public:
  virtual ~Journal() = default;

  // Whether records are wanted at all; if not, nobody needs to write them.
  virtual bool keeps_records() const = 0;

  // One batch, smaller than 1 GiB: all of it survives a crash or nothing. Takes it (records
  // is left empty, with recycled capacity if there is some) and says where it is. An empty
  // one writes nothing: begin = end = the end of the log. The log's order is the order of
  // the calls; what is durable is always a prefix of it. Any thread; short critical section.
  virtual Appended append(Buffer& records) = 0;

  virtual Place durable() const = 0;              // lock-free
  virtual Health health() const = 0;              // lock-free
  virtual std::size_t pending_bytes() const = 0;  // appended, not durable; lock-free

  // Reads back what is durable from there on in the segment, at most size bytes, appended to
  // into. Nothing: the first byte is not durable yet, or no longer there. Any thread.
  virtual std::expected<void, NotRead> read(Place from, std::size_t size, Buffer& into) = 0;

  // Cleaning: reads the whole batch whose frame begins at `at` (offset 0: the first of the
  // segment), checked, its records appended to into. Nothing at the end of the segment or of
  // what is durable. Damage makes the journal fail: who cleans must not take it for the end.
  struct Batch {
    Place begin;  // of the first record byte
    Place next;   // where the next frame begins
  };
  virtual std::expected<Batch, NotRead> read_batch(Place at, Buffer& into) = 0;

  virtual std::uint32_t oldest_segment() const = 0;   // lock-free
  virtual std::uint32_t current_segment() const = 0;  // the end of the log lies in it; lock-free
  virtual std::uint64_t disk_bytes() const = 0;       // all segments as far as they are used; lock-free
  virtual std::size_t segment_bytes() const = 0;

  // Segments before this one hold nothing that is needed any more, provided that what was
  // appended until now is kept. They are deleted, oldest first, once that is on the disk.
  // Never the current one. Any thread.
  virtual void drop_before(std::uint32_t segment) = 0;
};

}  // namespace gaon::journal
