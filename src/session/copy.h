// One copy of a message on its way to one session.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "base/check.h"
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

// Where the record of a copy stands in the owner's log, so that its message can be read
// back. Only the owner of the session understands it.
struct StoredAt {
  std::uint32_t segment = 0;
  std::uint32_t offset = 0;
  bool operator==(const StoredAt&) const = default;
};

struct RestoredCopy;

// Copies of QoS 1 and 2 are numbered within their session, 1, 2, 3 ...; the numbers wrap
// without ever being 0. Session and number name a copy for the journal. The packet id
// follows from the number, so that after a crash the same copy has the same id without
// it having been recorded: 65,535 divides the count of numbers, so ids go round evenly.
constexpr std::uint16_t packet_id_of(std::uint32_t sequence) {
  return static_cast<std::uint16_t>((sequence - 1) % 65'535 + 1);
}

class Copy {
 public:
  enum class State : std::uint8_t {
    waiting,       // not sent yet
    publish_sent,  // PUBLISH sent; PUBACK or PUBREC is due
    received,      // PUBREC came; no PUBREL before the owner's release()
    pubrel_sent,   // PUBREL was sent, or is to be; PUBCOMP is due
    done,          // its place is kept only until those before it are done
  };

  Copy() : message_() {}
  explicit Copy(const Delivery& delivery)
      : qos_(delivery.qos),
        retain_(delivery.retain),
        message_(delivery.message),
        origin_(delivery.share, delivery.subscription_ids) {}
  explicit Copy(const RestoredCopy& restored);  // absent
  Copy(Copy&& other) noexcept;
  Copy& operator=(Copy&& other) noexcept;
  ~Copy() {
    if (!absent_) std::destroy_at(&message_);
  }

  mqtt::QoS qos() const { return qos_; }
  bool retain() const { return retain_; }
  ShareTag share() const { return origin_.share(); }
  std::span<const std::uint32_t> subscription_ids() const { return origin_.subscription_ids(); }

  // A copy holds its message, or is absent and holds the place where that is stored.
  bool absent() const { return absent_; }
  const Message& message() const {
    CHECK(!absent_);
    return message_;
  }
  StoredAt stored_at() const {
    CHECK(absent_);
    return stored_at_;
  }
  void make_absent(StoredAt at);  // Or, when it is absent already: its record has moved.
  void restore(Message message);

  // Kept by Outbound.
  std::uint32_t sequence = 0;   // with QoS 0: of the last copy before it that has one
  std::uint16_t packet_id = 0;  // 0 until it is due
  State state = State::waiting;
  bool in_window : 1 = false;  // counts against the peer's receive maximum on this connection
  bool in_doubt : 1 = false;   // taken for sent since the restart, though it may not have been
  // Kept by the owner of the session.
  bool unwritten : 1 = false;  // sent, but not recorded yet

 private:
  bool absent_ : 1 = false;
  mqtt::QoS qos_ : 2 = mqtt::QoS::at_most_once;
  bool retain_ : 1 = false;
  union {
    Message message_;
    StoredAt stored_at_;
  };
  CopyOrigin origin_;
};
static_assert(sizeof(Copy) == 24);  // queues are made of it

// A copy as its owner recorded it. Views live for the call.
struct RestoredCopy {
  std::uint32_t sequence;
  std::uint16_t packet_id = 0;  // 0: packet_id_of(sequence)
  mqtt::QoS qos;                // 1 or 2
  bool retain = false;
  Copy::State state = Copy::State::waiting;  // not done
  bool in_doubt = false;                     // if it is publish_sent
  StoredAt at;
  std::uint32_t size = 0;  // Message::size()
  std::span<const std::uint32_t> subscription_ids = {};
  ShareTag share = 0;
};

inline Copy::Copy(const RestoredCopy& restored)
    : sequence(restored.sequence),
      state(restored.state),
      in_doubt(restored.in_doubt),
      absent_(true),
      qos_(restored.qos),
      retain_(restored.retain),
      stored_at_(restored.at),
      origin_(restored.share, restored.subscription_ids) {}

inline Copy::Copy(Copy&& other) noexcept
    : sequence(other.sequence),
      packet_id(other.packet_id),
      state(other.state),
      in_window(other.in_window),
      in_doubt(other.in_doubt),
      unwritten(other.unwritten),
      absent_(other.absent_),
      qos_(other.qos_),
      retain_(other.retain_),
      origin_(std::move(other.origin_)) {
  if (absent_) {
    std::construct_at(&stored_at_, other.stored_at_);
  } else {
    std::construct_at(&message_, std::move(other.message_));
  }
}

inline Copy& Copy::operator=(Copy&& other) noexcept {
  if (this == &other) return *this;
  std::destroy_at(this);
  return *std::construct_at(this, std::move(other));
}

inline void Copy::make_absent(StoredAt at) {
  if (!absent_) std::destroy_at(&message_);
  absent_ = true;
  std::construct_at(&stored_at_, at);
}

inline void Copy::restore(Message message) {
  CHECK(absent_);
  absent_ = false;
  std::construct_at(&message_, std::move(message));
}

}  // namespace gaon
