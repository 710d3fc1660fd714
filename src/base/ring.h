// A queue in one array: push at the back, pop at the front, index between. A long one
// grows by a quarter and shrinks when three quarters are free; empty it holds no memory
// worth naming. That is what a session that waits should cost.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>

#include "base/check.h"

namespace gaon {

template <class T>
class Ring {
 public:
  Ring() = default;
  Ring(Ring&& other) noexcept { swap(other); }
  Ring& operator=(Ring&& other) noexcept {
    swap(other);
    return *this;
  }
  ~Ring() { clear(); }

  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  std::size_t capacity() const { return capacity_; }
  T& operator[](std::size_t i) { return slots_[place(i)]; }
  const T& operator[](std::size_t i) const { return slots_[place(i)]; }
  T& front() { return (*this)[0]; }
  T& back() { return (*this)[size_ - 1]; }

  void push_back(T value) {
    if (size_ == capacity_) grow();
    ++size_;
    back() = std::move(value);
  }

  void push_front(T value) {
    if (size_ == capacity_) grow();
    first_ = first_ == 0 ? capacity_ - 1 : first_ - 1;
    ++size_;
    front() = std::move(value);
  }

  T pop_front() {
    CHECK(size_ > 0);
    T value = std::move(front());
    front() = T{};
    first_ = first_ + 1 == capacity_ ? 0 : first_ + 1;
    --size_;
    shrink();
    return value;
  }

  // Drops every element for which gone(element) holds; the others keep their order.
  template <class Gone>
  void erase_if(Gone&& gone) {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < size_; ++i) {
      if (gone((*this)[i])) continue;
      if (kept != i) (*this)[kept] = std::move((*this)[i]);
      ++kept;
    }
    for (std::size_t i = kept; i < size_; ++i) (*this)[i] = T{};
    size_ = static_cast<std::uint32_t>(kept);
    shrink();
  }

  void clear() {
    slots_.reset();
    first_ = size_ = capacity_ = 0;
  }

 private:
  static constexpr std::uint32_t kKeep = 32;   // slots an empty ring may keep
  static constexpr std::uint32_t kLong = 256;  // from here on slots are counted

  std::size_t place(std::size_t i) const {
    const std::size_t at = first_ + i;
    return at >= capacity_ ? at - capacity_ : at;
  }

  void grow() {
    resize(capacity_ < kLong ? std::max<std::uint32_t>(4, capacity_ * 2) : capacity_ + capacity_ / 4);
  }

  void shrink() {
    if (size_ == 0 && capacity_ > kKeep) {
      clear();
    } else if (capacity_ > kLong && size_ < capacity_ / 4) {
      resize(capacity_ / 2);
    }
  }

  void resize(std::uint32_t capacity) {
    auto slots = std::make_unique<T[]>(capacity);
    for (std::size_t i = 0; i < size_; ++i) slots[i] = std::move((*this)[i]);
    slots_ = std::move(slots);
    first_ = 0;
    capacity_ = capacity;
  }

  void swap(Ring& other) noexcept {
    std::swap(slots_, other.slots_);
    std::swap(first_, other.first_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
  }

  std::unique_ptr<T[]> slots_;
  std::uint32_t first_ = 0;
  std::uint32_t size_ = 0;
  std::uint32_t capacity_ = 0;
};

}  // namespace gaon
