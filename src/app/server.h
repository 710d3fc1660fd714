// The broker as a process.
#pragma once

#include "app/config_difference.h"
#include "app/config_source.h"
#include "base/result.h"
#include "broker/config.h"

namespace gaon::app {

struct ServeOptions {
  bool salvage = false;  // pass over what is damaged in the journal
};

// Listens and serves until SIGINT or SIGTERM, then says goodbye to its clients and
// returns; SIGHUP, and a change of the files, has it read source, where config is from, again; an error if it
// did not begin, or ended because its journal failed. contents: of the files, looked at before
// config was read and what it names is opened here. Called once, from the main thread.
Result<void> run_server(const broker::Config& config, const ConfigSource& source, Contents contents,
                        const ServeOptions& options);

}  // namespace gaon::app
