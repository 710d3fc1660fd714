#include "mqtt/utf8.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace gaon::mqtt {

namespace {

// Which second bytes may follow a range of first bytes, and how many bytes the
// character has. All bytes after the second are 80 to BF. (Unicode, table 3-7.)
struct Lead {
  std::uint8_t first, last;
  std::uint8_t second_min, second_max;
  std::uint8_t size;
};

constexpr Lead kLeads[] = {
    {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3}, {0xE1, 0xEC, 0x80, 0xBF, 3},
    {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3}, {0xF0, 0xF0, 0x90, 0xBF, 4},
    {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4},
};

constexpr std::uint64_t kLow = 0x0101010101010101;
constexpr std::uint64_t kHigh = 0x8080808080808080;

// Whether eight bytes are all 01 to 7F.
bool plain(const char* at) {
  std::uint64_t word;
  std::memcpy(&word, at, sizeof word);
  return (((word - kLow) | word) & kHigh) == 0;
}

// The size of the character of several bytes that stands at at; 0 if it is none.
std::size_t character(const char* at, std::size_t left) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(at[i]); };
  const auto* lead = std::find_if(std::begin(kLeads), std::end(kLeads),
                                  [&](const Lead& l) { return l.first <= byte(0) && byte(0) <= l.last; });
  if (lead == std::end(kLeads) || left < lead->size) return 0;
  if (byte(1) < lead->second_min || byte(1) > lead->second_max) return 0;
  for (std::size_t i = 2; i < lead->size; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  return lead->size;
}

}  // namespace

bool valid_utf8(std::string_view text) {
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at != end) {
    if (end - at >= 8 && plain(at)) {
      at += 8;
    } else if (static_cast<std::uint8_t>(*at) < 0x80) {
      if (*at == '\0') return false;  // [MQTT-1.5.4-2]
      ++at;
    } else {
      const std::size_t size = character(at, static_cast<std::size_t>(end - at));
      if (size == 0) return false;  // [MQTT-1.5.4-1]
      at += size;
    }
  }
  return true;
}

std::size_t utf8_length(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<std::uint8_t>(c) & 0xC0) != 0x80; }));
}

}  // namespace gaon::mqtt
