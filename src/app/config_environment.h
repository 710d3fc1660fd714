// ${NAME} in all texts of a file.
#pragma once

#include <toml++/toml.h>

#include <vector>

#include "app/config_problem.h"
#include "broker/config.h"

namespace gaon::app {

// Puts what NAME stands for into every text below root, but into those of secret keys, which
// keep it. What the texts of other keys were goes into config.written. Problems have lines,
// but no file.
std::vector<Problem> expand_texts(toml::table& root, broker::Config& config);

}  // namespace gaon::app
