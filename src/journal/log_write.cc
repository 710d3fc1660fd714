// Rounds of group commit; what they need of segments and room is in log_segments.cc.
#include <limits.h>

#include <algorithm>

#include "journal/log.h"

namespace gaon::journal {

namespace {

constexpr std::size_t kRecycledMax = 64;
constexpr std::size_t kRecycledBytesMax = std::size_t{1} << 20;

}  // namespace

bool Log::step() {
  if (health() == Health::failed) return false;
  no_room_.clear();
  take();
  bool did = write_taken();
  did |= drop_segments();
  if (!spare_ && health() != Health::failed && make_spare()) {
    no_room_.clear();
    did = true;
  }
  set_health(no_room_.empty() ? Health::good : Health::full, no_room_);
  return did;
}

void Log::take() {
  const std::lock_guard lock(mutex_);
  for (Waiting& batch : queue_) taken_.push_back(std::move(batch));
  queue_.clear();
}

bool Log::write_taken() {
  bool did = false;
  if (!file_) {
    // After opening, or where there was no room before.
    if (!begin_segment()) return false;
    did = true;
  }
  while (written_ < taken_.size()) {
    if (taken_[written_].frame.segment != segments_.back().number) {
      if (!close_segment() || !begin_segment()) return did;
      did = true;
    }
    if (!write_round()) break;
    did = true;
  }
  commit(false);
  return did;
}

// One write of batches that lie side by side.
bool Log::write_round() {
  const std::size_t size = gather();
  const Waiting& first = taken_[written_];
  const std::uint64_t at = first.frame.offset + std::uint64_t{written_partly_};
  const std::string name = segment_name(first.frame.segment);
  if (at + size > allocated_) {
    if (!done(file_.preallocate(at + size), name)) return false;
    allocated_ = at + size;
  }
  const auto wrote = file_.write_at(at, pieces_);
  if (!wrote) return done(wrote.error(), name);
  count_written(*wrote);
  return true;
}

// Fills pieces_ with the batches of one segment that come next, and says their size.
std::size_t Log::gather() {
  pieces_.clear();
  const std::uint32_t segment = taken_[written_].frame.segment;
  std::size_t size = 0;
  const auto add = [&](std::uint8_t* bytes, std::size_t count, std::size_t skipped) {
    if (skipped >= count) return;
    pieces_.push_back({bytes + skipped, count - skipped});
    size += count - skipped;
  };
  for (std::size_t i = written_; i < taken_.size() && pieces_.size() + 2 <= IOV_MAX; ++i) {
    Waiting& batch = taken_[i];
    if (batch.frame.segment != segment) break;
    const std::size_t skipped = i == written_ ? written_partly_ : 0;
    // What was begun keeps its head: a part of it may be on the disk.
    if (skipped == 0) {
      format_.encode({.length = static_cast<std::uint32_t>(batch.content.size()),
                      .synced = synced_.offset,
                      .content_crc = batch.content_crc},
                     batch.frame.offset, batch.head.data());
    }
    add(batch.head.data(), kFrameHeadSize, skipped);
    add(batch.content.data(), batch.content.size(), skipped - std::min<std::size_t>(skipped, kFrameHeadSize));
  }
  return size;
}

void Log::count_written(std::size_t bytes) {
  counters_.bytes_written.fetch_add(bytes, std::memory_order_relaxed);
  written_partly_ += bytes;
  while (written_ < taken_.size() && written_partly_ >= taken_[written_].size()) {
    written_partly_ -= taken_[written_].size();
    segments_.back().size = taken_[written_].end().offset;
    ++written_;
  }
}

// Makes what was written durable, and gives its buffers back.
bool Log::commit(bool sync_anyway) {
  if (written_ == 0 && !sync_anyway) return true;
  if ((sync_anyway || options_.durability == Durability::synced) && !sync()) return false;
  if (written_ == 0) return true;
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < written_; ++i) bytes += taken_[i].size();
  counters_.batches.fetch_add(written_, std::memory_order_relaxed);
  disk_bytes_.fetch_add(bytes, std::memory_order_relaxed);
  pending_.fetch_sub(bytes, std::memory_order_relaxed);
  durable_.store(pack(taken_[written_ - 1].end()), std::memory_order_release);
  {
    const std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i < written_ && recycled_.size() < kRecycledMax; ++i) {
      Buffer& buffer = taken_[i].content;
      if (buffer.capacity() > kRecycledBytesMax) continue;
      buffer.clear();
      recycled_.push_back(std::move(buffer));
    }
  }
  taken_.erase(taken_.begin(), taken_.begin() + static_cast<std::ptrdiff_t>(written_));
  written_ = 0;
  if (options_.on_durable) options_.on_durable();
  return true;
}

// A sync that failed is never tried again: the system may have thrown away what it could
// not write, and would report success.
bool Log::sync() {
  const std::int64_t begin = clock_ != nullptr ? clock_() : 0;
  if (const int error = file_.sync()) {
    set_health(Health::failed, disk_error(disk_, segment_name(segments_.back().number), error));
    return false;
  }
  counters_.syncs.fetch_add(1, std::memory_order_relaxed);
  if (clock_ != nullptr) {
    const std::int64_t took = clock_() - begin;
    counters_.sync_ns = took;
    counters_.sync_ns_max = std::max(counters_.sync_ns_max.load(), took);
  }
  synced_ = {segments_.back().number, static_cast<std::uint32_t>(segments_.back().size)};
  return true;
}

}  // namespace gaon::journal
