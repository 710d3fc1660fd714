#include "app/config_value.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>

namespace gaon::app {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t bytes;
};
constexpr Unit kUnits[] = {
    {"GiB", 1 << 30},
    {"MiB", 1 << 20},
    {"KiB", 1 << 10},
    {"B", 1},
};

constexpr std::string_view kNever = "never";

bool may_be_never(const ConfigKey& key) { return key.unit == "s" && key.most == broker::kExpiryNever; }

// Likewise of sizes.
constexpr std::string_view kNone = "none";

bool may_be_none(const ConfigKey& key) {
  return key.unit == "bytes" && static_cast<std::uint64_t>(key.most) == broker::kNoCeiling;
}

std::optional<std::int64_t> number_from(const ConfigKey& key, std::string_view text) {
  if (may_be_none(key) && text == kNone) return key.most;
  if (may_be_never(key) && text == kNever) return key.most;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  if (text.empty()) return number;
  if (key.unit != "bytes") return std::nullopt;
  while (text.starts_with(' ')) text.remove_prefix(1);
  const auto unit = std::ranges::find(kUnits, text, &Unit::name);
  if (unit == std::end(kUnits)) return std::nullopt;
  if (std::abs(number) > std::numeric_limits<std::int64_t>::max() / unit->bytes) return std::nullopt;
  return number * unit->bytes;
}

std::string show_number(const ConfigKey& key, std::int64_t number) {
  if (may_be_never(key) && number == key.most) return std::string(kNever);
  if (may_be_none(key) && number == key.most) return std::string(kNone);
  if (key.unit != "bytes" || number == 0) return std::to_string(number);
  const auto whole = [number](const Unit& unit) { return number % unit.bytes == 0; };
  const Unit& unit = *std::ranges::find_if(kUnits, whole);
  if (unit.bytes == 1) return std::to_string(number);
  return std::to_string(number / unit.bytes) + " " + std::string(unit.name);
}

std::string show_range(const ConfigKey& key) {
  const std::string from = show_number(key, key.least) + " to ";
  if (may_be_never(key)) return from + std::to_string(key.most - 1) + " seconds, or never";
  if (may_be_none(key)) return "a size, or none";
  return from + show_number(key, key.most) + (key.unit == "s" ? " seconds" : "");
}

std::string shown(const Value& value) {
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
  return toml_string(std::get<std::string>(value));
}

std::unexpected<Problem> wrong(const ConfigKey& key, const Value& value, std::string_view why) {
  return std::unexpected(Problem{.what = shown(value) + " " + std::string(why),
                                 .fix = "write " + show_bounds(key),
                                 .key = std::string(key.name)});
}

std::expected<Value, Problem> check_number(const ConfigKey& key, const Value& value) {
  std::optional<std::int64_t> number;
  if (const auto* given = std::get_if<std::int64_t>(&value)) number = *given;
  if (const auto* text = std::get_if<std::string>(&value)) number = number_from(key, *text);
  if (!number) return wrong(key, value, key.unit == "bytes" ? "is not a size" : "is not a number");
  if (*number < key.least) return wrong(key, value, "is too small");
  if (*number > key.most) return wrong(key, value, "is too large");
  return *number;
}

std::expected<Value, Problem> check_choice(const ConfigKey& key, const Value& value) {
  const auto* text = std::get_if<std::string>(&value);
  const auto at = text == nullptr ? key.choices.end() : std::ranges::find(key.choices, *text);
  if (at == key.choices.end()) return wrong(key, value, "is not one of the choices");
  return std::int64_t{at - key.choices.begin()};
}

std::expected<Value, Problem> check_text(const ConfigKey& key, const Value& value) {
  const auto* text = std::get_if<std::string>(&value);
  if (text == nullptr) return wrong(key, value, "is not a text");
  const auto size = static_cast<std::int64_t>(text->size());
  if (size < key.least || size > key.most) return wrong(key, value, "has the wrong length");
  return *text;
}

}  // namespace

std::expected<Value, Problem> check_value(const ConfigKey& key, const Value& value) {
  switch (key.kind) {
    case KeyKind::flag:
      if (!std::holds_alternative<bool>(value)) return wrong(key, value, "is neither true nor false");
      return value;
    case KeyKind::number:
      return check_number(key, value);
    case KeyKind::choice:
      return check_choice(key, value);
    case KeyKind::text:
      break;
  }
  return check_text(key, value);
}

Value value_from_text(const ConfigKey& key, std::string_view text) {
  if (key.kind == KeyKind::flag && (text == "true" || text == "false")) return text == "true";
  return std::string(text);
}

std::string show_value(const ConfigKey& key, const Value& value) {
  if (key.kind == KeyKind::choice) {
    return toml_string(key.choices[static_cast<std::size_t>(std::get<std::int64_t>(value))]);
  }
  if (key.kind == KeyKind::text) return config_text(std::get<std::string>(value));
  if (key.kind != KeyKind::number) return shown(value);
  const std::int64_t number = std::get<std::int64_t>(value);
  const std::string text = show_number(key, number);
  return text == std::to_string(number) ? text : toml_string(text);
}

std::string show_bounds(const ConfigKey& key) {
  switch (key.kind) {
    case KeyKind::flag:
      return "true or false";
    case KeyKind::number:
      return show_range(key);
    case KeyKind::choice:
      break;
    case KeyKind::text:
      return "a text of " + std::to_string(key.least) + " to " + std::to_string(key.most) + " bytes";
  }
  std::string text = "one of";
  for (const std::string_view choice : key.choices) {
    text += text.ends_with("of") ? " " : ", ";
    text += choice;
  }
  return text;
}

std::string config_text(std::string_view text) {
  std::string escaped;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text.substr(at).starts_with("${")) escaped += '$';
    escaped += text[at];
  }
  return toml_string(escaped);
}

std::string toml_string(std::string_view text) {
  constexpr char digits[] = "0123456789abcdef";
  std::string quoted = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) {
      quoted += {'\\', 'u', '0', '0', digits[byte >> 4], digits[byte & 15]};
    } else {
      if (c == '"' || c == '\\') quoted += '\\';
      quoted += c;
    }
  }
  return quoted + '"';
}

}  // namespace gaon::app
