// Buffers that nobody uses at the moment: busy sockets borrow them for a tick instead
// of allocating, idle sockets hold none. Used by one thread.
#pragma once

#include <vector>

#include "base/buffer.h"

namespace gaon::net {

class SpareBuffers {
 public:
  static constexpr std::size_t kBufferMax = 65536;       // larger ones are not kept
  static constexpr std::size_t kTotalMax = 1024 * 1024;  // bytes in all

  // Gives an empty buffer that has no memory some.
  void lend(Buffer& buffer) {
    if (buffer.capacity() > 0 || spares_.empty()) return;
    total_ -= spares_.back().capacity();
    buffer.swap(spares_.back());
    spares_.pop_back();
  }

  // Takes the memory of an empty buffer away.
  void take_back(Buffer& buffer) {
    const std::size_t capacity = buffer.capacity();
    if (capacity == 0) return;
    if (capacity > kBufferMax || total_ + capacity > kTotalMax) {
      buffer.release();
      return;
    }
    total_ += capacity;
    spares_.emplace_back().swap(buffer);
  }

  std::size_t total() const { return total_; }

 private:
  std::vector<Buffer> spares_;
  std::size_t total_ = 0;
};

}  // namespace gaon::net
