// The edges of a trie: one table for all nodes, from (parent, token) to the child. The
// nodes belong to the trie and know their parent and token. Owned by one thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/hash.h"
#include "topic/table.h"

namespace gaon::topic {

class Edges {
 public:
  explicit Edges(const HashSeed& seed) : seed_(seed) {}

  // The child, or kNone.
  template <class Nodes>
  std::uint32_t find(const Nodes& nodes, std::uint32_t parent, std::uint32_t token) const {
    return table_.find(tag(parent, token), [&](std::uint32_t child) {
      return nodes[child].parent == parent && nodes[child].token == token;
    });
  }

  void add(std::uint32_t parent, std::uint32_t token, std::uint32_t child) {
    table_.insert(tag(parent, token), child);
  }
  void remove(std::uint32_t parent, std::uint32_t token, std::uint32_t child) {
    table_.erase(tag(parent, token), child);
  }

  std::size_t memory_bytes() const { return table_.memory_bytes(); }

 private:
  std::uint32_t tag(std::uint32_t parent, std::uint32_t token) const {
    const std::array<std::uint32_t, 2> key{parent, token};
    const auto* bytes = reinterpret_cast<const char*>(key.data());
    return static_cast<std::uint32_t>(hash({bytes, sizeof key}, seed_) >> 32);
  }

  HashSeed seed_;
  Numbers table_;
};

}  // namespace gaon::topic
