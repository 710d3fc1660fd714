// CHECK is for our own mistakes: what no peer and no failing disk can cause.
// It stays in release builds, prints where and ends the process.
#pragma once

namespace gaon {

[[noreturn]] void check_failed(const char* expression, const char* file, int line);

}  // namespace gaon

#define CHECK(expression) \
  ((expression) ? static_cast<void>(0) : ::gaon::check_failed(#expression, __FILE__, __LINE__))
