// Levels of names and filters, each kept once and counted, so that they can be compared
// by number. Owned by one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/hash.h"
#include "topic/table.h"
#include "topic/texts.h"

namespace gaon::topic {

// The part of a hash that a Table wants.
inline std::uint32_t tag_of(std::string_view text, const HashSeed& seed) {
  return static_cast<std::uint32_t>(hash(text, seed) >> 32);
}

class Tokens {
 public:
  explicit Tokens(const HashSeed& seed) : seed_(seed) {}

  // The token of a level, or kNone if nobody holds one.
  std::uint32_t find(std::string_view level) const;
  // The same, made if need be, with one holder more.
  std::uint32_t take(std::string_view level);
  // One holder less; the last one's token is gone and its number may be used again.
  void drop(std::uint32_t token);

  std::string_view text(std::uint32_t token) const {
    const std::span<char> stored = texts_.at(token);
    return {stored.data() + sizeof(Holders), stored.size() - sizeof(Holders)};
  }

  std::size_t size() const { return table_.size(); }
  std::size_t memory_bytes() const { return table_.memory_bytes() + texts_.memory_bytes(); }

 private:
  using Holders = std::uint32_t;  // stored in front of the text

  HashSeed seed_;
  Numbers table_;
  Texts texts_;
};

}  // namespace gaon::topic
