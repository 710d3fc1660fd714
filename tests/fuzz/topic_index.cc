// The subscription index against the naive matcher, while filters come and go.
// Input: steps, each one byte that says what and then a filter or a name.
#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "base/check.h"
#include "topic/index.h"
#include "topic/name.h"
#include "topic_text.h"

using namespace gaon;

namespace {

using Model = std::map<std::string, std::vector<std::uint32_t>>;

void compare(topic::Index<std::uint32_t>& index, const Model& model, const std::string& name) {
  Model found;
  index.match(name, [&](topic::FilterId id, std::span<std::uint32_t> values) {
    auto& list = found[index.filter(id)];
    CHECK(list.empty());
    list.assign(values.begin(), values.end());
    std::sort(list.begin(), list.end());
  });
  for (auto [filter, values] : model) {
    if (!topic::matches(filter, name)) continue;
    std::sort(values.begin(), values.end());
    CHECK(found[filter] == values);
    found.erase(filter);
  }
  CHECK(found.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Reader bytes({data, size});
  topic::Index<std::uint32_t> index({});
  Model model;
  std::uint32_t next = 0;
  while (!bytes.at_end()) {
    const std::uint8_t step = bytes.u8();
    if (step % 4 == 0) {
      compare(index, model, topic_text(bytes, false));
      continue;
    }
    const std::string filter = topic_text(bytes, true);
    auto& values = model[filter];
    const auto id = index.find(filter);
    CHECK(id.has_value() == !values.empty());
    if (step % 4 < 3) {
      CHECK(index.filter(index.insert(filter, next)) == filter);
      values.push_back(next++);
    } else if (id) {
      const std::uint32_t victim = values[step / 4 % values.size()];
      CHECK(index.erase(*id, [&](std::uint32_t value) { return value == victim; }));
      std::erase(values, victim);
    }
    if (values.empty()) model.erase(filter);
    CHECK(index.filters() == model.size());
  }
  return 0;
}
