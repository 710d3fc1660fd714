// The broker as a process.
#pragma once

#include "base/result.h"
#include "broker/config.h"

namespace gaon::app {

struct ServeOptions {
  bool salvage = false;  // pass over what is damaged in the journal
};

// Listens and serves until SIGINT or SIGTERM, then says goodbye to its clients and
// returns; an error if it did not begin, or ended because its journal failed. Called
// once, from the main thread.
Result<void> run_server(const broker::Config& config, const ServeOptions& options);

}  // namespace gaon::app
