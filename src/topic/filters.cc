#include "topic/filters.h"

#include <algorithm>

#include "base/check.h"
#include "topic/name.h"

namespace gaon::topic {

Filters::Place Filters::Place::of(Kind kind, std::uint32_t at) {
  CHECK(at < 1U << 30);
  return {.bits = at << 2 | kind};
}

std::string_view Filters::exact_text(std::uint32_t text) const {
  const std::span<char> stored = exact_texts_.at(text);
  return {stored.data(), stored.size()};
}

std::uint32_t Filters::find_exact(std::uint32_t tag, std::string_view filter) const {
  return exact_.find(tag, [&](Exact known) { return exact_text(known.text) == filter; }).id;
}

std::uint32_t Filters::find(std::string_view filter) const {
  return has_wildcard(filter) ? wild_.find(filter) : find_exact(tag_of(filter, seed_), filter);
}

std::uint32_t Filters::add(std::string_view filter) {
  const std::uint32_t known = find(filter);
  if (known != kNone) return known;
  const std::uint32_t id = places_.take();
  if (has_wildcard(filter)) {
    const Wild::End end = wild_.reach(filter);
    wild_.at(end) = id;
    ++wilds_;
    places_[id] = Place::of(end.below ? wild_below : wild_here, end.node);
  } else {
    const std::uint32_t text = keep_text(filter);
    places_[id] = Place::of(exact, text);
    exact_.insert(tag_of(filter, seed_), {.id = id, .text = text});
  }
  return id;
}

std::uint32_t Filters::keep_text(std::string_view filter) {
  const std::uint32_t text = exact_texts_.add(filter.size());
  std::copy(filter.begin(), filter.end(), exact_texts_.at(text).begin());
  return text;
}

void Filters::remove(std::uint32_t id) {
  const Place place = places_[id];
  if (place.kind() == exact) {
    exact_.erase(tag_of(exact_text(place.at()), seed_), {.id = id, .text = place.at()});
    exact_texts_.remove(place.at());
  } else {
    CHECK(wild_.at(place.end()) == id);
    wild_.at(place.end()) = kNone;
    wild_.prune(place.end());
    --wilds_;
  }
  places_.give(id);
  if (places_.size() > 0) return;
  places_.clear();
  std::vector<std::uint32_t>().swap(hits_);
}

std::string Filters::text(std::uint32_t id) const {
  const Place place = places_[id];
  return place.kind() == exact ? std::string(exact_text(place.at())) : wild_.text(place.end());
}

const std::vector<std::uint32_t>& Filters::match(std::string_view name) {
  hits_.clear();
  const std::uint32_t tag = tag_of(name, seed_);
  exact_.prefetch(tag);
  if (wilds_ > 0) wild_.match(name, hits_);
  const std::uint32_t id = find_exact(tag, name);
  if (id != kNone) hits_.push_back(id);
  return hits_;
}

std::size_t Filters::memory_bytes() const {
  return exact_.memory_bytes() + exact_texts_.memory_bytes() + wild_.memory_bytes() + places_.memory_bytes() +
         hits_.capacity() * sizeof(std::uint32_t);
}

}  // namespace gaon::topic
