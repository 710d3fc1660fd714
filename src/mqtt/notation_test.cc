#include "mqtt/notation_test.h"

#include <gtest/gtest.h>

#include <deque>
#include <vector>

#include "base/check.h"
#include "mqtt/varint.h"

namespace gaon::mqtt {

namespace {

using Bytes = std::vector<std::uint8_t>;

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  CHECK(c >= 'A' && c <= 'F');
  return c - 'A' + 10;
}

void add(Bytes& to, std::string_view text) { to.insert(to.end(), text.begin(), text.end()); }

void add_with_length(Bytes& to, const Bytes& part) {
  std::uint8_t length[4];
  std::uint8_t* end = store_varint(length, static_cast<std::uint32_t>(part.size()));
  to.insert(to.end(), length, end);
  to.insert(to.end(), part.begin(), part.end());
}

std::string_view take_until(std::string_view& rest, char end) {
  const std::size_t at = rest.find(end);
  CHECK(at != std::string_view::npos);
  const std::string_view taken = rest.substr(0, at);
  rest.remove_prefix(at + 1);
  return taken;
}

Bytes parse(std::string_view rest) {
  Bytes out;
  while (!rest.empty()) {
    const char c = rest.front();
    rest.remove_prefix(1);
    if (c == ' ') continue;
    if (c == '\'') {
      add(out, take_until(rest, '\''));
    } else if (c == '<') {
      const std::string_view text = take_until(rest, '>');
      out.push_back(static_cast<std::uint8_t>(text.size() >> 8));
      out.push_back(static_cast<std::uint8_t>(text.size()));
      add(out, text);
    } else if (c == '{') {
      add_with_length(out, parse(take_until(rest, '}')));
    } else if (c == '|') {
      add_with_length(out, parse(rest));
      return out;
    } else {
      CHECK(!rest.empty());
      out.push_back(static_cast<std::uint8_t>(digit(c) << 4 | digit(rest.front())));
      rest.remove_prefix(1);
    }
  }
  return out;
}

}  // namespace

ByteView bytes(std::string_view notation) {
  static std::deque<Bytes> kept;
  return kept.emplace_back(parse(notation));
}

TEST(Notation, puts_lengths_in_front) {
  EXPECT_EQ(as_text(bytes("3A | <a/b> {01 00} 'xy'")), std::string_view("\x3A\x0A\0\3a/b\2\1\0xy", 12));
}

}  // namespace gaon::mqtt
