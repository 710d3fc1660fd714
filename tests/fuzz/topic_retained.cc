// The retained store against the naive matcher, with walks that pause while names come
// and go. Input: steps, each one byte that says what and then a name or a filter.
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/check.h"
#include "topic/name.h"
#include "topic/retained.h"
#include "topic_text.h"

using namespace gaon;

namespace {

using Store = topic::Retained<std::unique_ptr<std::string>>;

struct Walking {
  std::string filter;
  Store::Cursor cursor;
  std::set<std::string> throughout;  // names that were there all the time
  std::set<std::string> seen;
};

// Whether there is more.
bool go_on(Walking& walking, std::size_t budget, bool one) {
  const bool more =
      walking.cursor.next(budget, [&](std::string_view name, std::unique_ptr<std::string>& value) {
        CHECK(value != nullptr && *value == name);
        CHECK(topic::matches(walking.filter, name));
        CHECK(walking.seen.emplace(name).second);
        return !one;
      });
  if (more) return true;
  for (const std::string& name : walking.throughout) {
    CHECK(walking.seen.count(name) == topic::matches(walking.filter, name));
  }
  return false;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Reader bytes({data, size});
  Store store({});
  std::set<std::string> model;
  std::vector<Walking> walks;
  while (!bytes.at_end()) {
    const std::uint8_t step = bytes.u8();
    if (step % 8 < 3) {
      const std::string name = topic_text(bytes, false);
      store.put(name) = std::make_unique<std::string>(name);
      model.insert(name);
    } else if (step % 8 < 5) {
      const std::string name = topic_text(bytes, false);
      CHECK((store.find(name) != nullptr) == (model.count(name) > 0));
      CHECK(store.erase(name) == (model.erase(name) > 0));
      for (Walking& walking : walks) walking.throughout.erase(name);
    } else if (step % 8 == 5 && walks.size() < 16) {
      const std::string filter = topic_text(bytes, true);
      walks.push_back({filter, store.walk(filter), model, {}});
    } else if (!walks.empty()) {
      const std::size_t which = step / 8 % walks.size();
      if (!go_on(walks[which], step % 3 + 1U, step % 2 == 0)) {
        std::swap(walks[which], walks.back());
        walks.pop_back();
      }
    }
    CHECK(store.size() == model.size());
  }
  for (Walking& walking : walks) {
    while (go_on(walking, 100, false)) {
    }
  }
  return 0;
}
