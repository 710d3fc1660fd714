// One copy of a message on its way to one session.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "mqtt/version.h"
#include "session/message.h"

namespace gaon {

// Where a copy came from, for the owner of the queue to know when it is done with:
// 0 for a subscription of the session's own, otherwise its seat in a shared group.
using ShareTag = std::uint64_t;

// What makes two copies of one message differ. Views live for the call.
struct Delivery {
  const Message& message;
  mqtt::QoS qos;  // the lower of published and granted
  bool retain = false;
  std::span<const std::uint32_t> subscription_ids = {};
  ShareTag share = 0;
};

class Copy {
 public:
  enum class State : std::uint8_t {
    waiting,       // not sent yet
    publish_sent,  // PUBLISH sent; PUBACK or PUBREC is due
    pubrel_sent,   // PUBREC came; PUBCOMP is due
    done,          // its place is kept only until those before it are done
    reserved,      // no message: the packet id of a SUBSCRIBE or UNSUBSCRIBE
  };

  Copy() = default;
  explicit Copy(const Delivery& delivery)
      : message_(delivery.message), qos_(delivery.qos), retain_(delivery.retain) {
    if (delivery.share != 0 || delivery.subscription_ids.size() > 1) {
      more_ = std::make_unique<More>(
          More{delivery.share, {delivery.subscription_ids.begin(), delivery.subscription_ids.end()}});
    } else if (delivery.subscription_ids.size() == 1) {
      subscription_id_ = delivery.subscription_ids[0];
    }
  }

  const Message& message() const { return message_; }
  mqtt::QoS qos() const { return qos_; }
  bool retain() const { return retain_; }
  ShareTag share() const { return more_ ? more_->share : 0; }
  std::span<const std::uint32_t> subscription_ids() const {
    if (more_) return more_->subscription_ids;
    return {&subscription_id_, subscription_id_ != 0 ? 1u : 0u};
  }

  // Kept by Outbound.
  std::uint16_t packet_id = 0;
  State state = State::waiting;
  bool in_window = false;  // counts against the peer's receive maximum on this connection

 private:
  struct More {
    ShareTag share;
    std::vector<std::uint32_t> subscription_ids;
  };

  Message message_;
  std::unique_ptr<More> more_;
  std::uint32_t subscription_id_ = 0;
  mqtt::QoS qos_ = mqtt::QoS::at_most_once;
  bool retain_ = false;
};
static_assert(sizeof(Copy) <= 32);

}  // namespace gaon
