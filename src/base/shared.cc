#include "base/shared.h"

#include <cstdlib>
#include <limits>
#include <new>

#include "base/check.h"

namespace gaon {

namespace {

thread_local std::int64_t uncounted = 0;

}  // namespace

std::atomic<std::int64_t> Shared::live_bytes_{0};

void Shared::count(std::int64_t bytes) {
  uncounted += bytes;
  if (uncounted < kUncounted && uncounted > -kUncounted) return;
  live_bytes_.fetch_add(uncounted, std::memory_order_relaxed);
  uncounted = 0;
}

Shared Shared::make(std::size_t size) {
  CHECK(size <= std::numeric_limits<std::uint32_t>::max());
  void* memory = std::malloc(sizeof(Block) + size);
  CHECK(memory != nullptr);
  Shared shared;
  shared.block_ = new (memory) Block{.holders = 1, .size = static_cast<std::uint32_t>(size)};
  count(static_cast<std::int64_t>(sizeof(Block) + size));
  return shared;
}

void Shared::drop() {
  // The last holder needs no atomic write: nobody else can see the block any more.
  if (block_->holders.load(std::memory_order_acquire) == 1 ||
      block_->holders.fetch_sub(1, std::memory_order_acq_rel) == 1) {
    count(-static_cast<std::int64_t>(sizeof(Block) + block_->size));
    std::free(block_);
  }
}

}  // namespace gaon
