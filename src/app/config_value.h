// Values of configuration keys: from text or TOML to what a key takes, and back.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "app/config_key.h"

namespace gaon::app {

// The value as key.put takes it, or what is wrong with it. A number may come as
// text: "250", "10 MiB" where bytes are asked for, "never" where that is the upper bound.
std::expected<Value, Problem> check_value(const ConfigKey& key, const Value& value);

// Text of the command line as the type that key is written in.
Value value_from_text(const ConfigKey& key, std::string_view text);

// A value of key.get as it stands behind "key = " in a file: 12, "10 MiB", "never", true.
std::string show_value(const ConfigKey& key, const Value& value);

// "1 to 65535", "1 KiB to 256 MiB", "one of text, json", "true or false".
std::string show_bounds(const ConfigKey& key);

// A TOML string with its quotes.
std::string toml_string(std::string_view text);

// The same for a file, where "${" has to be "$${".
std::string config_text(std::string_view text);

}  // namespace gaon::app
