// A log on a disk in memory, opened, stepped and crashed by one thread; batches are texts.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "journal/log.h"
#include "journal/memory_disk.h"

namespace gaon::journal {

// What is put in front of the n-th batch of size bytes, so that none is like another.
inline std::string text(std::size_t n, std::size_t size = 20) {
  std::string made = "batch " + std::to_string(n) + ' ';
  while (made.size() < size) made += static_cast<char>('a' + (n + made.size()) % 26);
  return made;
}

struct LogTest : testing::Test {
  LogTest() { options.segment_bytes = LogOptions::kSegmentMin; }

  // Opens, closing what was open; what is there comes into batches and places.
  Result<void> open() {
    log.reset();
    batches.clear();
    places.clear();
    auto opened = Log::open(
        disk, options,
        [this](ByteView records, Place begin) {
          batches.emplace_back(as_text(records));
          places.push_back(begin);
          return understood;
        },
        [this](std::uint64_t done, std::uint64_t all) {
          progress = {done, all};
        });
    if (!opened) return std::unexpected(opened.error());
    log = std::move(*opened);
    return {};
  }
  std::string open_error() {
    const auto opened = open();
    return opened ? "" : opened.error().what;
  }

  Appended append(const std::string& records) {
    Buffer buffer;
    buffer.append(as_bytes(records));
    const Appended appended = log->append(buffer);
    EXPECT_TRUE(buffer.empty());
    return appended;
  }
  void step() {
    while (log->step()) {
    }
  }
  Appended store(const std::string& records) {
    const Appended appended = append(records);
    step();
    return appended;
  }
  std::string read(Place from, std::size_t size) {
    Buffer into;
    return log->read(from, size, into) ? std::string(as_text(into.view())) : "nothing";
  }
  // All batches as cleaning reads them.
  std::vector<std::string> read_batches() {
    std::vector<std::string> found;
    for (std::uint32_t segment = log->oldest_segment(); segment <= log->current_segment(); ++segment) {
      Buffer into;
      Place at{segment, 0};
      while (const auto batch = log->read_batch(at, into)) {
        found.emplace_back(as_text(into.view()));
        into.clear();
        at = batch->next;
      }
    }
    return found;
  }

  // An empty disk.
  void wipe() {
    log.reset();
    const auto names = disk.list();
    for (const std::string& name : *names) disk.remove(name);
    disk.sync_directory();
  }

  MemoryDisk disk;
  MemoryDisk::Random random{1};
  LogOptions options{.seed_low = 7, .seed_high = 8};
  std::unique_ptr<Log> log;
  bool understood = true;
  std::vector<std::string> batches;
  std::vector<Place> places;
  std::pair<std::uint64_t, std::uint64_t> progress;
};

using Texts = std::vector<std::string>;

}  // namespace gaon::journal
