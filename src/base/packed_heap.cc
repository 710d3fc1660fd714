#include "base/packed_heap.h"

#include <sys/mman.h>

#include <new>
#include <utility>

#include "base/check.h"

namespace gaon {
namespace {

constexpr std::size_t round_up(std::size_t size) {
  return (size + PackedHeap::kStep - 1) / PackedHeap::kStep * PackedHeap::kStep;
}

}  // namespace

PackedHeap::PackedHeap(std::size_t slabs) {
  constexpr int kLazily = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
  void* range = mmap(nullptr, slabs * kSlab, PROT_READ | PROT_WRITE, kLazily, -1, 0);
  if (range == MAP_FAILED) return;
  madvise(range, slabs * kSlab, MADV_NOHUGEPAGE);  // which would hold what nobody uses yet
  memory_ = static_cast<std::byte*>(range);
  slabs_ = slabs;
}

PackedHeap::~PackedHeap() {
  if (memory_ != nullptr) munmap(memory_, slabs_ * kSlab);
}

bool PackedHeap::owns(const void* block) const {
  const auto at = reinterpret_cast<std::uintptr_t>(block) - reinterpret_cast<std::uintptr_t>(memory_);
  return at < slabs_ * kSlab;
}

PackedHeap::Slab* PackedHeap::slab_of(const void* block) const {
  const auto at = static_cast<std::size_t>(static_cast<const std::byte*>(block) - memory_);
  return std::launder(reinterpret_cast<Slab*>(memory_ + at / kSlab * kSlab));
}

std::size_t PackedHeap::size_of(const void* block) const { return slab_of(block)->size; }

void* PackedHeap::take(std::size_t size) {
  CHECK(size > 0 && size <= kBlockMax);
  size = round_up(size);
  Size& its = sizes_[size / kStep];
  const std::lock_guard lock(its.mutex);
  if (its.first == nullptr) {
    Slab* opened = open(size);
    if (opened == nullptr) return nullptr;
    list(its, *opened);
  }
  Slab& slab = *its.first;
  void* block = slab.freed;
  if (block != nullptr) {
    slab.freed = slab.freed->next;
  } else {
    block = reinterpret_cast<std::byte*>(&slab) + slab.fresh;
    slab.fresh += slab.size;
  }
  ++slab.used;
  if (slab.full()) unlist(its, slab);
  return block;
}

void PackedHeap::give_back(void* block) {
  CHECK(owns(block));
  Slab& slab = *slab_of(block);
  Size& its = sizes_[slab.size / kStep];
  const std::lock_guard lock(its.mutex);
  if (slab.full()) list(its, slab);
  slab.freed = new (block) Block{slab.freed};
  --slab.used;
  if (slab.used > 0) return;
  if (slab.next == nullptr && slab.previous == nullptr) {
    empty(slab);
  } else {
    unlist(its, slab);
    close(slab);
  }
}

std::size_t PackedHeap::slabs_in_use() const {
  const std::lock_guard lock(mutex_);
  return opened_ - closed_.size();
}

void PackedHeap::list(Size& of, Slab& slab) {
  slab.next = of.first;
  if (of.first != nullptr) of.first->previous = &slab;
  of.first = &slab;
}

void PackedHeap::unlist(Size& of, Slab& slab) {
  Slab* const next = std::exchange(slab.next, nullptr);
  Slab* const previous = std::exchange(slab.previous, nullptr);
  (previous == nullptr ? of.first : previous->next) = next;
  if (next != nullptr) next->previous = previous;
}

PackedHeap::Slab* PackedHeap::open(std::size_t size) {
  const std::lock_guard lock(mutex_);
  void* memory = nullptr;
  if (!closed_.empty()) {
    memory = closed_.back();
    closed_.pop_back();
  } else if (opened_ < slabs_) {
    memory = memory_ + opened_ * kSlab;
    ++opened_;
  } else {
    return nullptr;
  }
  return new (memory)
      Slab{static_cast<std::uint32_t>(size), 0, round_up(sizeof(Slab)), nullptr, nullptr, nullptr};
}

// What comes and goes one by one finds memory here, and what came in a crowd leaves none.
void PackedHeap::empty(Slab& slab) {
  if (slab.fresh > kKept) madvise(reinterpret_cast<std::byte*>(&slab) + kKept, kSlab - kKept, MADV_DONTNEED);
  slab.freed = nullptr;
  slab.fresh = round_up(sizeof(Slab));
}

void PackedHeap::close(Slab& slab) {
  madvise(&slab, kSlab, MADV_DONTNEED);
  const std::lock_guard lock(mutex_);
  closed_.push_back(&slab);
}

}  // namespace gaon
