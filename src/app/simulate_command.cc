#include "app/command.h"
#include "app/simulate_options.h"

namespace gaon::app {

int simulate_command(const Arguments& arguments) {
  const auto options = read_simulate_options(arguments);
  if (!options) return finish(options.error());
  return finish({kFailed, "gaon simulate: this build has no client library\n"});
}

}  // namespace gaon::app
