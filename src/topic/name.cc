#include "topic/name.h"

#include <algorithm>

namespace gaon::topic {
namespace {

constexpr std::string_view kSharePrefix = "$share/";

// [MQTT-4.7.3-1] [MQTT-4.7.3-2] [MQTT-4.7.3-3]
bool valid_text(std::string_view text) {
  return !text.empty() && text.size() <= kNameMax && text.find('\0') == std::string_view::npos;
}

}  // namespace

bool valid_name(std::string_view name) {
  return valid_text(name) && !has_wildcard(name);  // [MQTT-4.7.0-1] [MQTT-3.3.2-2]
}

bool valid_filter(std::string_view filter) {
  if (!valid_text(filter)) return false;
  Levels levels(filter);
  while (!levels.done()) {
    const std::string_view level = levels.next();
    if (level == "#") return levels.done();                 // [MQTT-4.7.1-1]
    if (level != "+" && has_wildcard(level)) return false;  // [MQTT-4.7.1-1] [MQTT-4.7.1-2]
  }
  return true;
}

bool has_wildcard(std::string_view filter) { return filter.find_first_of("+#") != std::string_view::npos; }

std::size_t levels(std::string_view text) {
  return 1 + static_cast<std::size_t>(std::count(text.begin(), text.end(), '/'));
}

bool matches(std::string_view filter, std::string_view name) {
  if (name.starts_with('$') && (filter.starts_with('+') || filter.starts_with('#'))) {
    return false;  // [MQTT-4.7.2-1]
  }
  Levels wanted(filter);
  Levels given(name);
  while (!wanted.done()) {
    const std::string_view level = wanted.next();
    // U5-4.7.1-a
    if (level == "#") return true;  // Its parent level too, so this comes before given.done().
    if (given.done()) return false;
    const std::string_view have = given.next();
    if (level != "+" && level != have) return false;  // [MQTT-4.7.3-4]
  }
  return given.done();
}

bool is_shared(std::string_view filter) { return filter.starts_with(kSharePrefix); }

std::optional<SharedFilter> parse_shared(std::string_view filter) {
  if (!is_shared(filter) || filter.size() > kNameMax) return std::nullopt;
  filter.remove_prefix(kSharePrefix.size());
  const std::size_t slash = filter.find('/');
  if (slash == std::string_view::npos) return std::nullopt;  // [MQTT-4.8.2-2]
  const SharedFilter shared{.share_name = filter.substr(0, slash), .filter = filter.substr(slash + 1)};
  if (!valid_name(shared.share_name)) return std::nullopt;  // [MQTT-4.8.2-1] [MQTT-4.8.2-2]
  if (!valid_filter(shared.filter)) return std::nullopt;
  return shared;
}

}  // namespace gaon::topic
