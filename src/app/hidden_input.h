// A line from the terminal that is not shown while it is typed.
#pragma once

#include <string>

#include "base/result.h"

namespace gaon::app {

// The line without its end. Standard input has to be a terminal.
Result<std::string> read_hidden(const char* prompt);

}  // namespace gaon::app
