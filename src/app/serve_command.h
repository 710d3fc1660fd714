// What `gaon serve` is told.
#pragma once

#include "app/command_line.h"
#include "app/config_source.h"
#include "app/server.h"

namespace gaon::app {

struct ServeArguments {
  ConfigSource source;
  ServeOptions options;
};

std::expected<ServeArguments, Exit> read_serve_options(const Arguments& arguments);

}  // namespace gaon::app
