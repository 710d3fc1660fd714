#include "model.h"

namespace gaon::simulation {

// A later message for the topic was begun when this one was over, and was accepted.
bool Model::stale(MessageNo number) const {
  const Message& one = messages_[number];
  if (!one.ended) return false;
  for (MessageNo n = number + 1; n < messages_.size(); ++n) {
    const Message& later = messages_[n];
    if (later.what.retain && later.what.topic == one.what.topic && later.accepted &&
        later.begun > *one.ended) {
      return true;
    }
  }
  return false;
}

void Model::check_retained(const std::map<std::string, MessageNo>& found, Time now) {
  for (const auto& [topic, number] : found) {
    if (stale(number)) fail("retained on " + topic + " is " + tell(number) + ", which was replaced");
  }
  for (MessageNo n = 0; n < messages_.size(); ++n) {
    const Message& one = messages_[n];
    if (!one.what.retain || !one.accepted || one.what.clears || found.contains(one.what.topic) || stale(n)) {
      continue;
    }
    if (one.what.expiry_s && now >= after(one.begun_at, *one.what.expiry_s)) continue;
    // Something else may have cleared it, or expired in its place.
    bool excused = false;
    for (const Message& other : messages_) {
      if (!other.what.retain || other.what.topic != one.what.topic || &other == &one) continue;
      if (other.ended && *other.ended < one.begun) continue;
      const bool expired = other.what.expiry_s && now >= after(other.begun_at, *other.what.expiry_s);
      excused = excused || other.what.clears || expired;
    }
    if (!excused) fail("retained on " + one.what.topic + " is nothing, not " + tell(n));
  }
}

}  // namespace gaon::simulation
