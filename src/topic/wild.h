// A trie of the filters that have wildcards. Each node is a level; a literal child is
// found through Edges, the '+' child through the node itself, and a '#' below a node is
// no node of its own. Owned by one thread.
//
// Matching goes level by level with the list of nodes reached so far. A node is reached
// at most once a name, so the work is bounded by the nodes as well as by 2^levels, and
// nothing recurses.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "topic/edges.h"
#include "topic/pool.h"
#include "topic/tokens.h"

namespace gaon::topic {

class Wild {
 public:
  // Where a filter ends: at a node, or with a '#' below it.
  struct End {
    std::uint32_t node;
    bool below;
  };

  explicit Wild(const HashSeed& seed) : tokens_(seed), edges_(seed) { nodes_[nodes_.take()] = Node{}; }

  // The filter's number at its end; kNone if there is none. A value of this reference
  // is kept; after it became kNone, prune.
  std::uint32_t& at(End end) { return end.below ? nodes_[end.node].below : nodes_[end.node].here; }
  std::uint32_t find(std::string_view filter) const;
  // The end of a filter, made if need be.
  End reach(std::string_view filter);
  // Takes away the nodes that serve no filter, from this end upwards.
  void prune(End end);
  std::string text(End end) const;

  // Appends the numbers of all filters that match.
  void match(std::string_view name, std::vector<std::uint32_t>& hits);

  std::size_t memory_bytes() const;

 private:
  struct Node {
    std::uint32_t parent = kNone;
    std::uint32_t token = kNone;  // kNone for the root and for '+'
    std::uint32_t plus = kNone;   // the '+' child
    std::uint32_t literals = 0;   // number of the other children
    std::uint32_t here = kNone;   // the filter that ends here
    std::uint32_t below = kNone;  // the filter that ends with '#' below

    std::uint32_t& link() { return parent; }
    bool idle() const { return plus == kNone && literals == 0 && here == kNone && below == kNone; }
  };

  std::uint32_t add_child(std::uint32_t parent, std::string_view level);
  std::uint32_t child(std::uint32_t node, std::string_view level) const;

  Tokens tokens_;
  Edges edges_;
  Pool<Node> nodes_;
  std::vector<std::uint32_t> reached_;  // of match(), kept for their memory
  std::vector<std::uint32_t> next_;
};

}  // namespace gaon::topic
