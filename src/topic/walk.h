// A walk through the names that match a filter, node by node, which may pause anywhere
// while names come and go. Movable; ends before the Names it walks through. Owned by
// the same thread.
//
// Besides the filter it keeps only where it stands: the node, its depth and the name up
// to there. The node is pinned and so are, by having a child, all above it. The next
// node is the first child that the filter lets in, else the next sibling, else an
// ancestor's; at a literal level there is one child and no sibling.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "topic/names.h"

namespace gaon::topic {

class Walk {
 public:
  // A valid filter.
  Walk(Names& names, std::string_view filter);
  // Through all names, those that begin with '$' too.
  explicit Walk(Names& names);
  Walk(Walk&& other) noexcept { swap(other); }
  Walk& operator=(Walk&& other) noexcept {
    swap(other);
    return *this;
  }
  ~Walk();

  bool done() const { return node_ == kNone; }
  // Whether a name that matches ends where the walk stands. Not after done().
  bool at_match() const;
  // Valid until step().
  std::string_view name() const { return name_; }
  std::uint32_t node() const { return node_; }
  // To the next node: one down or right, and any number up (each of which was once a
  // step down).
  void step();

 private:
  void swap(Walk& other) noexcept;
  std::uint32_t first_below() const;
  std::uint32_t right() const;
  bool hidden() const;
  void stand_on(std::uint32_t node);
  void add_level();
  void cut_level();
  // What the filter wants of nodes at this depth; the last level goes on if it is '#'.
  std::uint32_t wanted(std::size_t depth) const;
  bool subtree() const;

  Names* names_ = nullptr;
  std::vector<std::uint32_t> wanted_;  // tokens we hold, kPlus or kHash, by level
  bool all_ = false;
  std::uint32_t node_ = kNone;
  std::size_t depth_ = 0;  // levels in name_
  std::string name_;
};

}  // namespace gaon::topic
