// Those who make messages: publishers of numbered ones, and clients that do nothing but
// leave wills behind. Used by one thread.
#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "app/torture_scene.h"
#include "app/torture_wire.h"

namespace gaon::app {

struct PublisherPlan {
  std::string client_id;
  std::uint8_t version = 5;
  std::vector<StreamId> streams;
  double rate_per_s = 100;
  std::uint16_t window = 200;
  std::size_t size = 64;
};

// Publishes in bursts, so that many messages are unacknowledged when the broker dies.
class TorturePublisher {
 public:
  TorturePublisher(TortureScene& scene, PublisherPlan plan);

  void tick(Time now, bool publishing);
  bool idle() { return wire_.session().outbound.empty(); }
  TortureWire& wire() { return wire_; }

 private:
  void handle(const Event& event);
  bool publish_one(Time now);

  TortureScene& scene_;
  const PublisherPlan plan_;
  TortureWire wire_;
  std::set<std::pair<StreamId, std::uint64_t>> unfinished_;
  double allowance_ = 0;  // messages that may be sent now
  Time last_tick_{};
  Time next_burst_{};
  bool known_ = false;
};

// Its connections end without DISCONNECT, by itself or with the broker. Each has a will
// with the next number.
class TortureWill {
 public:
  TortureWill(TortureScene& scene, std::string client_id, std::uint8_t version, StreamId stream);

  void tick(Time now);
  // The last connection breaks off.
  void stop() { wire_.go_offline(false); }
  TortureWire& wire() { return wire_; }

 private:
  void handle(const Event& event);
  void renew();

  TortureScene& scene_;
  const std::string client_id_;
  const StreamId stream_;
  TortureWire wire_;
  std::uint64_t number_ = 0;
  Time breaks_at_ = kNever;
  bool used_ = true;  // number_ was sent in a CONNECT
  bool known_ = false;
};

}  // namespace gaon::app
