// What `gaon serve` is told.
#pragma once

#include "app/command_line.h"
#include "app/config_source.h"

namespace gaon::app {

std::expected<ConfigSource, Exit> read_serve_options(const Arguments& arguments);

}  // namespace gaon::app
