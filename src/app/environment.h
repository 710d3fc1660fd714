// ${NAME} in a configuration stands for a variable of the environment, so that a secret
// need not stand in the file; $${ is "${".
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace gaon::app {

// The error names the variable that is missing.
Result<std::string> expand_environment(std::string_view text);

}  // namespace gaon::app
