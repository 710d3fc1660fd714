#include "topic/walk.h"

#include <algorithm>
#include <utility>

#include "topic/name.h"

namespace gaon::topic {
namespace {

// Beside tokens, whose numbers do not reach so far.
constexpr std::uint32_t kPlus = kNone - 1;
constexpr std::uint32_t kHash = kNone - 2;

bool is_token(std::uint32_t wanted) { return wanted < kHash; }

}  // namespace

Walk::Walk(Names& names, std::string_view filter) : names_(&names) {
  Levels levels(filter);
  while (!levels.done()) {
    const std::string_view level = levels.next();
    wanted_.push_back(level == "#" ? kHash : level == "+" ? kPlus : names.tokens().take(level));
  }
  node_ = Names::kRoot;
  names.pin(node_);
}

Walk::Walk(Names& names) : Walk(names, "#") { all_ = true; }

Walk::~Walk() {
  if (names_ == nullptr) return;
  if (!done()) names_->unpin(node_);
  for (const std::uint32_t wanted : wanted_) {
    if (is_token(wanted)) names_->tokens().drop(wanted);
  }
}

void Walk::swap(Walk& other) noexcept {
  std::swap(names_, other.names_);
  std::swap(wanted_, other.wanted_);
  std::swap(all_, other.all_);
  std::swap(node_, other.node_);
  std::swap(depth_, other.depth_);
  std::swap(name_, other.name_);
}

bool Walk::subtree() const { return wanted_.back() == kHash; }

std::uint32_t Walk::wanted(std::size_t depth) const {
  if (depth <= wanted_.size()) return wanted_[depth - 1];
  return subtree() ? kHash : kNone;
}

bool Walk::at_match() const {
  if (!(*names_)[node_].named || hidden()) return false;
  // "a/#" matches "a" too.
  return subtree() ? depth_ + 1 >= wanted_.size() : depth_ == wanted_.size();
}

// [MQTT-4.7.2-1]: a wildcard at the root does not see names that begin with '$'.
bool Walk::hidden() const {
  return depth_ == 1 && !all_ && !is_token(wanted_.front()) && names_->level(node_).starts_with('$');
}

std::uint32_t Walk::first_below() const {
  const std::uint32_t next = wanted(depth_ + 1);
  if (next == kNone || hidden()) return kNone;
  return is_token(next) ? names_->child(node_, next) : (*names_)[node_].child;
}

std::uint32_t Walk::right() const { return is_token(wanted(depth_)) ? kNone : (*names_)[node_].next; }

void Walk::step() {
  const std::uint32_t below = first_below();
  if (below != kNone) {
    stand_on(below);
    ++depth_;
    add_level();
    return;
  }
  while (node_ != Names::kRoot) {
    const std::uint32_t sibling = right();
    cut_level();
    if (sibling != kNone) {
      stand_on(sibling);
      add_level();
      return;
    }
    stand_on((*names_)[node_].parent);
    --depth_;
  }
  names_->unpin(std::exchange(node_, kNone));
}

void Walk::stand_on(std::uint32_t node) {
  names_->pin(node);
  names_->unpin(std::exchange(node_, node));
}

void Walk::add_level() {
  if (depth_ > 1) name_ += '/';
  name_ += names_->level(node_);
}

void Walk::cut_level() {
  const std::size_t slash = depth_ > 1 ? 1 : 0;
  name_.resize(name_.size() - names_->level(node_).size() - slash);
}

}  // namespace gaon::topic
