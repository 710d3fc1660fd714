#include "net/openssl_memory.h"

#include <openssl/crypto.h>

#include <cstdlib>
#include <cstring>

#include "base/packed_heap.h"

namespace gaon::net {
namespace {

// What is smaller is rounded up by little, and what comes and goes with a handshake is
// mostly that; what is larger are the buffers of records, which an idle connection has not.
constexpr std::size_t kLeast = 257;
constexpr std::size_t kSlabs = 65'536;  // 20 GiB, or 1.5 million connections

#ifdef __SANITIZE_ADDRESS__
constexpr bool kWatched = true;  // each block of malloc(), so let there be no other ones
#else
constexpr bool kWatched = false;
#endif

// Never destroyed: OpenSSL cleans up after all destructors.
PackedHeap& heap() {
  static auto* const heap = new PackedHeap(kSlabs);
  return *heap;
}

void* take(std::size_t size, const char*, int) {
  if (size >= kLeast && size <= PackedHeap::kBlockMax) {
    if (void* block = heap().take(size)) return block;
  }
  return std::malloc(size);
}

void give_back(void* block, const char*, int) {
  if (block != nullptr && heap().owns(block)) {
    heap().give_back(block);
  } else {
    std::free(block);
  }
}

void* resize(void* block, std::size_t size, const char* file, int line) {
  if (block == nullptr || !heap().owns(block)) return std::realloc(block, size);
  const std::size_t room = heap().size_of(block);
  if (size > 0 && size <= room) return block;
  if (size == 0) {
    give_back(block, file, line);
    return nullptr;
  }
  void* larger = take(size, file, line);
  if (larger == nullptr) return nullptr;
  std::memcpy(larger, block, room);
  give_back(block, file, line);
  return larger;
}

}  // namespace

bool pack_openssl_memory() { return !kWatched && CRYPTO_set_mem_functions(take, resize, give_back) == 1; }

}  // namespace gaon::net
