// What a torture showed, for people and for programs.
#pragma once

#include <cstdint>
#include <string>

#include "app/torture_judge.h"

namespace gaon::app {

struct TortureResult {
  const Judge& judge;
  std::uint64_t seed;
  std::uint32_t kills;
  std::string ended;  // why it did not come to its end; else empty
  std::string dir;    // of the broker
};

// It came to its end, and nothing is broken.
bool all_kept(const TortureResult& result);

// A table, and the first cases.
std::string to_text(const TortureResult& result);
std::string to_json(const TortureResult& result);

}  // namespace gaon::app
