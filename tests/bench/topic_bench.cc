// The subscription index, the retained store and the match cache with a million entries.
// Counters: bytes is memory a filter (or name) without its value, hits is per match.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "topic/index.h"
#include "topic/match_cache.h"
#include "topic/retained.h"

namespace gaon::topic {
namespace {

constexpr std::uint32_t kFilters = 1'000'000;
constexpr std::size_t kNames = 1 << 20;

struct Value {
  std::uint32_t session;
  std::uint32_t options;
  std::uint32_t identifier;
};

enum class Filtered { exact, mixed };

// site/<1000>/dev<1000>/m<10>: ten measures of a million devices.
std::string name_of(std::uint32_t i, std::uint32_t measure) {
  return "site/" + std::to_string(i % 1000) + "/dev" + std::to_string(i / 1000) + "/m" +
         std::to_string(measure);
}

// One name of each filter's device, and all measures of a hundred thousand devices.
std::string subscribed_name(std::uint32_t i) { return name_of(i, i % 10); }
std::string retained_name(std::uint32_t i) { return name_of(i / 10, i % 10); }

// Mixed: 60 % exact, 20 % '+' inside, 10 % '+' last, 10 % '#'.
std::string filter_of(std::uint32_t i, Filtered filtered) {
  const std::string device = std::to_string(i % 1000) + "/dev" + std::to_string(i / 1000);
  const std::uint32_t kind = filtered == Filtered::exact ? 0 : i * 7 % 10;
  if (kind < 6) return subscribed_name(i);
  if (kind < 8) return "+/" + device + "/m" + std::to_string(i % 10);
  return "site/" + device + (kind == 8 ? "/+" : "/#");
}

std::unique_ptr<Index<Value>> filled(Filtered filtered) {
  auto index = std::make_unique<Index<Value>>(HashSeed{});
  for (std::uint32_t i = 0; i < kFilters; ++i) {
    index->insert(filter_of(i, filtered), {.session = i, .options = 0, .identifier = 0});
  }
  return index;
}

// Names at random out of so many of the million.
std::vector<std::string> some_names(std::uint32_t distinct, std::string (*naming)(std::uint32_t)) {
  std::mt19937 random(1);
  std::vector<std::string> names;
  for (std::size_t i = 0; i < kNames; ++i) {
    const std::uint64_t pick = random() % distinct;
    names.push_back(naming(static_cast<std::uint32_t>(pick * 997 % kFilters)));
  }
  return names;
}

void match(benchmark::State& state, Filtered filtered, std::uint32_t distinct) {
  const auto index = filled(filtered);
  const auto names = some_names(distinct, subscribed_name);
  std::size_t at = 0;
  std::uint64_t hits = 0;
  for (auto _ : state) {
    index->match(names[at++ % kNames], [&](FilterId, std::span<Value> values) {
      hits += values.size();
      benchmark::DoNotOptimize(values.front().session);
    });
  }
  state.counters["hits"] = benchmark::Counter(static_cast<double>(hits), benchmark::Counter::kAvgIterations);
  state.counters["bytes"] = static_cast<double>(index->memory_bytes()) / kFilters - sizeof(Value);
}
BENCHMARK_CAPTURE(match, exact, Filtered::exact, kFilters);
BENCHMARK_CAPTURE(match, mixed, Filtered::mixed, kFilters);
BENCHMARK_CAPTURE(match, exact_hot, Filtered::exact, 1000);
BENCHMARK_CAPTURE(match, mixed_hot, Filtered::mixed, 1000);

void match_every_mixture_of_8_levels(benchmark::State& state) {
  Index<Value> index(HashSeed{});
  for (unsigned mask = 0; mask < 256; ++mask) {
    std::string filter;
    for (unsigned level = 0; level < 8; ++level) filter += (mask >> level & 1) != 0 ? "/+" : "/x";
    index.insert(filter.substr(1), {});
  }
  for (auto _ : state) {
    index.match("x/x/x/x/x/x/x/x", [](FilterId id, std::span<Value>) { benchmark::DoNotOptimize(id); });
  }
}
BENCHMARK(match_every_mixture_of_8_levels);

void insert_and_erase_mixed(benchmark::State& state) {
  const auto index = filled(Filtered::mixed);
  std::mt19937 random(2);
  for (auto _ : state) {
    const std::string filter =
        "new/" + filter_of(static_cast<std::uint32_t>(random()) % kFilters, Filtered::mixed);
    index->erase(index->insert(filter, {}), [](const Value&) { return true; });
  }
}
BENCHMARK(insert_and_erase_mixed);

void cached_match_hot(benchmark::State& state) {
  MatchCache<std::vector<FilterId>> cache(1 << 16, HashSeed{});
  const auto names = some_names(1000, subscribed_name);
  for (const auto& name : names) cache.store(name).push_back(1);
  std::size_t at = 0;
  for (auto _ : state) benchmark::DoNotOptimize(cache.find(names[at++ % kNames]));
}
BENCHMARK(cached_match_hot);

using Store = Retained<std::unique_ptr<int>>;

Store& retained() {
  static Store store = Store(HashSeed{});
  if (store.size() == 0) {
    for (std::uint32_t i = 0; i < kFilters; ++i) store.put(retained_name(i));
  }
  return store;
}

void retained_find(benchmark::State& state) {
  const auto names = some_names(kFilters, retained_name);
  std::size_t at = 0;
  for (auto _ : state) benchmark::DoNotOptimize(retained().find(names[at++ % kNames]));
  state.counters["bytes"] = static_cast<double>(retained().memory_bytes()) / kFilters - sizeof(void*);
}
BENCHMARK(retained_find);

void retained_walk(benchmark::State& state, const char* filter) {
  std::uint64_t hits = 0;
  for (auto _ : state) {
    auto cursor = retained().walk(filter);
    while (cursor.next(1000, [&](std::string_view, std::unique_ptr<int>&) { ++hits; })) {
    }
  }
  state.counters["hits"] = benchmark::Counter(static_cast<double>(hits), benchmark::Counter::kAvgIterations);
}
BENCHMARK_CAPTURE(retained_walk, one_device, "site/7/dev7/#");
BENCHMARK_CAPTURE(retained_walk, plus, "site/+/dev7/m3")->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(retained_walk, everything, "#")->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace gaon::topic

BENCHMARK_MAIN();
