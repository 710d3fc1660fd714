// A list that mostly holds one value: that one lies inside, more lie in an array.
// Owned by one thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <span>
#include <type_traits>

#include "base/check.h"

namespace gaon::topic {

template <class T>
class Few {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  Few() = default;
  Few(const Few&) = delete;
  Few& operator=(const Few&) = delete;
  ~Few() {
    if (count_ > 1) std::free(array());
  }

  std::size_t size() const { return count_; }

  // Valid until something is added or removed.
  std::span<T> all() { return {data(), count_}; }

  void add(const T& value) {
    if (count_ == 1) {
      const T first = *data();
      resize(nullptr, kFirstCapacity);
      std::memcpy(first_of(array()), &first, sizeof(T));
    } else if (count_ > 1 && count_ == array()->capacity) {
      resize(array(), count_ + count_ / 2 + 1);
    }
    ++count_;
    std::memcpy(data() + count_ - 1, &value, sizeof(T));
  }

  // The last one takes its place.
  void remove(std::size_t at) {
    CHECK(at < count_);
    T* values = data();
    if (at + 1 < count_) std::memcpy(values + at, values + count_ - 1, sizeof(T));
    if (count_ == 2) {
      Array* old = array();
      std::memcpy(store_.data(), values, sizeof(T));
      std::free(old);
    } else if (count_ > kFirstCapacity * 2 && count_ < array()->capacity / 4) {
      resize(array(), array()->capacity / 2);
    }
    --count_;
  }

  // Memory besides the object itself.
  std::size_t memory_bytes() const { return count_ > 1 ? kHead + array()->capacity * sizeof(T) : 0; }

 private:
  struct Array {
    std::uint32_t capacity;
  };

  static constexpr std::size_t kHead = sizeof(Array) > alignof(T) ? sizeof(Array) : alignof(T);
  static constexpr std::uint32_t kFirstCapacity = 2;

  static T* first_of(Array* array) {
    return reinterpret_cast<T*>(reinterpret_cast<std::byte*>(array) + kHead);
  }

  T* data() { return count_ > 1 ? first_of(array()) : reinterpret_cast<T*>(store_.data()); }

  Array* array() const {
    Array* array = nullptr;
    std::memcpy(&array, store_.data(), sizeof array);
    return array;
  }

  void resize(Array* old, std::uint32_t capacity) {
    auto* array = static_cast<Array*>(std::realloc(old, kHead + capacity * sizeof(T)));
    CHECK(array != nullptr);
    array->capacity = capacity;
    std::memcpy(store_.data(), &array, sizeof array);
  }

  // The value or the pointer to the array, which may lie here unaligned.
  alignas(T) std::array<std::byte, (sizeof(T) > sizeof(void*) ? sizeof(T) : sizeof(void*))> store_{};
  std::uint32_t count_ = 0;
};

}  // namespace gaon::topic
