// A disk in memory that fails as disks do: for tests and for the simulation. It keeps what
// was synced apart from what was only written, and a crash decides by chance what of the
// rest is there afterwards. Any thread.
#pragma once

#include <map>
#include <mutex>
#include <random>

#include "journal/disk.h"

namespace gaon::journal {

class MemoryDisk final : public Disk {
 public:
  using Random = std::mt19937_64;
  static constexpr std::size_t kSector = 512;
  static constexpr std::uint64_t kNever = ~std::uint64_t{0};

  // What goes wrong. Counted from now; 1 is the next one.
  struct Faults {
    std::uint64_t power_fails_at = kNever;    // this operation that changes something, and all after it
    std::uint64_t write_fails_at = kNever;    // this write alone, with EIO
    std::uint64_t sync_fails_at = kNever;     // this sync of a file alone, with EIO
    int open_error = 0;                       // no file is opened, but this errno
    std::uint64_t room = kNever;              // bytes for all files together
    std::uint64_t write_room = kNever;        // bytes for writes alone, preallocated or not (copy on write)
    std::size_t write_max = ~std::size_t{0};  // a write takes no more bytes than this
  };
  struct Counts {
    std::uint64_t changes = 0;  // operations that change something, syncs included
    std::uint64_t writes = 0;
    std::uint64_t bytes = 0;  // written
    std::uint64_t syncs = 0;
    std::uint64_t directory_syncs = 0;
  };

  void set_faults(const Faults& faults);
  Counts counts() const;
  std::uint64_t used() const;

  // The power goes: unsynced writes are lost, or a part of their sectors stays, or the last
  // write is torn at some byte; the later ones of the unsynced changes of the directory, and
  // any of its removals, may be lost. Open files are gone, faults are over.
  void crash(Random& random);

  // For tests: a file as it is now.
  std::vector<std::uint8_t> content(const std::string& name) const;
  bool has(const std::string& name) const;
  void set_content(const std::string& name, std::vector<std::uint8_t> bytes);  // and synced
  void damage(const std::string& name, std::size_t at);  // one bit, under open files, too

  Result<void> take() override;
  std::string path(const std::string& name) const override { return "memory/" + name; }
  Outcome<std::vector<std::string>> list() override;
  Outcome<Handle> open(const std::string& name, Access access) override;
  void close(Handle file) override;
  int rename(const std::string& from, const std::string& to) override;
  int remove(const std::string& name) override;
  int sync_directory() override;
  Outcome<std::uint64_t> size(Handle file) override;
  Outcome<std::size_t> read_at(Handle file, std::uint64_t at, std::span<std::uint8_t> into) override;
  Outcome<std::size_t> write_at(Handle file, std::uint64_t at, std::span<const iovec> pieces) override;
  int preallocate(Handle file, std::uint64_t size) override;
  int truncate(Handle file, std::uint64_t size) override;
  int sync(Handle file) override;

 private:
  using Bytes = std::vector<std::uint8_t>;
  struct Content {
    Bytes now;
    Bytes synced;
    // The last write since the last sync.
    std::size_t last_at = 0;
    Bytes last_before;
    std::uint64_t last_number = 0;
  };
  using Names = std::map<std::string, std::size_t>;  // -> contents_

  // Counts a change; an errno if the power is gone.
  int change();
  std::uint64_t used_locked() const;
  Content* content_of(Handle file);
  void lose(Content& content, Random& random);
  void forget_removed();

  mutable std::mutex mutex_;
  Faults faults_;
  Counts counts_;
  Counts since_;  // counted at set_faults()
  std::uint64_t last_write_ = 0;
  std::map<std::size_t, Content> contents_;
  std::size_t next_content_ = 0;
  std::vector<Names> history_ = {Names{}};  // the directory as synced, then after each change
  std::map<Handle, std::size_t> open_;
  Handle next_handle_ = 1;
};

}  // namespace gaon::journal
