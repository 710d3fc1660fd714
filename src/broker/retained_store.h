// The retained messages. Every worker has all of them (the index; the messages are
// shared), so a subscription finds its own where it lives. Workers may hear of two
// messages for one topic in different order; the larger message id wins on each, and a
// cleared topic leaves a mark for a while, so that all come to the same.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <unordered_map>

#include "base/time.h"
#include "broker/config.h"
#include "session/message.h"
#include "topic/retained.h"

namespace gaon::broker {

class RetainedStore {
 public:
  using Cursor = topic::Retained<Message>::Cursor;

  RetainedStore(const HashSeed& seed, const Limits& limits) : limits_(limits), store_(seed) {}

  // Whether a message for that topic would find room.
  bool has_room(std::string_view topic, std::size_t size);
  // Whether it would find room among those of its publisher; only while they are counted.
  bool has_room_of(std::uint64_t publisher, const ClientLimits& limits, std::string_view topic,
                   std::size_t size);
  // From then on, or no longer. Turned on it looks at all that are there.
  void count_publishers(bool on);
  // Stores or, with an empty payload, clears.  [MQTT-3.3.1-5] [MQTT-3.3.1-6]
  // False: what is there is newer.
  bool put(const Message& message, Time now);
  // Null: there is none. Its payload is empty where one was cleared.
  const Message* find(std::string_view topic) { return store_.find(topic); }
  Cursor walk(std::string_view filter) { return store_.walk(filter); }
  // Whether there is something to show to a subscriber.
  static bool alive(const Message& message, Time now) {
    return message && !message.payload().empty() && !message.expired(now);
  }

  // Drops expired messages and old marks, a slice at a time. Returns how many expired.
  std::size_t sweep(Time now, std::size_t budget);

  std::size_t messages() const { return messages_; }
  std::size_t bytes() const { return bytes_; }

 private:
  struct Cleared {
    Message mark;
    Time since;
  };

  // What one publisher has here.
  struct Share {
    std::size_t messages = 0;
    std::size_t bytes = 0;
  };

  void count(const Message& message, bool added);
  void count_publisher(const Message& message, bool added);
  void forget_oldest_mark();

  const Limits& limits_;
  topic::Retained<Message> store_;
  std::deque<Cleared> cleared_;
  std::optional<Cursor> sweeping_;
  std::optional<std::unordered_map<std::uint64_t, Share>> shares_;  // while they are counted
  std::size_t messages_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace gaon::broker
