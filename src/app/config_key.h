// The one table of configuration keys. The file, --set, `gaon config show` and the
// delivered gaon.toml are all read off it. Keys of a listener have a table of their own.
#pragma once

#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "app/config_problem.h"
#include "broker/config.h"

namespace gaon::app {

// As read: what TOML knows of bool, integer and string.
using Value = std::variant<bool, std::int64_t, std::string>;

enum class KeyKind : std::uint8_t {
  flag,    // bool
  number,  // int64
  choice,  // string when read; int64, the place among the choices, in put and get
  text,    // string
};

struct ConfigKey {
  std::string_view name;  // "limits.packet_bytes_max"
  KeyKind kind;
  std::int64_t least;                         // of a number; of the length of a text
  std::int64_t most;                          // the same
  std::string_view unit;                      // of a number: "", "s" or "bytes"
  std::span<const std::string_view> choices;  // of a choice
  std::string_view doc;                       // one sentence
  bool is_secret() const { return name == "auth.http_authorization"; }  // kept with its ${NAME}
  void (*put)(broker::Config& config, const Value& value);              // value fits kind and bounds
  Value (*get)(const broker::Config& config);
};

// In the order in which they are shown; keys of one table ("limits.") stand together.
std::span<const ConfigKey> config_keys();

// Keys of the last listener of the configuration, "listener.tls.key_file"; all but its url.
std::span<const ConfigKey> listener_keys();

// Null when there is none of that name.
const ConfigKey* find_key(std::string_view name);

// "did you mean limits.queue_bytes_max?", or where to find all of them.
std::string suggest_key(std::string_view name);

// Checks name, type and bounds, then sets.
std::expected<void, Problem> set_key(broker::Config& config, std::string_view name, const Value& value);

// Checks type and bounds, then sets.
std::expected<void, Problem> set_key(broker::Config& config, const ConfigKey& key, const Value& value);

// The same for "key=value" of the command line, with what ${NAME} in it stands for.
std::expected<void, Problem> set_key(broker::Config& config, std::string_view assignment);

}  // namespace gaon::app
