// The configuration's parser against anything: it says what is wrong with file and line, and
// what it takes it shows in a form that it takes again, with the same meaning.
#include <cstdlib>

#include "app/config_file.h"
#include "base/check.h"

using namespace gaon;
using namespace gaon::app;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  clearenv();
  broker::Config config;
  ConfigLines lines;
  const std::vector<Problem> problems = read_config(as_text({data, size}), "f", config, lines);
  for (const Problem& problem : problems) {
    CHECK(problem.file == "f" && !problem.what.empty());
    to_text(problem);
  }
  if (has_error(problems)) return 0;
  const std::string shown = show_config(config, false);
  // What a variable or $${ stands for is not written back as such.
  if (shown.find("${") != std::string::npos || config.auth.http_authorization.size() > 0) return 0;
  broker::Config again;
  CHECK(!has_error(read_config(shown, "g", again, lines)));
  CHECK(show_config(again, false) == shown);
  return 0;
}
