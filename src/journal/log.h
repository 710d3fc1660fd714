// The durable log: segments of batches in the files of a Disk. Generic: what records mean
// is their owner's business.
//
// append() puts a batch into a queue and already decides its place; step() is one round of
// group commit: it writes what is in the queue as it is, syncs once, and publishes how far
// the log is durable. A thread that loops step() is a Writer; a simulation calls it itself.
//
//   append -> queue_ -(take)-> taken_ -(write)-> written -(sync)-> durable, recycled
//
// A segment is closed (cut to what is used, synced) before the next one gets its heads, and
// the heads are on the disk before the first frame: so only the last segment can be torn.
// The room for the next segment is made ahead (spare.log); if there is none, the rest of
// the current one is used, and then batches wait. So it is if a file cannot be opened for want
// of a descriptor.
//
// Threads: step() and measure_with() on one thread, the callbacks come from there (on_health
// may come from a reader of a damaged disk, too); everything else on any.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "journal/disk.h"
#include "journal/format.h"
#include "journal/journal.h"
#include "journal/open_files.h"
#include "journal/recover.h"

namespace gaon::journal {

// When a batch counts as durable.
enum class Durability : std::uint8_t {
  synced,   // on the disk
  written,  // in the system's cache: survives the end of the process, not a power cut
};

struct LogOptions {
  static constexpr std::size_t kSegmentMin = 4096;
  static constexpr std::size_t kSegmentMax = std::size_t{1} << 30;

  std::size_t segment_bytes = std::size_t{64} << 20;  // a larger batch gets a segment of its own
  Durability durability = Durability::synced;
  bool salvage = false;  // pass over what is damaged instead of failing
  // For a new log; one that is there keeps its own.
  std::uint64_t seed_low = 0;
  std::uint64_t seed_high = 0;
  std::function<void()> on_durable;       // durable() has moved
  std::function<void(Health)> on_health;  // health() has changed
};

struct LogCounters {
  std::atomic<std::uint64_t> batches{0};  // durable ones
  std::atomic<std::uint64_t> bytes_written{0};
  std::atomic<std::uint64_t> syncs{0};
  std::atomic<std::int64_t> sync_ns{0};  // the last one; 0 without a clock
  std::atomic<std::int64_t> sync_ns_max{0};
};

class Log final : public Journal {
 public:
  // Takes the directory, hands every batch that is there to apply, and begins a new segment.
  // The disk must outlive the log.
  static Result<std::unique_ptr<Log>> open(Disk& disk, LogOptions options, const Apply& apply,
                                           const Progress& progress = {});

  Identity identity() const { return identity_; }
  const Damage& damage() const { return damage_; }  // of opening with salvage
  std::string why_failed();                         // once health() is failed
  const LogCounters& counters() const { return counters_; }

  // One round of group commit. False: there was nothing that could be done.
  bool step();
  // Until something is appended or wake() was called, but no longer than max.
  void wait(std::chrono::milliseconds max);
  void wake();
  // Nanoseconds by a steady clock, to measure syncs with.
  void measure_with(std::int64_t (*clock)()) { clock_ = clock; }

  bool keeps_records() const override { return true; }
  Appended append(Buffer& records) override;
  Place durable() const override { return unpack(durable_.load(std::memory_order_acquire)); }
  Health health() const override { return health_.load(std::memory_order_acquire); }
  std::size_t pending_bytes() const override { return pending_.load(std::memory_order_relaxed); }
  std::expected<void, NotRead> read(Place from, std::size_t size, Buffer& into) override;
  std::expected<Batch, NotRead> read_batch(Place at, Buffer& into) override;
  std::uint32_t oldest_segment() const override { return oldest_.load(std::memory_order_relaxed); }
  std::uint32_t current_segment() const override {
    return unpack(end_.load(std::memory_order_acquire)).segment;
  }
  std::uint64_t disk_bytes() const override { return disk_bytes_.load(std::memory_order_relaxed); }
  std::size_t segment_bytes() const override { return options_.segment_bytes; }
  void drop_before(std::uint32_t segment) override;

 private:
  static constexpr const char* kSpareName = "spare.log";

  struct Waiting {  // a batch on its way to the disk
    Place frame;
    Buffer content;
    std::uint32_t content_crc = 0;
    std::array<std::uint8_t, kFrameHeadSize> head{};

    std::size_t size() const { return kFrameHeadSize + content.size(); }
    Place end() const { return {frame.segment, frame.offset + static_cast<std::uint32_t>(size())}; }
  };
  struct Drop {
    std::uint32_t before = 0;
    Place after;  // what must be on the disk first
  };

  Log(Disk& disk, LogOptions options) : disk_(disk), options_(std::move(options)), files_(disk) {}

  static std::uint64_t pack(Place place) { return (std::uint64_t{place.segment} << 32) | place.offset; }
  static Place unpack(std::uint64_t packed) {
    return {static_cast<std::uint32_t>(packed >> 32), static_cast<std::uint32_t>(packed)};
  }

  void begin_after(Recovered recovered);
  bool is_durable(Place from, std::size_t size) const;

  // What returns bool: false means not now, or failed for good.
  void take();
  bool write_taken();
  bool write_round();
  std::size_t gather();
  void count_written(std::size_t bytes);
  bool commit(bool sync_anyway);
  bool sync();
  bool close_segment();
  bool begin_segment();
  bool make_spare();
  bool drop_segments();
  bool done(int error, const std::string& name);
  bool lacks(const std::string& name, int error);
  void set_health(Health health, const std::string& why);

  Disk& disk_;
  const LogOptions options_;
  Identity identity_;
  Damage damage_;
  LogCounters counters_;
  OpenFiles files_;

  // Shared with those who append.
  std::mutex mutex_;
  std::condition_variable work_;
  std::vector<Waiting> queue_;
  std::vector<Buffer> recycled_;
  Drop drop_;
  bool woken_ = false;
  std::string why_failed_;
  std::atomic<std::uint64_t> end_{0};  // changed under mutex_
  std::atomic<std::uint64_t> durable_{0};
  std::atomic<Health> health_{Health::good};
  std::atomic<std::size_t> pending_{0};
  std::atomic<std::uint32_t> oldest_{0};
  std::atomic<std::uint64_t> disk_bytes_{0};

  // The stepping thread's own.
  std::deque<Waiting> taken_;
  std::size_t written_ = 0;         // of taken_, completely
  std::size_t written_partly_ = 0;  // bytes of the next one
  std::vector<iovec> pieces_;
  std::deque<Segment> segments_;    // oldest first; the last one is being written
  std::uint32_t next_segment_ = 0;  // its number
  File file_;                       // of the last of segments_; none if it is closed
  std::uint64_t allocated_ = 0;     // of file_
  FrameFormat format_;
  Place synced_;  // everything up to here is on the disk
  File spare_;
  bool renamed_ = false;  // the spare already has its segment's name
  std::string no_room_;   // what there was no room for in this step
  std::int64_t (*clock_)() = nullptr;
};

}  // namespace gaon::journal
