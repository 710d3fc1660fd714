#include "app/command.h"
#include "app/sub_options.h"

namespace gaon::app {

int sub_command(const Arguments& arguments) {
  const auto options = read_sub_options(arguments);
  if (!options) return finish(options.error());
  return finish({kFailed, "gaon sub: this build has no client library\n"});
}

}  // namespace gaon::app
