// A growing run of bytes: written at the back, consumed at the front.
// Owned by one thread. An empty Buffer that was released holds no memory.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <utility>

#include "base/bytes.h"

namespace gaon {

class Buffer {
 public:
  Buffer() = default;
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  Buffer(Buffer&& other) noexcept { swap(other); }
  Buffer& operator=(Buffer&& other) noexcept {
    swap(other);
    return *this;
  }
  ~Buffer() { std::free(data_); }

  bool empty() const { return begin_ == end_; }
  std::size_t size() const { return end_ - begin_; }
  std::size_t capacity() const { return capacity_; }
  ByteView view() const { return {data_ + begin_, size()}; }
  std::uint8_t* data() { return data_ + begin_; }

  // Room for size more bytes; what is written there counts once committed.
  std::uint8_t* reserve(std::size_t size) {
    if (capacity_ - end_ < size) grow(size);
    return data_ + end_;
  }
  void commit(std::size_t size) { end_ += static_cast<std::uint32_t>(size); }

  void append(ByteView bytes) {
    if (bytes.empty()) return;
    std::memcpy(reserve(bytes.size()), bytes.data(), bytes.size());
    commit(bytes.size());
  }
  void u8(std::uint8_t value) {
    *reserve(1) = value;
    commit(1);
  }
  void u16(std::uint16_t value) {
    store_u16(reserve(2), value);
    commit(2);
  }
  void u32(std::uint32_t value) {
    store_u32(reserve(4), value);
    commit(4);
  }
  void u64(std::uint64_t value) {
    store_u64(reserve(8), value);
    commit(8);
  }
  // Two bytes of length, then the bytes. The caller keeps to 65,535.
  void prefixed(ByteView bytes) {
    u16(static_cast<std::uint16_t>(bytes.size()));
    append(bytes);
  }

  void consume(std::size_t size) {
    begin_ += static_cast<std::uint32_t>(size);
    if (begin_ == end_) begin_ = end_ = 0;
  }
  void clear() { begin_ = end_ = 0; }

  // Cuts off what was written after the first size bytes.
  void truncate(std::size_t size) { end_ = begin_ + static_cast<std::uint32_t>(size); }

  // Gives the memory back; the content is lost.
  void release() {
    std::free(data_);
    data_ = nullptr;
    begin_ = end_ = capacity_ = 0;
  }

  void swap(Buffer& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(begin_, other.begin_);
    std::swap(end_, other.end_);
    std::swap(capacity_, other.capacity_);
  }

 private:
  void grow(std::size_t size);

  std::uint8_t* data_ = nullptr;
  std::uint32_t begin_ = 0;
  std::uint32_t end_ = 0;
  std::uint32_t capacity_ = 0;
};

}  // namespace gaon
