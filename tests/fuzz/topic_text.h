// Names and filters out of fuzzer bytes, over few levels so that they meet.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace gaon {

// Up to seven levels, each from one byte's low bits. '#' only ever comes last.
inline std::string topic_text(Reader& bytes, bool wildcards) {
  static constexpr std::array<std::string_view, 8> kLevels = {
      "a", "b", "", "$x", "+", "+", "#", "a level longer than a hash reads at a time"};
  const std::size_t count = 1 + bytes.u8() % 7;
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    std::string_view level = kLevels[bytes.u8() % kLevels.size()];
    const bool wildcard = level == "+" || level == "#";
    if (wildcard && (!wildcards || (level == "#" && i + 1 < count))) level = "b";
    if (i > 0) text += '/';
    text += level;
  }
  return text.empty() ? "/" : text;
}

}  // namespace gaon
