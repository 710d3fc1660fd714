// One copy of a message on its way to one session.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <span>
#include <utility>
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

// The share and subscription ids of a copy in one word: nothing, one id, or for what is
// rare a pointer to the rest.
//   word = pointer | low:1 high:id
class CopyOrigin {
 public:
  CopyOrigin() = default;
  CopyOrigin(ShareTag share, std::span<const std::uint32_t> subscription_ids) {
    if (share != 0 || subscription_ids.size() > 1) {
      halves_ = std::bit_cast<Halves>(new Rest{share, {subscription_ids.begin(), subscription_ids.end()}});
    } else if (subscription_ids.size() == 1) {
      halves_ = {kOneId, subscription_ids[0]};
    }
  }
  CopyOrigin(CopyOrigin&& other) noexcept : halves_(std::exchange(other.halves_, {})) {}
  CopyOrigin& operator=(CopyOrigin&& other) noexcept {
    std::swap(halves_, other.halves_);
    return *this;
  }
  ~CopyOrigin() { delete rest(); }

  ShareTag share() const { return rest() != nullptr ? rest()->share : 0; }
  std::span<const std::uint32_t> subscription_ids() const {
    if (const Rest* more = rest()) return more->subscription_ids;
    return {&halves_[1], halves_[0] == kOneId ? 1u : 0u};
  }

 private:
  struct Rest {
    ShareTag share;
    std::vector<std::uint32_t> subscription_ids;
  };
  using Halves = std::array<std::uint32_t, 2>;
  static constexpr std::uint32_t kOneId = 1;  // no pointer to a Rest is odd
  static_assert(sizeof(Rest*) == sizeof(Halves) && std::endian::native == std::endian::little);

  const Rest* rest() const { return halves_[0] == kOneId ? nullptr : std::bit_cast<const Rest*>(halves_); }

  alignas(Rest*) Halves halves_{};
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
      : qos_(delivery.qos),
        retain_(delivery.retain),
        message_(delivery.message),
        origin_(delivery.share, delivery.subscription_ids) {}

  const Message& message() const { return message_; }
  mqtt::QoS qos() const { return qos_; }
  bool retain() const { return retain_; }
  ShareTag share() const { return origin_.share(); }
  std::span<const std::uint32_t> subscription_ids() const { return origin_.subscription_ids(); }

  // Kept by Outbound.
  std::uint16_t packet_id = 0;
  State state = State::waiting;
  bool in_window = false;  // counts against the peer's receive maximum on this connection

 private:
  mqtt::QoS qos_ = mqtt::QoS::at_most_once;
  bool retain_ = false;
  Message message_;
  CopyOrigin origin_;
};
static_assert(sizeof(Copy) == 24);  // queues are made of it

}  // namespace gaon
