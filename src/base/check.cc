#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace gaon {

void check_failed(const char* expression, const char* file, int line) {
  std::fprintf(stderr, "gaon: broken promise at %s:%d: %s\n", file, line, expression);
  std::abort();
}

}  // namespace gaon
