// Many short texts, packed. A text is found by a number and costs one byte more than it
// has, rounded up to four. Owned by one thread.
//
// Texts of up to 255 bytes lie in pages of 16 KiB; a page holds texts of one size class
// (in units of 4 bytes) and is given back when its last text goes. Longer ones have a
// page of their own. At most 16 GiB.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "topic/table.h"

namespace gaon::topic {

class Texts {
 public:
  Texts() { open_.fill(kNone); }

  // Room for size bytes, to be written through at().
  std::uint32_t add(std::size_t size);
  void remove(std::uint32_t text);

  // Valid until the text is removed, whatever else is added.
  std::span<char> at(std::uint32_t text) const {
    const Page& page = pages_[text / kUnits];
    char* start = page.memory.get() + text % kUnits * kUnit;
    if (page.long_size != 0) return {start, page.long_size};
    return {start + 1, static_cast<unsigned char>(*start)};
  }

  std::size_t memory_bytes() const { return pages_.capacity() * sizeof(Page) + bytes_; }

 private:
  static constexpr std::size_t kUnit = 4;        // bytes
  static constexpr std::uint32_t kUnits = 4096;  // in a page
  static constexpr std::size_t kShortMax = 255;

  struct Page {
    std::unique_ptr<char[]> memory;
    std::uint32_t long_size = 0;  // bytes of the only text; 0 in a page of short ones
    std::uint32_t units = 0;      // of each text
    std::uint32_t used = 0;       // texts
    std::uint32_t fresh = 0;      // units from here on were never used
    std::uint32_t free = kNone;   // first unit of a removed text, which holds the next
    std::uint32_t next = kNone;   // open pages of this class, or unused page numbers
    std::uint32_t prev = kNone;
  };

  std::uint32_t new_page(std::size_t bytes);
  void drop_page(std::uint32_t number, std::size_t bytes);
  bool full(const Page& page) const { return page.free == kNone && page.fresh + page.units > kUnits; }
  void open(std::uint32_t number);
  void close(std::uint32_t number);

  std::vector<Page> pages_;
  std::uint32_t unused_ = kNone;                             // page numbers without memory
  std::array<std::uint32_t, kShortMax / kUnit + 2> open_{};  // pages with room, by units
  std::size_t bytes_ = 0;
};

}  // namespace gaon::topic
