#include "journal/log.h"

#include <algorithm>
#include <cerrno>

#include "base/check.h"
#include "journal/crc32c.h"

namespace gaon::journal {

Result<std::unique_ptr<Log>> Log::open(Disk& disk, LogOptions options, const Apply& apply,
                                       const Progress& progress) {
  CHECK(options.segment_bytes >= LogOptions::kSegmentMin && options.segment_bytes <= LogOptions::kSegmentMax);
  TRY(disk.take());
  TRY_SET(Recovered recovered, Recovery(disk, options.salvage, apply, progress).run());
  // Room made ahead for a segment that did not come to be.
  if (const int error = disk.remove(kSpareName); error != 0 && error != ENOENT)
    return failure(disk_error(disk, kSpareName, error));
  if (recovered.last_number >= 0xfffffffe) return failure(disk.path("") + ": no segment number is left");
  std::unique_ptr<Log> log(new Log(disk, std::move(options)));
  log->begin_after(std::move(recovered));
  if (log->health() == Health::failed) return failure(log->why_failed());
  return log;
}

void Log::begin_after(Recovered recovered) {
  identity_ = recovered.identity.value_or(
      Identity{.seed_low = options_.seed_low, .seed_high = options_.seed_high, .incarnation = 0});
  identity_.incarnation =
      static_cast<std::uint16_t>(identity_.incarnation == 0xffff ? 1 : identity_.incarnation + 1);
  damage_ = recovered.damage;
  segments_ = std::move(recovered.segments);
  std::uint64_t bytes = 0;
  for (const Segment& segment : segments_) bytes += segment.size;
  disk_bytes_ = bytes;
  next_segment_ = recovered.last_number + 1;
  oldest_ = segments_.empty() ? next_segment_ : segments_.front().number;
  if (!segments_.empty())
    synced_ = {segments_.back().number, static_cast<std::uint32_t>(segments_.back().size)};
  // Where nothing waits, all is durable.
  end_ = durable_ = pack({next_segment_, kHeadsSize});
  step();
}

Appended Log::append(Buffer& records) {
  if (records.empty()) {
    const Place end = unpack(end_.load(std::memory_order_acquire));
    return {end, end};
  }
  CHECK(records.size() <= kBatchMax);
  Waiting batch;
  batch.content_crc = crc32c(records.view());
  batch.content.swap(records);
  const std::size_t size = batch.size();
  // Written by nobody any more; but do not gather what nobody will write either.
  const bool lost = health() == Health::failed;

  const std::lock_guard lock(mutex_);
  Place at = unpack(end_.load(std::memory_order_relaxed));
  if (at.offset > kHeadsSize && at.offset + size > options_.segment_bytes) at = {at.segment + 1, kHeadsSize};
  batch.frame = at;
  const Appended appended{{at.segment, at.offset + kFrameHeadSize}, batch.end()};
  end_.store(pack(appended.end), std::memory_order_release);
  if (!recycled_.empty()) {
    records = std::move(recycled_.back());
    recycled_.pop_back();
  }
  pending_.fetch_add(size, std::memory_order_relaxed);
  if (!lost) queue_.push_back(std::move(batch));
  if (queue_.size() == 1) work_.notify_one();
  return appended;
}

bool Log::is_durable(Place from, std::size_t size) const {
  const Place durable = this->durable();
  if (from.segment != durable.segment) return from.segment < durable.segment;
  return std::uint64_t{from.offset} + size <= durable.offset;
}

std::expected<void, NotRead> Log::read(Place from, std::size_t size, Buffer& into) {
  if (!is_durable(from, 1)) return std::unexpected(NotRead::nothing);
  const Place end = durable();
  size = std::min<std::size_t>(size, kBatchMax);
  if (from.segment == end.segment) size = std::min<std::size_t>(size, end.offset - from.offset);
  const auto got = files_.read_at(from.segment, from.offset, {into.reserve(size), size});
  if (!got && cannot_open_now(got.error())) return std::unexpected(NotRead::not_now);
  if (!got || *got == 0) return std::unexpected(NotRead::nothing);
  into.commit(*got);
  return {};
}

std::expected<Journal::Batch, NotRead> Log::read_batch(Place at, Buffer& into) {
  at.offset = std::max(at.offset, kHeadsSize);
  const FrameFormat format(identity_, at.segment);
  while (is_durable(at, kFrameHeadSize + 1)) {
    std::array<std::uint8_t, kFrameHeadSize> bytes{};
    const auto got = files_.read_at(at.segment, at.offset, bytes);
    if (!got && cannot_open_now(got.error())) return std::unexpected(NotRead::not_now);
    if (!got && got.error() == ENOENT) return std::unexpected(NotRead::nothing);
    if (got && *got == 0) return std::unexpected(NotRead::nothing);
    const auto frame =
        got && *got == bytes.size() ? format.decode(bytes, at.offset) : std::optional<FrameHead>{};
    const Place begin{at.segment, at.offset + kFrameHeadSize};
    if (frame && frame->skip) {
      at.offset = begin.offset + frame->length;
      continue;
    }
    const std::size_t before = into.size();
    const auto content = frame ? read(begin, frame->length, into) : std::unexpected(NotRead::nothing);
    if (!content && content.error() == NotRead::not_now) return std::unexpected(NotRead::not_now);
    if (content) {
      const bool whole = into.size() - before == frame->length;
      if (whole && crc32c(into.view().subspan(before)) == frame->content_crc)
        return Batch{begin, {at.segment, begin.offset + frame->length}};
      into.truncate(before);
    }
    // Deleted in between is not damage.
    if (at.segment < oldest_segment()) return std::unexpected(NotRead::nothing);
    set_health(Health::failed, disk_.path(segment_name(at.segment)) + " is damaged at offset " +
                                   std::to_string(at.offset) + ": a batch cannot be read back");
    return std::unexpected(NotRead::nothing);
  }
  return std::unexpected(NotRead::nothing);
}

void Log::drop_before(std::uint32_t segment) {
  const std::lock_guard lock(mutex_);
  if (segment <= drop_.before) return;
  drop_ = {segment, unpack(end_.load(std::memory_order_relaxed))};
  woken_ = true;
  work_.notify_one();
}

void Log::wait(std::chrono::milliseconds max) {
  std::unique_lock lock(mutex_);
  work_.wait_for(lock, max, [this] { return woken_ || !queue_.empty(); });
  woken_ = false;
}

std::string Log::why_failed() {
  const std::lock_guard lock(mutex_);
  return why_failed_;
}

void Log::wake() {
  const std::lock_guard lock(mutex_);
  woken_ = true;
  work_.notify_one();
}

}  // namespace gaon::journal
