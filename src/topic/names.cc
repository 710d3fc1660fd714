#include "topic/names.h"

#include "base/check.h"
#include "topic/name.h"

namespace gaon::topic {

std::uint32_t Names::find(std::string_view name) const {
  Levels levels(name);
  std::uint32_t node = kRoot;
  while (!levels.done()) {
    const std::uint32_t token = tokens_.find(levels.next());
    if (token == kNone) return kNone;
    node = child(node, token);
    if (node == kNone) return kNone;
  }
  return nodes_[node].named ? node : kNone;
}

std::uint32_t Names::add(std::string_view name) {
  Levels levels(name);
  std::uint32_t node = kRoot;
  while (!levels.done()) {
    const std::string_view level = levels.next();
    const std::uint32_t token = tokens_.find(level);
    const std::uint32_t known = token == kNone ? kNone : child(node, token);
    node = known != kNone ? known : add_child(node, level);
  }
  if (!nodes_[node].named) {
    nodes_[node].named = 1;
    ++size_;
  }
  return node;
}

std::uint32_t Names::add_child(std::uint32_t parent, std::string_view level) {
  const std::uint32_t token = tokens_.take(level);
  const std::uint32_t node = nodes_.take();
  const std::uint32_t next = nodes_[parent].child;
  nodes_[node] = Node{.parent = parent, .token = token, .next = next};
  nodes_[parent].child = node;
  if (next != kNone) nodes_[next].prev = node;
  edges_.add(parent, token, node);
  return node;
}

void Names::remove(std::uint32_t node) {
  CHECK(nodes_[node].named);
  nodes_[node].named = 0;
  --size_;
  prune(node);
}

void Names::prune(std::uint32_t node) {
  while (node != kRoot) {
    const Node& idle = nodes_[node];
    if (idle.named || idle.pins > 0 || idle.child != kNone) return;
    const std::uint32_t parent = idle.parent;
    unlink(node);
    node = parent;
  }
  if (nodes_.size() > 1 || nodes_[kRoot].pins > 0) return;
  nodes_.clear();
  nodes_[nodes_.take()] = Node{};
}

void Names::unlink(std::uint32_t node) {
  const Node gone = nodes_[node];
  (gone.prev == kNone ? nodes_[gone.parent].child : nodes_[gone.prev].next) = gone.next;
  if (gone.next != kNone) nodes_[gone.next].prev = gone.prev;
  edges_.remove(gone.parent, gone.token, node);
  tokens_.drop(gone.token);
  nodes_.give(node);
}

std::size_t Names::memory_bytes() const {
  return tokens_.memory_bytes() + edges_.memory_bytes() + nodes_.memory_bytes();
}

}  // namespace gaon::topic
