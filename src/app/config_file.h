// gaon.toml: from its text to a configuration, and back.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/config_problem.h"
#include "base/result.h"
#include "broker/config.h"

namespace gaon::app {

inline constexpr std::size_t kListenersMax = 64;

// Puts what text says over config; its listeners are added. Goes on after a problem,
// so that one run names all of them. Text: at most 1 MiB.
std::vector<Problem> read_config(std::string_view text, std::string_view file_name, broker::Config& config,
                                 ConfigLines& lines);

// The same over the defaults, with the first error as the result. Without a listener
// in text those of default_listeners() are taken.
Result<broker::Config> parse_config(std::string_view text, std::string_view file_name);

// mqtt://127.0.0.1:1883 and mqtt://[::1]:1883, anonymous.
std::vector<broker::ListenerConfig> default_listeners();

// The whole configuration as a file that reads back to the same; with docs each key
// has its sentence and bounds above it.
std::string show_config(const broker::Config& config, bool docs);

}  // namespace gaon::app
