#include "app/config_key.h"

#include <algorithm>
#include <vector>

#include "app/config_value.h"
#include "app/environment.h"
#include "app/nearest.h"

namespace gaon::app {
namespace {

std::string_view last_part(std::string_view name) {
  return name.substr(name.rfind('.') + 1);  // The whole name where there is no dot.
}

std::string_view nearest_key(std::string_view name) {
  // Most often the name is right and its table was forgotten.
  std::vector<std::string_view> names;
  for (const ConfigKey& key : config_keys()) {
    if (last_part(key.name) == last_part(name)) return key.name;
    names.push_back(key.name);
  }
  if (const std::string_view near = nearest_name(name, names); !near.empty()) return near;
  for (std::string_view& part : names) part = last_part(part);
  const std::string_view near = nearest_name(last_part(name), names);
  const auto same = [near](const ConfigKey& key) { return last_part(key.name) == near; };
  const auto key = std::ranges::find_if(config_keys(), same);
  return key == config_keys().end() ? std::string_view{} : key->name;
}

}  // namespace

const ConfigKey* find_key(std::string_view name) {
  const auto key = std::ranges::find(config_keys(), name, &ConfigKey::name);
  return key == config_keys().end() ? nullptr : &*key;
}

std::string suggest_key(std::string_view name) {
  const std::string_view near = nearest_key(name);
  if (near.empty()) return "see all keys with 'gaon config show'";
  return "did you mean " + std::string(near) + "?";
}

std::expected<void, Problem> set_key(broker::Config& config, std::string_view name, const Value& value) {
  const ConfigKey* key = find_key(name);
  if (key == nullptr) {
    return std::unexpected(
        Problem{.what = "there is no such key", .fix = suggest_key(name), .key = std::string(name)});
  }
  return set_key(config, *key, value);
}

std::expected<void, Problem> set_key(broker::Config& config, const ConfigKey& key, const Value& value) {
  auto checked = check_value(key, value);
  if (!checked) return std::unexpected(std::move(checked).error());
  key.put(config, *checked);
  return {};
}

std::expected<void, Problem> set_key(broker::Config& config, std::string_view assignment) {
  const std::size_t equals = assignment.find('=');
  if (equals == std::string_view::npos) {
    return std::unexpected(Problem{.what = "\"" + std::string(assignment) + "\" sets nothing",
                                   .fix = "write key=value, for example log.level=debug"});
  }
  const std::string_view name = assignment.substr(0, equals);
  const std::string_view text = assignment.substr(equals + 1);
  const ConfigKey* key = find_key(name);
  if (key == nullptr) return set_key(config, name, std::string(text));
  auto expanded = expand_environment(text);
  if (!expanded) {
    return std::unexpected(Problem{.what = expanded.error().what, .fix = "", .key = std::string(name)});
  }
  config.written.erase(std::string(name));
  if (key->is_secret()) return set_key(config, *key, std::string(text));
  if (*expanded != text) config.written[std::string(name)] = text;
  return set_key(config, *key, value_from_text(*key, *expanded));
}

}  // namespace gaon::app
