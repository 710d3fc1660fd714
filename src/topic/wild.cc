#include "topic/wild.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "topic/name.h"

namespace gaon::topic {
namespace {

constexpr std::uint32_t kRoot = 0;
constexpr std::uint32_t kNotLookedUp = kNone - 1;

}  // namespace

std::uint32_t Wild::child(std::uint32_t node, std::string_view level) const {
  if (level == "+") return nodes_[node].plus;
  const std::uint32_t token = tokens_.find(level);
  return token == kNone ? kNone : edges_.find(nodes_, node, token);
}

std::uint32_t Wild::find(std::string_view filter) const {
  Levels levels(filter);
  std::uint32_t node = kRoot;
  while (!levels.done()) {
    const std::string_view level = levels.next();
    if (level == "#") return nodes_[node].below;
    node = child(node, level);
    if (node == kNone) return kNone;
  }
  return nodes_[node].here;
}

Wild::End Wild::reach(std::string_view filter) {
  Levels levels(filter);
  std::uint32_t node = kRoot;
  while (!levels.done()) {
    const std::string_view level = levels.next();
    if (level == "#") return {.node = node, .below = true};
    const std::uint32_t known = child(node, level);
    node = known != kNone ? known : add_child(node, level);
  }
  return {.node = node, .below = false};
}

std::uint32_t Wild::add_child(std::uint32_t parent, std::string_view level) {
  const std::uint32_t node = nodes_.take();
  nodes_[node] = Node{.parent = parent};
  if (level == "+") {
    nodes_[parent].plus = node;
  } else {
    nodes_[node].token = tokens_.take(level);
    ++nodes_[parent].literals;
    edges_.add(parent, nodes_[node].token, node);
  }
  return node;
}

void Wild::prune(End end) {
  std::uint32_t node = end.node;
  while (node != kRoot && nodes_[node].idle()) {
    const std::uint32_t parent = nodes_[node].parent;
    const std::uint32_t token = nodes_[node].token;
    if (token == kNone) {
      nodes_[parent].plus = kNone;
    } else {
      --nodes_[parent].literals;
      edges_.remove(parent, token, node);
      tokens_.drop(token);
    }
    nodes_.give(node);
    node = parent;
  }
  if (nodes_.size() == 1 && nodes_[kRoot].idle()) {
    nodes_.clear();
    nodes_[nodes_.take()] = Node{};
    std::vector<std::uint32_t>().swap(reached_);
    std::vector<std::uint32_t>().swap(next_);
  }
}

std::string Wild::text(End end) const {
  std::vector<std::string_view> levels;
  if (end.below) levels.push_back("#");
  for (std::uint32_t node = end.node; node != kRoot; node = nodes_[node].parent) {
    levels.push_back(nodes_[node].token == kNone ? "+" : tokens_.text(nodes_[node].token));
  }
  std::string text(levels.back());
  for (auto level = levels.rbegin() + 1; level != levels.rend(); ++level) (text += '/') += *level;
  return text;
}

void Wild::match(std::string_view name, std::vector<std::uint32_t>& hits) {
  // [MQTT-4.7.2-1]: a wildcard at the root does not see names that begin with '$'.
  bool hidden = name.starts_with('$');
  Levels levels(name);
  reached_.assign(1, kRoot);
  while (!reached_.empty() && !levels.done()) {
    const std::string_view level = levels.next();
    std::uint32_t token = kNotLookedUp;
    next_.clear();
    for (const std::uint32_t at : reached_) {
      const Node& node = nodes_[at];
      if (node.below != kNone && !hidden) hits.push_back(node.below);
      if (node.plus != kNone && !hidden) next_.push_back(node.plus);
      if (node.literals == 0) continue;
      if (token == kNotLookedUp) token = tokens_.find(level);
      if (token == kNone) continue;
      const std::uint32_t literal = edges_.find(nodes_, at, token);
      if (literal != kNone) next_.push_back(literal);
    }
    hidden = false;
    std::swap(reached_, next_);
  }
  for (const std::uint32_t at : reached_) {
    const Node& node = nodes_[at];
    if (node.here != kNone) hits.push_back(node.here);
    if (node.below != kNone) hits.push_back(node.below);
  }
}

std::size_t Wild::memory_bytes() const {
  return tokens_.memory_bytes() + edges_.memory_bytes() + nodes_.memory_bytes() +
         (reached_.capacity() + next_.capacity()) * sizeof(std::uint32_t);
}

}  // namespace gaon::topic
