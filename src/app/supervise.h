// What the main thread does while the workers serve: it waits for signals and for files
// that change.
#pragma once

#include <signal.h>

#include "app/reload.h"

namespace gaon::app {

// Returns on SIGINT or SIGTERM. signals, with SIGHUP among them, are held by all threads.
void supervise(const sigset_t& signals, Reload& reload);

}  // namespace gaon::app
