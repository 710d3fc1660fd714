// A line of a scenario as words:
//   line = word*      word = text | key=text      text = bare | "quoted"
// In quotes \" \\ \n \xHH stand for a byte. A word that begins with a quote is never a key.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace gaon::scenario {

struct Word {
  std::string key;  // empty: the word stands alone
  std::string text;
  bool quoted = false;

  // $name, which stands for a value that the file has caught before, or catches here.
  bool is_variable() const { return !quoted && text.size() > 1 && text.front() == '$'; }
};

Result<std::vector<Word>> split_words(std::string_view line);

// 12 or 0x0C; nullopt if it is not a whole number of at most 32 bits.
std::optional<std::uint32_t> parse_number(std::string_view text);

// 1.5s, 200ms, 3m, 2h.
std::optional<Duration> parse_duration(std::string_view text);

// Text that is all printable as it is, anything else in quotes with escapes.
std::string quote(std::string_view text);
// "30 04 00 61", at most 64 bytes of it.
std::string hex(std::string_view bytes);

// Without white space at either end.
std::string_view trim(std::string_view text);
// Up to the first white space; rest begins after it.
std::string_view take_word(std::string_view& rest);

}  // namespace gaon::scenario
