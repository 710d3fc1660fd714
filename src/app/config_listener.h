// One [[listener]] of the file.
#pragma once

#include <toml++/toml.h>
#include <vector>

#include "app/config_problem.h"
#include "broker/config.h"

namespace gaon::app {

// Adds it to the configuration, and its lines to lines, unless it has no address. The
// problems have lines, but no file.
std::vector<Problem> read_listener(const toml::table& table, broker::Config& config, ConfigLines& lines);

}  // namespace gaon::app
