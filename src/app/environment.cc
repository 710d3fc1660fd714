#include "app/environment.h"

#include <cstdlib>

namespace gaon::app {

Result<std::string> expand_environment(std::string_view text) {
  std::string expanded;
  while (!text.empty()) {
    if (text.starts_with("$${")) {
      expanded += "${";
      text.remove_prefix(3);
    } else if (text.starts_with("${")) {
      const std::size_t end = text.find('}');
      const std::string name(text.substr(2, end == std::string_view::npos ? 0 : end - 2));
      if (name.empty()) return failure("a ${ without NAME} behind it; write $${ for the text itself");
      const char* value = std::getenv(name.c_str());
      if (value == nullptr) return failure("the environment has no " + name);
      expanded += value;
      text.remove_prefix(end + 1);
    } else {
      expanded += text.front();
      text.remove_prefix(1);
    }
  }
  return expanded;
}

}  // namespace gaon::app
