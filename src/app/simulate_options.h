// What `gaon simulate` is told.
#pragma once

#include "app/command_line.h"
#include "app/connection_options.h"
#include "app/factory_line.h"

namespace gaon::app {

struct SimulateOptions {
  ConnectionOptions connection;
  FactoryPlan plan;
  double duration_s = 0;    // ends then; 0 goes on
  std::uint32_t count = 0;  // ends after that many messages; 0 goes on
};

std::expected<SimulateOptions, Exit> read_simulate_options(const Arguments& arguments);

}  // namespace gaon::app
