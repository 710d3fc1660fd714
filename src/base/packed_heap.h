// Memory for objects of few sizes, packed as close as they are large: an allocator for all
// sizes rounds up by as much as a quarter. For what there is by the ten thousand.
//
// Blocks of one size (in steps of 16 bytes) lie side by side in slabs, in one range of
// addresses that is reserved once. A slab without blocks goes back to the system, except
// for the first 32 KiB of one of each size. Any thread; a block may be given back by another
// one.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

namespace gaon {

class PackedHeap {
 public:
  static constexpr std::size_t kStep = 16;  // and alignment
  static constexpr std::size_t kBlockMax = 8192;
  // 43 of OpenSSL 3's SSL with its 7,608 bytes, this heap's own 40, and 152 left over.
  static constexpr std::size_t kSlab = 320 * 1024;
  static constexpr std::size_t kKept = 32 * 1024;

  // Reserves addresses for so many slabs, memory only as it is used. Where the system
  // refuses that, there is room for nothing.
  explicit PackedHeap(std::size_t slabs);
  ~PackedHeap();
  PackedHeap(const PackedHeap&) = delete;
  PackedHeap& operator=(const PackedHeap&) = delete;

  // Not initialised; size is 1 to kBlockMax. Null when all slabs are taken.
  void* take(std::size_t size);
  // Of take(), and once.
  void give_back(void* block);

  bool owns(const void* block) const;
  // What a block of take() has room for.
  std::size_t size_of(const void* block) const;

  std::size_t slabs_in_use() const;  // with blocks or kept for more

 private:
  struct Block {
    Block* next;
  };
  // In its first bytes. All but size is under the mutex of its size.
  struct Slab {
    std::uint32_t size;   // of its blocks
    std::uint32_t used;   // blocks
    std::uint32_t fresh;  // where what was in no block yet begins
    Block* freed;         // blocks that were
    Slab* next;           // in the list of its size
    Slab* previous;
    bool full() const { return freed == nullptr && fresh + size > kSlab; }
  };
  // Its slabs that have room.
  struct Size {
    std::mutex mutex;
    Slab* first = nullptr;
  };

  static void list(Size& of, Slab& slab);
  static void unlist(Size& of, Slab& slab);
  Slab* slab_of(const void* block) const;
  Slab* open(std::size_t size);
  static void empty(Slab& slab);
  void close(Slab& slab);

  std::array<Size, kBlockMax / kStep + 1> sizes_;
  std::byte* memory_ = nullptr;
  std::size_t slabs_ = 0;
  mutable std::mutex mutex_;   // for all below
  std::size_t opened_ = 0;     // slabs that were ever open
  std::vector<Slab*> closed_;  // and are not any more
};

}  // namespace gaon
