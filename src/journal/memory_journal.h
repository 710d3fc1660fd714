// Keeps nothing: sessions live as long as the process. Safe on any thread. Tests derive
// what remembers a part of it.
#pragma once

#include "journal/journal.h"

namespace gaon::journal {

class MemoryJournal : public Journal {
 public:
  bool keeps_records() const override { return false; }
  Appended append(Buffer& records) override {
    records.clear();
    return {};
  }
  Place durable() const override { return {}; }
  Health health() const override { return Health::good; }
  std::size_t pending_bytes() const override { return 0; }
  std::expected<void, NotRead> read(Place, std::size_t, Buffer&) override {
    return std::unexpected(NotRead::nothing);
  }
  std::expected<Batch, NotRead> read_batch(Place, Buffer&) override {
    return std::unexpected(NotRead::nothing);
  }
  std::uint32_t oldest_segment() const override { return 0; }
  std::uint32_t current_segment() const override { return 0; }
  std::uint64_t disk_bytes() const override { return 0; }
  std::size_t segment_bytes() const override { return 0; }
  void drop_before(std::uint32_t) override {}
};

}  // namespace gaon::journal
