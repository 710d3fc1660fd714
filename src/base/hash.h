// A keyed hash for tables whose keys come from outside. One seed a process, drawn
// at start (kept in the journal's header, since it decides which shard a client is in).
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace gaon {

struct HashSeed {
  std::uint64_t a = 0x9e3779b97f4a7c15;
  std::uint64_t b = 0xe7037ed1a0b428db;
};

namespace detail {

inline std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  const auto product = static_cast<unsigned __int128>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

inline std::uint64_t word(const char* from, std::size_t size) {
  std::uint64_t value = 0;
  std::memcpy(&value, from, size);
  return value;
}

}  // namespace detail

// Folded multiplication over 16 bytes at a time, in the manner of wyhash.
inline std::uint64_t hash(std::string_view text, const HashSeed& seed) {
  const char* at = text.data();
  std::size_t left = text.size();
  std::uint64_t state = seed.a;
  while (left > 16) {
    state = detail::mix(detail::word(at, 8) ^ seed.b, detail::word(at + 8, 8) ^ state);
    at += 16;
    left -= 16;
  }
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  if (left >= 8) {
    low = detail::word(at, 8);
    high = detail::word(at + left - 8, 8);
  } else if (left >= 4) {
    low = detail::word(at, 4);
    high = detail::word(at + left - 4, 4);
  } else if (left > 0) {
    low = detail::word(at, left);
  }
  // The size by a round of its own: beside the bytes, a change of one could make up for
  // the other whatever the seed is.
  return detail::mix(detail::mix(low ^ seed.b, high ^ state), text.size() ^ 0x8bb84b93962eacc9);
}

}  // namespace gaon
