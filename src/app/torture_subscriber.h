// Those who get messages: subscribers with lasting sessions, and a reader of retained
// messages. Used by one thread.
#pragma once

#include <string>
#include <vector>

#include "app/torture_scene.h"
#include "app/torture_wire.h"

namespace gaon::app {

enum class Presence : std::uint8_t {
  always,
  restless,  // comes and goes
  absent,    // from its SUBACK to the end
};

struct SubscriberPlan {
  std::string client_id;
  std::uint8_t version = 5;
  std::uint8_t qos = 1;
  std::vector<std::string> filters;
  ReceiverId receiver = 0;
  Presence presence = Presence::always;
  bool slow = false;
};

class TortureSubscriber {
 public:
  TortureSubscriber(TortureScene& scene, SubscriberPlan plan);

  void tick(Time now);
  bool subscribed() const { return subscribed_; }
  // The broker said no to a filter.
  bool refused() const { return refused_; }
  // Online, and at full speed.
  void come_back(Time now);
  // UNSUBSCRIBE: MQTT 5 tells whether there was a subscription.
  void unsubscribe();
  bool unsubscribed() const { return unsubscribed_; }
  TortureWire& wire() { return wire_; }

 private:
  void handle(const Event& event);
  void handle(const mqtt::Connack& packet);
  void handle(const mqtt::Publish& packet);
  void handle(const mqtt::Suback& packet);
  void handle(const mqtt::Unsuback& packet);
  void come_and_go(Time now);

  TortureScene& scene_;
  const SubscriberPlan plan_;
  TortureWire wire_;
  Time next_read_{};
  Time changes_at_ = kNever;
  bool known_ = false;
  bool subscribed_ = false;
  bool refused_ = false;
  bool unsubscribed_ = false;
  bool coming_back_ = false;
};

// Subscribes to the retained topics with each connection anew, with a clean session.
class TortureRetained {
 public:
  TortureRetained(TortureScene& scene, std::string filter, std::vector<StreamId> streams);

  void tick(Time now) { wire_.tick(now); }
  void begin_again(Time now);
  // All of them came that must be there.
  bool complete() const;
  void report_missing();
  TortureWire& wire() { return wire_; }

 private:
  void handle(const Event& event);

  struct Topic {
    StreamId stream;
    std::uint64_t least = 0;  // as Judge::retained() takes it
    bool seen = false;
  };

  TortureScene& scene_;
  const std::string filter_;
  std::vector<Topic> topics_;
  TortureWire wire_;
  bool asked_ = false;
};

}  // namespace gaon::app
