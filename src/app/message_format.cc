#include "app/message_format.h"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <iterator>

#include "app/message_json.h"
#include "base/check.h"

namespace gaon::app {
namespace {

std::string hex(std::string_view bytes, const char* digits) {
  std::string text;
  text.reserve(2 * bytes.size());
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += {digits[byte >> 4], digits[byte & 15]};
  }
  return text;
}

std::string user_properties(const ReceivedMessage& message) {
  std::string text;
  for (const auto& [name, value] : message.user_properties) {
    if (!text.empty()) text += ' ';
    text.append(name).append(":").append(value);
  }
  return text;
}

std::string subscription_ids(const ReceivedMessage& message) {
  std::string text;
  for (const std::uint32_t id : message.subscription_ids)
    text += (text.empty() ? "" : " ") + std::to_string(id);
  return text;
}

std::string unix_time(WallTime now) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now);
  char text[48];
  std::snprintf(text, sizeof text, "%lld.%09lld", static_cast<long long>(seconds.time_since_epoch().count()),
                static_cast<long long>((now - seconds).count()));
  return text;
}

std::string local_time(WallTime now) {
  const std::time_t seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  std::tm parts{};
  localtime_r(&seconds, &parts);
  char text[48];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S%z", &parts)};
}

template <class T>
std::string number_or_nothing(const std::optional<T>& number) {
  return number ? std::to_string(*number) : std::string();
}

struct Letter {
  char letter;
  std::string (*text)(const ReceivedMessage& message, WallTime now);
};

using Message = const ReceivedMessage&;

constexpr Letter kLetters[] = {
    {'%', [](Message, WallTime) { return std::string("%"); }},
    {'t', [](Message m, WallTime) { return std::string(m.topic); }},
    {'p', [](Message m, WallTime) { return std::string(m.payload); }},
    {'x', [](Message m, WallTime) { return hex(m.payload, "0123456789abcdef"); }},
    {'X', [](Message m, WallTime) { return hex(m.payload, "0123456789ABCDEF"); }},
    {'l', [](Message m, WallTime) { return std::to_string(m.payload.size()); }},
    {'q', [](Message m, WallTime) { return std::to_string(m.qos); }},
    {'r', [](Message m, WallTime) { return std::string(m.retain ? "1" : "0"); }},
    {'m', [](Message m, WallTime) { return std::to_string(m.packet_id); }},
    {'j', [](Message m, WallTime now) { return message_json(m, local_time(now), PayloadAs::text); }},
    {'J', [](Message m, WallTime now) { return message_json(m, local_time(now), PayloadAs::json); }},
    {'I', [](Message, WallTime now) { return local_time(now); }},
    {'U', [](Message, WallTime now) { return unix_time(now); }},
    {'C', [](Message m, WallTime) { return std::string(m.content_type.value_or("")); }},
    {'D', [](Message m, WallTime) { return std::string(m.correlation_data.value_or("")); }},
    {'R', [](Message m, WallTime) { return std::string(m.response_topic.value_or("")); }},
    {'P', [](Message m, WallTime) { return user_properties(m); }},
    {'E', [](Message m, WallTime) { return number_or_nothing(m.message_expiry_s); }},
    {'F', [](Message m, WallTime) { return number_or_nothing(m.payload_format); }},
    {'S', [](Message m, WallTime) { return subscription_ids(m); }},
};

struct Escape {
  char letter;
  char byte;
};
constexpr Escape kEscapes[] = {
    {'\\', '\\'}, {'n', '\n'}, {'r', '\r'}, {'t', '\t'}, {'0', '\0'}, {'a', '\a'}, {'e', '\x1b'}, {'v', '\v'},
};

const Letter* letter_of(char c) {
  const auto letter = std::ranges::find(kLetters, c, &Letter::letter);
  return letter == std::end(kLetters) ? nullptr : letter;
}

const Escape* escape_of(char c) {
  const auto escape = std::ranges::find(kEscapes, c, &Escape::letter);
  return escape == std::end(kEscapes) ? nullptr : escape;
}

}  // namespace

std::string format_fault(std::string_view format) {
  for (std::size_t at = 0; at < format.size(); ++at) {
    const char sign = format[at];
    if (sign != '%' && sign != '\\') continue;
    if (++at == format.size()) return std::string("a letter is missing behind the last ") + sign;
    const bool known = sign == '%' ? letter_of(format[at]) != nullptr : escape_of(format[at]) != nullptr;
    if (!known) return std::string("there is no ") + sign + format[at];
  }
  return {};
}

std::string format_message(std::string_view format, const ReceivedMessage& message, WallTime now) {
  std::string text;
  for (std::size_t at = 0; at < format.size(); ++at) {
    const char sign = format[at];
    if (sign != '%' && sign != '\\') {
      text += sign;
      continue;
    }
    CHECK(++at < format.size());
    if (sign == '%') {
      const Letter* letter = letter_of(format[at]);
      CHECK(letter != nullptr);
      text += letter->text(message, now);
    } else {
      const Escape* escape = escape_of(format[at]);
      CHECK(escape != nullptr);
      text += escape->byte;
    }
  }
  return text;
}

}  // namespace gaon::app
