#include "words.h"

#include <algorithm>
#include <charconv>

namespace gaon::scenario {
namespace {

constexpr std::string_view kSpace = " \t\r";
constexpr std::string_view kHexDigits = "0123456789abcdef";

bool is_key(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
  });
}

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// rest begins after the opening quote and then after the closing one.
Result<std::string> take_quoted(std::string_view& rest) {
  std::string text;
  while (!rest.empty() && rest.front() != '"') {
    char c = rest.front();
    rest.remove_prefix(1);
    if (c == '\\' && !rest.empty()) {
      c = rest.front();
      rest.remove_prefix(1);
      if (c == 'n') c = '\n';
      if (c == 'x') {
        if (rest.size() < 2 || digit(rest[0]) < 0 || digit(rest[1]) < 0) {
          return failure("\\x needs two hex digits behind it");
        }
        c = static_cast<char>(digit(rest[0]) << 4 | digit(rest[1]));
        rest.remove_prefix(2);
      }
    }
    text += c;
  }
  if (rest.empty()) return failure("a quoted text does not end");
  rest.remove_prefix(1);
  return text;
}

struct Unit {
  std::string_view name;
  double milliseconds;
};
constexpr Unit kUnits[] = {{"ms", 1}, {"s", 1e3}, {"m", 60e3}, {"h", 3600e3}};

}  // namespace

Result<std::vector<Word>> split_words(std::string_view rest) {
  std::vector<Word> words;
  for (;;) {
    rest.remove_prefix(std::min(rest.find_first_not_of(kSpace), rest.size()));
    if (rest.empty()) return words;
    Word word;
    if (const std::size_t equals = rest.find('='); equals != std::string_view::npos) {
      if (is_key(rest.substr(0, equals))) {
        word.key = rest.substr(0, equals);
        rest.remove_prefix(equals + 1);
      }
    }
    if (rest.starts_with('"')) {
      rest.remove_prefix(1);
      TRY_SET(word.text, take_quoted(rest));
      word.quoted = true;
    } else {
      word.text = rest.substr(0, rest.find_first_of(kSpace));
      rest.remove_prefix(word.text.size());
    }
    words.push_back(std::move(word));
  }
}

std::optional<std::uint32_t> parse_number(std::string_view text) {
  const bool hexadecimal = text.starts_with("0x");
  if (hexadecimal) text.remove_prefix(2);
  std::uint32_t number = 0;
  const char* end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, number, hexadecimal ? 16 : 10);
  if (error != std::errc{} || at != end) return std::nullopt;
  return number;
}

std::optional<Duration> parse_duration(std::string_view text) {
  double number = 0;
  const char* end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || number < 0) return std::nullopt;
  const std::string_view unit(at, static_cast<std::size_t>(end - at));
  const auto* found = std::ranges::find(kUnits, unit, &Unit::name);
  if (found == std::end(kUnits)) return std::nullopt;
  return Duration(static_cast<Duration::rep>(number * found->milliseconds));
}

std::string quote(std::string_view text) {
  const bool plain =
      !text.empty() && std::ranges::all_of(text, [](char c) { return c > ' ' && c != '"' && c != '\x7F'; });
  if (plain) return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') quoted += '\\';
    if (byte < ' ' || byte >= 0x7F) {
      quoted += "\\x";
      quoted += kHexDigits[byte >> 4];
      quoted += kHexDigits[byte & 15];
    } else {
      quoted += c;
    }
  }
  return quoted + '"';
}

std::string hex(std::string_view bytes) {
  constexpr std::size_t kShownMax = 64;
  std::string text;
  for (const char c : bytes.substr(0, kShownMax)) {
    const auto byte = static_cast<unsigned char>(c);
    if (!text.empty()) text += ' ';
    text += kHexDigits[byte >> 4];
    text += kHexDigits[byte & 15];
  }
  if (bytes.size() > kShownMax) text += " … (" + std::to_string(bytes.size()) + " bytes)";
  return text;
}

std::string_view trim(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(kSpace), text.size()));
  return text.substr(0, text.find_last_not_of(kSpace) + 1);
}

std::string_view take_word(std::string_view& rest) {
  rest = trim(rest);
  const std::string_view word = rest.substr(0, rest.find_first_of(kSpace));
  rest.remove_prefix(word.size());
  rest = trim(rest);
  return word;
}

}  // namespace gaon::scenario
