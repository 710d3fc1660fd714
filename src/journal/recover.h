// What opening does with the segments that are there: checks that none is missing, streams
// their batches, oldest first, cuts off a torn tail, and reports damage or salvages what is
// around it. Afterwards all of them are whole and on the disk.
//
// What can be wrong, and what it means:
//   the last file has bad heads, nothing behind them   a crash while it was made: removed
//   bad frame in the last segment, and no later        a torn tail: cut off
//     frame there says that it had been on the disk
//   anything else                                      damage: an error, or salvaged
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "journal/disk.h"
#include "journal/format.h"
#include "journal/window.h"

namespace gaon::journal {

// Gets each batch; false: the records make no sense to it, and opening fails.
using Apply = std::function<bool(ByteView records, Place begin)>;
// Called now and then with bytes done of all.
using Progress = std::function<void(std::uint64_t done, std::uint64_t all)>;

struct Segment {
  std::uint32_t number = 0;
  std::uint64_t size = 0;
  SegmentHead head{};
};

// What was lost by salvaging. Each damaged file was copied to NAME.damaged before.
struct Damage {
  struct Stretch {
    std::string file;  // its name, without the directory
    std::uint64_t offset = 0;
    std::uint64_t bytes = 0;  // 0: the whole file is missing
    std::string expected;     // what should have been there
  };
  std::size_t stretches = 0;
  std::uint64_t bytes = 0;
  std::vector<Stretch> list;

  void add(Stretch stretch) {
    ++stretches;
    bytes += stretch.bytes;
    list.push_back(std::move(stretch));
  }
};

struct Recovered {
  std::deque<Segment> segments;
  std::uint32_t last_number = 0;     // the highest ever seen
  std::optional<Identity> identity;  // of the last segment
  Damage damage;
};

class Recovery {
 public:
  Recovery(Disk& disk, bool salvage, const Apply& apply, const Progress& progress)
      : disk_(disk), salvage_(salvage), apply_(apply), progress_(progress) {}

  Result<Recovered> run();

 private:
  // The file that is being read.
  struct Open {
    std::string name;
    File file;
    FrameFormat format;
    std::uint64_t size = 0;
    bool last = false;
    bool copied = false;
  };
  // What comes behind a bad frame.
  struct Behind {
    std::optional<std::uint32_t> next;  // where a frame begins
    bool was_synced = false;            // a later frame says that the bad one had been on the disk
  };

  // The first pass: which segments there are.
  Result<void> find_segments();
  Result<void> check_head(Segment& segment, bool last);
  Result<bool> unfinished(const File& file, const std::string& name, std::uint64_t size);
  Result<void> check_chain();
  Result<void> write_heads(const Segment& segment);

  // The second pass: what they hold.
  Result<void> stream(Segment& segment, bool last);
  Result<std::uint32_t> stream_frames(Open& open);
  Result<std::uint32_t> pass_over(Open& open, std::uint32_t offset, const std::string& expected);
  Result<Behind> look_behind(Open& open, std::uint32_t offset);
  Result<void> copy_aside(const std::string& name);

  std::unexpected<Error> damaged(const std::string& name, std::uint64_t offset,
                                 const std::string& expected) const;
  std::unexpected<Error> failed(const std::string& name, int error) const {
    return failure(disk_error(disk_, name, error));
  }
  std::string free_name(const std::string& name);
  void report(std::uint64_t done);

  Disk& disk_;
  const bool salvage_;
  const Apply& apply_;
  const Progress& progress_;
  Recovered found_;
  Window window_;
  std::uint64_t bytes_all_ = 0;
  std::uint64_t bytes_before_ = 0;  // of the segments already streamed
};

}  // namespace gaon::journal
