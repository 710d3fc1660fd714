// The rules for names and filters, said a second time and compared; and that a filter,
// its parse and its matches agree with each other.
// Input: a filter, a zero, a name.
#include <string>

#include "base/bytes.h"
#include "base/check.h"
#include "topic/name.h"

using namespace gaon;

namespace {

// A filter is valid if all wildcards have a slash or an end on both sides, and '#' the end.
bool valid_by_neighbours(std::string_view filter) {
  if (filter.empty() || filter.size() > 65535) return false;
  for (std::size_t i = 0; i < filter.size(); ++i) {
    if (filter[i] == '\0') return false;
    if (filter[i] != '+' && filter[i] != '#') continue;
    if (i > 0 && filter[i - 1] != '/') return false;
    if (i + 1 < filter.size() && (filter[i] == '#' || filter[i + 1] != '/')) return false;
  }
  return true;
}

// Level by level from the front, recursing; dollar names are for the caller.
bool matches_recursively(std::string_view filter, std::string_view name) {
  const auto first = [](std::string_view text) { return text.substr(0, text.find('/')); };
  const std::string_view wanted = first(filter);
  if (wanted == "#") return true;
  const std::string_view given = first(name);
  if (wanted != "+" && wanted != given) return false;
  const bool filter_ends = wanted.size() == filter.size();
  const bool name_ends = given.size() == name.size();
  if (filter_ends || name_ends) {
    return (filter_ends && name_ends) || (name_ends && filter.substr(wanted.size()) == "/#");
  }
  return matches_recursively(filter.substr(wanted.size() + 1), name.substr(given.size() + 1));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = as_text({data, size});
  const std::string_view filter = text.substr(0, text.find('\0'));
  const std::string_view name = text.substr(std::min(text.size(), filter.size() + 1));

  CHECK(topic::valid_filter(filter) == valid_by_neighbours(filter));
  CHECK(topic::valid_filter(text) == valid_by_neighbours(text));
  CHECK(topic::valid_name(name) == (topic::valid_filter(name) && !topic::has_wildcard(name)));
  if (const auto shared = topic::parse_shared(filter)) {
    CHECK("$share/" + std::string(shared->share_name) + "/" + std::string(shared->filter) == filter);
    CHECK(topic::valid_filter(shared->filter) && topic::valid_name(shared->share_name));
  }
  if (!topic::valid_filter(filter) || !topic::valid_name(name) || size > 4096) return 0;
  const bool hidden = name.front() == '$' && (filter.front() == '+' || filter.front() == '#');
  CHECK(topic::matches(filter, name) == (!hidden && matches_recursively(filter, name)));
  return 0;
}
