// Leaving root behind, once all is open that needs it.
#pragma once

#include <filesystem>

#include "base/result.h"
#include "broker/config.h"

namespace gaon::app {

using broker::RunAs;

// Whether become() has anything to change: who is not root stays who he is.
bool leaves_root(const RunAs& as);

// Makes the directory if it is not there, and the user its owner: he could not.
Result<void> make_directory_of(const RunAs& as, const std::filesystem::path& directory);

// All threads are the user from here on, with the groups that the user is in, and neither
// they nor what they start can ever get more rights (no_new_privs). The error names the key.
// Without a user nothing changes but the last.
Result<void> become(const RunAs& as);

}  // namespace gaon::app
