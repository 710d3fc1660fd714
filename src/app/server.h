// The broker as a process.
#pragma once

#include "base/result.h"
#include "broker/config.h"

namespace gaon::app {

// Listens and serves until SIGINT or SIGTERM, then says goodbye to its clients and
// returns. Called once, from the main thread.
Result<void> run_server(const broker::Config& config);

}  // namespace gaon::app
