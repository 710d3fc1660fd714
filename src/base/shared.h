// An immutable block of bytes with a count of its holders: the one thing that
// threads share. Written once by its maker before anyone else sees it.
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

#include "base/bytes.h"

namespace gaon {

class Shared {
 public:
  Shared() = default;
  // A block of size bytes, to be filled through writable() by its only holder.
  static Shared make(std::size_t size);

  Shared(const Shared& other) : block_(other.block_) {
    if (block_ != nullptr) block_->holders.fetch_add(1, std::memory_order_relaxed);
  }
  Shared(Shared&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
  Shared& operator=(Shared other) noexcept {
    std::swap(block_, other.block_);
    return *this;
  }
  ~Shared() {
    if (block_ != nullptr) drop();
  }

  explicit operator bool() const { return block_ != nullptr; }
  bool operator==(const Shared& other) const { return block_ == other.block_; }
  std::size_t size() const { return block_->size; }
  const std::uint8_t* data() const { return reinterpret_cast<const std::uint8_t*>(block_ + 1); }
  ByteView view() const { return {data(), size()}; }
  // Of all blocks that live, by all threads; may lag by kUncounted a thread.
  static std::int64_t live_bytes() { return live_bytes_.load(std::memory_order_relaxed); }
  static constexpr std::int64_t kUncounted = 16 * 1024;

  std::uint8_t* writable() { return reinterpret_cast<std::uint8_t*>(block_ + 1); }

 private:
  struct alignas(8) Block {
    std::atomic<std::uint32_t> holders;
    std::uint32_t size;
  };

  void drop();
  static void count(std::int64_t bytes);

  static std::atomic<std::int64_t> live_bytes_;

  Block* block_ = nullptr;
};

}  // namespace gaon
