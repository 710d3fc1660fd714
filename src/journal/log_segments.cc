// How the log goes from segment to segment: closing, beginning, room ahead, dropping; and
// what becomes of errors.
#include "base/check.h"
#include "base/log.h"
#include "journal/log.h"

namespace gaon::journal {

// Cut to what is used: whatever stands in a closed segment must be a frame, so that what the
// disk turns into zeroes is not taken for its end.
bool Log::close_segment() {
  if (!file_) return true;
  const Segment& segment = segments_.back();
  if (!done(file_.truncate(segment.size), segment_name(segment.number))) return false;
  if (!commit(true)) return false;
  file_ = File();
  return true;
}

// In steps which may each fail for want of room and be taken again.
bool Log::begin_segment() {
  if (!spare_ && !make_spare()) return false;
  const std::string name = segment_name(next_segment_);
  if (!renamed_) {
    if (!done(disk_.rename(kSpareName, name), name)) return false;
    renamed_ = true;
  }
  if (!done(disk_.sync_directory(), name)) return false;
  const SegmentHead head{.segment = next_segment_,
                         .previous = segments_.empty() ? 0 : segments_.back().number,
                         .identity = identity_};
  if (!done(spare_.write_all(0, encode_heads(head)), name)) return false;
  segments_.push_back({.number = next_segment_, .size = kHeadsSize, .head = head});
  file_ = std::exchange(spare_, File());
  renamed_ = false;
  allocated_ = options_.segment_bytes;
  format_ = FrameFormat(identity_, next_segment_);
  ++next_segment_;
  disk_bytes_.fetch_add(kHeadsSize, std::memory_order_relaxed);
  counters_.bytes_written.fetch_add(kHeadsSize, std::memory_order_relaxed);
  return sync();
}

bool Log::make_spare() {
  auto file = File::open(disk_, kSpareName, Disk::Access::create);
  if (!file && cannot_open_now(file.error())) return lacks(kSpareName, file.error());
  if (!file) return done(file.error(), kSpareName);
  if (const int error = file->preallocate(options_.segment_bytes)) {
    *file = File();
    // What was got of it is needed elsewhere.
    return done(disk_.remove(kSpareName), kSpareName) && done(error, kSpareName);
  }
  spare_ = std::move(*file);
  return true;
}

bool Log::drop_segments() {
  Drop drop;
  {
    const std::lock_guard lock(mutex_);
    drop = drop_;
  }
  bool did = false;
  while (segments_.size() > 1 && segments_.front().number < drop.before) {
    if (health() == Health::failed) return did;
    // What replaces the dropped must be safe first, even where durable means only written.
    if (synced_ < drop.after && (!file_ || durable() < drop.after || !commit(true))) return did;
    const Segment segment = segments_.front();
    const std::string name = segment_name(segment.number);
    oldest_ = segments_[1].number;
    // One by one, so that a crash leaves no hole.
    if (!done(disk_.remove(name), name) || !done(disk_.sync_directory(), name)) return did;
    files_.forget(segment.number);
    segments_.pop_front();
    disk_bytes_.fetch_sub(segment.size, std::memory_order_relaxed);
    did = true;
  }
  return did;
}

// No room is remembered for the end of the step; anything else is the end of the log.
bool Log::done(int error, const std::string& name) {
  if (error == 0) return true;
  if (no_space(error)) return lacks(name, error);
  set_health(Health::failed, disk_error(disk_, name, error));
  return false;
}

bool Log::lacks(const std::string& name, int error) {
  no_room_ = disk_error(disk_, name, error);
  return false;
}

void Log::set_health(Health health, const std::string& why) {
  Health before = health_.load();
  do {
    if (before == Health::failed || before == health) return;
  } while (!health_.compare_exchange_weak(before, health));
  if (health == Health::failed) {
    const std::lock_guard lock(mutex_);
    why_failed_ = why;
  }
  switch (health) {
    case Health::good:
      log(LogLevel::info, "journal: there is room again");
      break;
    case Health::full:
      log(LogLevel::warning, "journal: no room for another segment: " + why);
      break;
    case Health::failed:
      log(LogLevel::error, "journal: failed, nothing is durable from here on: " + why);
      break;
  }
  if (options_.on_health) options_.on_health(health);
}

}  // namespace gaon::journal
