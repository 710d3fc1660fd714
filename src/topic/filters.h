// Numbers for filters: exact ones in one flat table by their whole text, the others in
// the trie of wild.h. Numbers are dense and used again. Owned by one thread.
// At most 2^30 trie nodes and 4 GiB of exact filters, which the broker's limits on
// subscriptions keep far away.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "topic/pool.h"
#include "topic/table.h"
#include "topic/texts.h"
#include "topic/wild.h"

namespace gaon::topic {

class Filters {
 public:
  explicit Filters(const HashSeed& seed) : seed_(seed), wild_(seed) {}

  // The number of a valid filter, or kNone.
  std::uint32_t find(std::string_view filter) const;
  // The same, made if need be.
  std::uint32_t add(std::string_view filter);
  void remove(std::uint32_t id);
  std::string text(std::uint32_t id) const;

  // The numbers of all filters that match a valid name. Valid until the next call.
  const std::vector<std::uint32_t>& match(std::string_view name);

  std::size_t size() const { return places_.size(); }
  std::size_t memory_bytes() const;

 private:
  enum Kind : std::uint32_t { exact, wild_here, wild_below };

  // Where a filter is kept, by its number.
  struct Place {
    std::uint32_t bits;  // kind in the lowest two, above it a text of exact_texts_ or a node

    static Place of(Kind kind, std::uint32_t at);
    Kind kind() const { return static_cast<Kind>(bits & 3); }
    std::uint32_t at() const { return bits >> 2; }
    Wild::End end() const { return {.node = at(), .below = kind() == wild_below}; }
    std::uint32_t& link() { return bits; }
  };

  // An exact filter's slot has its text too: the text is compared and the caller's values
  // are fetched at the same time, which saves a quarter of a match.
  struct Exact {
    std::uint32_t id;
    std::uint32_t text;

    bool operator==(const Exact&) const = default;
  };

  std::uint32_t find_exact(std::uint32_t tag, std::string_view filter) const;
  std::string_view exact_text(std::uint32_t text) const;
  std::uint32_t keep_text(std::string_view filter);

  HashSeed seed_;
  Table<Exact, Exact{kNone, kNone}> exact_;
  Texts exact_texts_;
  Wild wild_;
  std::size_t wilds_ = 0;
  Pool<Place> places_;
  std::vector<std::uint32_t> hits_;
};

}  // namespace gaon::topic
