#include "base/buffer.h"
#include "packet.h"
#include "script.h"

namespace gaon::scenario {
namespace {

std::string with_varint_length(const std::string& bytes) {
  std::string out;
  std::size_t left = bytes.size();
  do {
    const std::size_t low = left & 0x7F;
    left >>= 7;
    out += static_cast<char>(low | (left > 0 ? 0x80U : 0U));
  } while (left > 0);
  return out + bytes;
}

Result<std::string_view> take_until(std::string_view& rest, char end) {
  const std::size_t at = rest.find(end);
  if (at == std::string_view::npos) return failure(std::string("there is no ") + end + " at the end");
  const std::string_view taken = rest.substr(0, at);
  rest.remove_prefix(at + 1);
  return taken;
}

}  // namespace

Result<std::string> read_wire(std::string_view rest) {
  std::string out;
  while (!rest.empty()) {
    const char c = rest.front();
    rest.remove_prefix(1);
    if (c == ' ') continue;
    if (c == '\'') {
      TRY_SET(const std::string_view text, take_until(rest, '\''));
      out += text;
    } else if (c == '<') {
      TRY_SET(const std::string_view text, take_until(rest, '>'));
      out += static_cast<char>(text.size() >> 8);
      out += static_cast<char>(text.size());
      out += text;
    } else if (c == '{') {
      TRY_SET(const std::string_view inside, take_until(rest, '}'));
      TRY_SET(const std::string bytes, read_wire(inside));
      out += with_varint_length(bytes);
    } else if (c == '|') {
      TRY_SET(const std::string bytes, read_wire(rest));
      return out + with_varint_length(bytes);
    } else {
      const std::string pair{c, rest.empty() ? ' ' : rest.front()};
      const auto byte = parse_number("0x" + pair);
      if (!byte) return failure("'" + pair + "' is not a byte in hex");
      out += static_cast<char>(*byte);
      rest.remove_prefix(1);
    }
  }
  return out;
}

}  // namespace gaon::scenario
