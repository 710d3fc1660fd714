#include "broker/retained_store.h"

namespace gaon::broker {
namespace {

// Longer than any mail between workers can be under way.
constexpr Duration kMarkAge = seconds(60);
constexpr std::size_t kMarksMax = 100'000;

}  // namespace

bool RetainedStore::has_room(std::string_view topic, std::size_t size) {
  if (messages_ < limits_.retained_messages_max && bytes_ + size <= limits_.retained_bytes_max) return true;
  const Message* old = store_.find(topic);
  return old != nullptr && *old && !old->payload().empty() &&
         bytes_ - old->size() + size <= limits_.retained_bytes_max;
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
