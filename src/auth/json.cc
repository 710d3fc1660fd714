#include "auth/json.h"

#include <set>
#include <vector>

#include "auth/crypto.h"

namespace gaon::auth {

std::optional<nlohmann::json> parse_json(std::string_view text, std::size_t size_max) {
  using nlohmann::json;
  if (text.size() > size_max) return std::nullopt;
  bool strict = true;
  std::vector<std::set<std::string>> names;
  const auto watch = [&](int depth, json::parse_event_t event, json& parsed) {
    if (depth > kJsonDepthMax) strict = false;
    if (event == json::parse_event_t::object_start) names.emplace_back();
    if (event == json::parse_event_t::key && strict &&
        !names.back().insert(parsed.get<std::string>()).second) {
      strict = false;
    }
    if (event == json::parse_event_t::object_end) names.pop_back();
    return strict;  // What is discarded is not kept, however much follows.
  };
  json value = json::parse(text.begin(), text.end(), watch, false);
  if (!strict || value.is_discarded()) return std::nullopt;
  return value;
}

std::optional<std::string> text_of(const nlohmann::json& object, const char* name) {
  const auto at = object.find(name);
  if (at == object.end() || !at->is_string()) return std::nullopt;
  return at->get<std::string>();
}

const nlohmann::json* find_path(const nlohmann::json& object, std::string_view path) {
  if (!object.is_object()) return nullptr;
  if (const auto at = object.find(std::string(path)); at != object.end()) return &*at;
  const std::size_t dot = path.find('.');
  if (dot == std::string_view::npos) return nullptr;
  const auto at = object.find(std::string(path.substr(0, dot)));
  return at == object.end() ? nullptr : find_path(*at, path.substr(dot + 1));
}

std::optional<std::string> decode_base64url(std::string_view text) {
  std::string usual(text);
  for (char& c : usual) {
    if (c == '+' || c == '/' || c == '=') return std::nullopt;
    if (c == '-') c = '+';
    if (c == '_') c = '/';
  }
  while (usual.size() % 4 != 0) usual += '=';
  return decode_base64(usual);
}

}  // namespace gaon::auth
