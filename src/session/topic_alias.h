// Topic aliases of one connection. The two directions know nothing of each other
// (U5-3.3.4-c) and nothing outlives the connection.  [MQTT-3.3.2-7]
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace gaon {

// What the peer's aliases stand for; at most as many as we announced.
class InboundAliases {
 public:
  void set(std::uint16_t alias, std::string_view topic) {
    if (topics_.size() < alias) topics_.resize(alias);
    topics_[alias - 1u] = topic;
  }
  // Empty: no such mapping.
  std::string_view find(std::uint16_t alias) const {
    return alias <= topics_.size() ? std::string_view(topics_[alias - 1u]) : std::string_view();
  }

 private:
  std::vector<std::string> topics_;
};

// The aliases we gave out: first come, first served, up to the peer's maximum.
class OutboundAliases {
 public:
  struct Use {
    std::uint16_t alias;  // 0: none
    bool known;           // the peer has the mapping: the topic may be left out
  };

  explicit OutboundAliases(std::uint16_t maximum) : maximum_(maximum) {}

  Use find(std::string_view topic) const {
    if (const auto at = aliases_.find(topic); at != aliases_.end()) return {at->second, true};
    if (aliases_.size() >= maximum_) return {0, false};  // [MQTT-3.1.2-26] [MQTT-3.2.2-17]
    return {static_cast<std::uint16_t>(aliases_.size() + 1), false};
  }
  // The packet that carries topic and alias was written.
  void set(std::string_view topic) {
    aliases_.emplace(topic, static_cast<std::uint16_t>(aliases_.size() + 1));
  }

 private:
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };

  std::unordered_map<std::string, std::uint16_t, Hash, std::equal_to<>> aliases_;
  std::uint16_t maximum_;
};

}  // namespace gaon
