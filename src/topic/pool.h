// Arrays that grow without moving: pieces of 256 items, found by a dense number.
// Owned by one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/check.h"
#include "topic/table.h"

namespace gaon::topic {

template <class Item>
class Pieces {
 public:
  Item& operator[](std::uint32_t at) { return pieces_[at / kPiece][at % kPiece]; }
  const Item& operator[](std::uint32_t at) const { return pieces_[at / kPiece][at % kPiece]; }

  // Makes room for item number at; new items are value-initialised.
  void reach(std::uint32_t at) {
    while (at / kPiece >= pieces_.size()) pieces_.push_back(std::make_unique<Item[]>(kPiece));
  }
  void clear() {
    pieces_.clear();
    pieces_.shrink_to_fit();
  }

  std::size_t memory_bytes() const {
    return pieces_.capacity() * sizeof(void*) + pieces_.size() * kPiece * sizeof(Item);
  }

 private:
  static constexpr std::size_t kPiece = 256;

  std::vector<std::unique_ptr<Item[]>> pieces_;
};

// Items that are taken and given back. Item::link() is a number the pool may use while
// the item is free; the rest of a taken item is as it was given back.
template <class Item>
class Pool {
 public:
  Item& operator[](std::uint32_t id) { return items_[id]; }
  const Item& operator[](std::uint32_t id) const { return items_[id]; }

  std::uint32_t take() {
    ++size_;
    if (free_ != kNone) {
      const std::uint32_t id = free_;
      free_ = items_[id].link();
      return id;
    }
    CHECK(made_ < kNone);
    items_.reach(made_);
    return made_++;
  }

  void give(std::uint32_t id) {
    items_[id].link() = free_;
    free_ = id;
    --size_;
  }

  // Gives all items back, and their memory.
  void clear() {
    items_.clear();
    free_ = kNone;
    made_ = size_ = 0;
  }

  std::size_t size() const { return size_; }
  std::size_t memory_bytes() const { return items_.memory_bytes(); }

 private:
  Pieces<Item> items_;
  std::uint32_t free_ = kNone;
  std::uint32_t made_ = 0;
  std::uint32_t size_ = 0;
};

}  // namespace gaon::topic
