// Objects by slot number, with a generation so that an old reference finds nothing
// when the slot was given to another. Addresses do not change. One thread.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace gaon::broker {

// Names one object for good. The generation is never 0: a default Ref is nobody.
struct Ref {
  std::uint32_t slot = 0;
  std::uint32_t generation = 0;

  explicit operator bool() const { return generation != 0; }
  bool operator==(const Ref&) const = default;
  std::uint64_t packed() const { return (std::uint64_t{generation} << 32) | slot; }
  static Ref unpack(std::uint64_t packed) {
    return {static_cast<std::uint32_t>(packed), static_cast<std::uint32_t>(packed >> 32)};
  }
};

// T has a public member `Ref ref`, which the table sets.
template <class T>
class Table {
 public:
  template <class... Args>
  T& add(Args&&... args) {
    if (free_.empty()) {
      free_.push_back(static_cast<std::uint32_t>(slots_.size()));
      slots_.push_back({});
    }
    const std::uint32_t number = free_.back();
    free_.pop_back();
    Slot& slot = slots_[number];
    slot.object = std::make_unique<T>(std::forward<Args>(args)...);
    slot.object->ref = {number, slot.generation};
    ++size_;
    return *slot.object;
  }

  void remove(Ref ref) {
    Slot& slot = slots_[ref.slot];
    slot.object.reset();
    // 28 bits, so that a reference fits into a timer's word with a kind beside it.
    slot.generation = slot.generation == kGenerationMax ? 1 : slot.generation + 1;
    free_.push_back(ref.slot);
    --size_;
  }

  // Null if it is gone.
  T* find(Ref ref) const {
    if (ref.slot >= slots_.size() || slots_[ref.slot].generation != ref.generation) return nullptr;
    return slots_[ref.slot].object.get();
  }
  // The object that is in the slot now; it must be there.
  T& at(std::uint32_t slot) const { return *slots_[slot].object; }

  std::size_t size() const { return size_; }

  template <class Fn>
  void for_each(Fn&& fn) const {
    for (std::size_t i = 0; i < slots_.size(); ++i) {
      if (slots_[i].object) fn(*slots_[i].object);
    }
  }

 private:
  static constexpr std::uint32_t kGenerationMax = (1u << 28) - 1;

  struct Slot {
    std::unique_ptr<T> object;
    std::uint32_t generation = 1;
  };

  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_;
  std::size_t size_ = 0;
};

}  // namespace gaon::broker
