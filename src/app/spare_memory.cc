#include "app/spare_memory.h"

#include <malloc.h>

#include <cstddef>

// Of jemalloc; null in a program that is not linked with it.
extern "C" [[gnu::weak]] int mallctl(const char* name, void* old_value, std::size_t* old_size,
                                     void* new_value, std::size_t new_size);

namespace gaon::app {

void give_back_spare_memory() {
  if (mallctl != nullptr) {
    mallctl("arena.4096.purge", nullptr, nullptr, nullptr, 0);  // MALLCTL_ARENAS_ALL
  } else {
    malloc_trim(0);
  }
}

}  // namespace gaon::app
