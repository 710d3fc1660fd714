// A trie of topic names, which can be walked while it changes. Each node is a level and
// lies in a list of its siblings; the child for a level is found through Edges.
// Owned by one thread.
//
// New nodes come to the front of their siblings and pinned nodes stay, so whoever stands
// on a pinned node and goes on from there meets each node that was there all the time
// exactly once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/hash.h"
#include "topic/edges.h"
#include "topic/pool.h"
#include "topic/tokens.h"

namespace gaon::topic {

class Names {
 public:
  static constexpr std::uint32_t kRoot = 0;

  struct Node {
    std::uint32_t parent = kNone;
    std::uint32_t token = kNone;
    std::uint32_t child = kNone;  // the first one
    std::uint32_t next = kNone;   // siblings
    std::uint32_t prev = kNone;
    std::uint32_t pins : 31 = 0;  // walks that stand here
    std::uint32_t named : 1 = 0;  // a name of the store ends here

    std::uint32_t& link() { return parent; }
  };

  explicit Names(const HashSeed& seed) : tokens_(seed), edges_(seed) { nodes_[nodes_.take()] = Node{}; }

  const Node& operator[](std::uint32_t node) const { return nodes_[node]; }
  // The node of a named name, or kNone.
  std::uint32_t find(std::string_view name) const;
  // The same, made and named if need be.
  std::uint32_t add(std::string_view name);
  // The node stays until no walk stands on it.
  void remove(std::uint32_t node);

  std::uint32_t child(std::uint32_t parent, std::uint32_t token) const {
    return edges_.find(nodes_, parent, token);
  }
  std::string_view level(std::uint32_t node) const { return tokens_.text(nodes_[node].token); }
  Tokens& tokens() { return tokens_; }

  void pin(std::uint32_t node) { ++nodes_[node].pins; }
  void unpin(std::uint32_t node) {
    --nodes_[node].pins;
    prune(node);
  }

  std::size_t size() const { return size_; }
  std::size_t memory_bytes() const;

 private:
  std::uint32_t add_child(std::uint32_t parent, std::string_view level);
  // Takes away the nodes that nobody needs, from this one upwards.
  void prune(std::uint32_t node);
  void unlink(std::uint32_t node);

  Tokens tokens_;
  Edges edges_;
  Pool<Node> nodes_;
  std::size_t size_ = 0;  // named nodes
};

}  // namespace gaon::topic
