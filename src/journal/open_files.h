// A few segments kept open for reading back. Any thread: readers of one segment do not wait
// for each other.
#pragma once

#include <array>
#include <mutex>
#include <shared_mutex>

#include "journal/disk.h"
#include "journal/format.h"

namespace gaon::journal {

class OpenFiles {
 public:
  explicit OpenFiles(Disk& disk) : disk_(disk) {}

  // As Disk::read_at; ENOENT if the segment was deleted.
  Outcome<std::size_t> read_at(std::uint32_t segment, std::uint64_t at, std::span<std::uint8_t> into) {
    Slot& slot = slots_[segment % slots_.size()];
    {
      const std::shared_lock lock(slot.mutex);
      if (slot.holds(segment)) return slot.file.read_at(at, into);
    }
    const std::lock_guard lock(slot.mutex);
    if (!slot.holds(segment)) {
      auto file = File::open(disk_, segment_name(segment), Disk::Access::read);
      if (!file) return std::unexpected(file.error());
      slot.file = std::move(*file);
      slot.segment = segment;
    }
    return slot.file.read_at(at, into);
  }

  // Before a segment is deleted, so that its room is free afterwards.
  void forget(std::uint32_t segment) {
    Slot& slot = slots_[segment % slots_.size()];
    const std::lock_guard lock(slot.mutex);
    if (!slot.holds(segment)) return;
    slot.file = File();
  }

 private:
  struct Slot {
    bool holds(std::uint32_t wanted) const { return file && segment == wanted; }

    std::shared_mutex mutex;
    std::uint32_t segment = 0;
    File file;
  };

  Disk& disk_;
  std::array<Slot, 32> slots_;
};

}  // namespace gaon::journal
