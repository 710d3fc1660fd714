// Objects at addresses that never change, recycled one by one; the memory stays until
// the slab goes. Used by one thread.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

namespace gaon::net {

template <class T>
class Slab {
 public:
  // As if newly constructed.
  T& take() {
    if (free_.empty()) grow();
    T& object = *free_.back();
    free_.pop_back();
    return object;
  }

  void put(T& object) {
    object = T{};
    free_.push_back(&object);
  }

  // Those in use and those that are free.
  template <class Fn>
  void for_each(Fn&& fn) {
    for (const auto& chunk : chunks_) {
      for (std::size_t i = 0; i < kChunk; ++i) fn(chunk[i]);
    }
  }

 private:
  static constexpr std::size_t kChunk = 63;  // new[] adds its count, and 64 and a bit is rounded up far

  void grow() {
    chunks_.push_back(std::make_unique<T[]>(kChunk));
    for (std::size_t i = kChunk; i > 0; --i) free_.push_back(&chunks_.back()[i - 1]);
  }

  std::vector<std::unique_ptr<T[]>> chunks_;
  std::vector<T*> free_;
};

}  // namespace gaon::net
