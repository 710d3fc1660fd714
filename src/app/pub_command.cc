#include "app/command.h"
#include "app/pub_options.h"

namespace gaon::app {

int pub_command(const Arguments& arguments) {
  const auto options = read_pub_options(arguments);
  if (!options) return finish(options.error());
  return finish({kFailed, "gaon pub: this build has no client library\n"});
}

}  // namespace gaon::app
