#include "broker/retained_store.h"

namespace gaon::broker {
namespace {

// Longer than any mail between workers can be under way.
constexpr Duration kMarkAge = seconds(60);
constexpr std::size_t kMarksMax = 100'000;
constexpr std::size_t kAllAtOnce = 1'000'000;

}  // namespace

bool RetainedStore::has_room(std::string_view topic, std::size_t size) {
  if (messages_ < limits_.retained_messages_max && bytes_ + size <= limits_.retained_bytes_max) return true;
  const Message* old = store_.find(topic);
  return old != nullptr && *old && !old->payload().empty() &&
         bytes_ - old->size() + size <= limits_.retained_bytes_max;
}

bool RetainedStore::has_room_of(std::uint64_t publisher, const ClientLimits& limits, std::string_view topic,
                                std::size_t size) {
  const bool unlimited = limits.retained_per_client_max == 0 && limits.retained_bytes_per_client_max == 0;
  if (unlimited || !shares_) return true;
  const auto found = shares_->find(publisher);
  Share share = found != shares_->end() ? found->second : Share{};
  const Message* old = store_.find(topic);
  if (old != nullptr && *old && !old->payload().empty() && old->publisher() == publisher) {
    --share.messages;
    share.bytes -= old->size();
  }
  return (limits.retained_per_client_max == 0 || share.messages < limits.retained_per_client_max) &&
         (limits.retained_bytes_per_client_max == 0 ||
          share.bytes + size <= limits.retained_bytes_per_client_max);
}

void RetainedStore::count_publishers(bool on) {
  if (on == shares_.has_value()) return;
  shares_.reset();
  if (!on) return;
  shares_.emplace();
  Cursor all = store_.walk_all();
  while (all.next(kAllAtOnce, [&](std::string_view, Message& message) {
    if (message && !message.payload().empty()) count_publisher(message, true);
  })) {
  }
}

bool RetainedStore::put(const Message& message, Time now) {
  const std::string_view topic = message.topic();
  const bool clears = message.payload().empty();  // [MQTT-3.3.1-7]
  Message* place = store_.find(topic);
  if (place == nullptr) {
    place = &store_.put(topic);
  } else if (*place) {
    if (place->id() > message.id()) return false;
    count(*place, false);
  }
  *place = message;
  count(message, true);
  if (!clears) return true;
  cleared_.push_back({message, now});
  if (cleared_.size() > kMarksMax) forget_oldest_mark();
  return true;
}

void RetainedStore::forget_oldest_mark() {
  const Message& mark = cleared_.front().mark;
  const Message* place = store_.find(mark.topic());
  if (place != nullptr && *place == mark) store_.erase(mark.topic());
  cleared_.pop_front();
}

void RetainedStore::count(const Message& message, bool added) {
  if (message.payload().empty()) return;
  messages_ += added ? 1 : std::size_t(-1);
  bytes_ += added ? message.size() : -message.size();
  if (shares_) count_publisher(message, added);
}

void RetainedStore::count_publisher(const Message& message, bool added) {
  const auto at = shares_->try_emplace(message.publisher()).first;
  Share& share = at->second;
  share.messages += added ? 1 : std::size_t(-1);
  share.bytes += added ? message.size() : -message.size();
  if (share.messages == 0) shares_->erase(at);
}

std::size_t RetainedStore::sweep(Time now, std::size_t budget) {
  while (!cleared_.empty() && cleared_.front().since + kMarkAge <= now) forget_oldest_mark();
  if (!sweeping_) sweeping_.emplace(store_.walk_all());
  std::size_t expired = 0;
  const bool more = sweeping_->next(budget, [&](std::string_view topic, Message& message) {
    if (!message || message.payload().empty() || !message.expired(now)) return;
    count(message, false);
    ++expired;
    store_.erase(topic);
  });
  if (!more) sweeping_.reset();
  return expired;
}

}  // namespace gaon::broker
