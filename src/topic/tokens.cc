#include "topic/tokens.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"

namespace gaon::topic {

std::uint32_t Tokens::find(std::string_view level) const {
  return table_.find(tag_of(level, seed_), [&](std::uint32_t token) { return text(token) == level; });
}

std::uint32_t Tokens::take(std::string_view level) {
  std::uint32_t token = find(level);
  Holders holders = 0;
  if (token == kNone) {
    token = texts_.add(sizeof(Holders) + level.size());
    std::copy(level.begin(), level.end(), texts_.at(token).begin() + sizeof(Holders));
    table_.insert(tag_of(level, seed_), token);
  } else {
    std::memcpy(&holders, texts_.at(token).data(), sizeof holders);
  }
  ++holders;
  std::memcpy(texts_.at(token).data(), &holders, sizeof holders);
  return token;
}

void Tokens::drop(std::uint32_t token) {
  char* stored = texts_.at(token).data();
  Holders holders = 0;
  std::memcpy(&holders, stored, sizeof holders);
  CHECK(holders > 0);
  --holders;
  std::memcpy(stored, &holders, sizeof holders);
  if (holders > 0) return;
  table_.erase(tag_of(text(token), seed_), token);
  texts_.remove(token);
}

}  // namespace gaon::topic
