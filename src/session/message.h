// One published message: immutable, counted, shared by all who must have it.
// Its body stands once, version-neutral: topic, the v5 properties that are passed
// on unaltered, payload. What differs for each receiver (QoS, packet id, aliases,
// subscription ids, remaining expiry) is added when it is encoded for him.
#pragma once

#include <compare>
#include <cstdint>
#include <string_view>

#include "base/shared.h"
#include "base/time.h"
#include "mqtt/version.h"

namespace gaon {

// In which life of the process a message came, its number there, and who gave it.
// Unique for ever: 16 bits of incarnation, 40 of sequence, 8 of origin (worker). The
// sequence is a Lamport clock over all origins, so what came because of a message, or
// after its acknowledgement, has the larger id.
struct MessageId {
  static constexpr std::uint64_t kSequenceMax = (std::uint64_t{1} << 40) - 1;

  std::uint64_t value = 0;

  static MessageId make(std::uint16_t incarnation, std::uint64_t sequence, std::uint8_t origin) {
    return {(std::uint64_t{incarnation} << 48) | ((sequence & kSequenceMax) << 8) | origin};
  }
  std::uint64_t sequence() const { return (value >> 8) & kSequenceMax; }
  auto operator<=>(const MessageId&) const = default;
};

// What a Message is made from; views need to live only for the call.
struct MessageParts {
  MessageId id;
  std::uint64_t publisher = 0;  // keyed hash of the publisher's client id, for No Local
  Time deadline = kNever;       // Message Expiry as an absolute time
  mqtt::QoS qos = mqtt::QoS::at_most_once;
  bool retain = false;
  bool is_will = false;
  std::string_view topic;  // at most 65,535 bytes
  ByteView properties;     // ready-made v5 properties
  ByteView payload;
};

// Cheap to copy (one count). Empty when default-constructed.
class Message {
 public:
  Message() = default;
  static Message make(const MessageParts& parts);

  explicit operator bool() const { return static_cast<bool>(block_); }
  bool operator==(const Message& other) const { return block_ == other.block_; }

  MessageId id() const { return head().id; }
  std::uint64_t publisher() const { return head().publisher; }
  Time deadline() const { return Time(Duration(head().deadline_ms)); }
  mqtt::QoS qos() const { return head().qos; }
  bool retain() const { return head().retain; }
  bool is_will() const { return head().is_will; }
  std::string_view topic() const { return as_text({body(), head().topic_size}); }
  ByteView properties() const { return {body() + head().topic_size, head().properties_size}; }
  ByteView payload() const {
    const std::size_t before = sizeof(Head) + head().topic_size + head().properties_size;
    return {block_.data() + before, block_.size() - before};
  }
  // Topic, properties and payload together: what a queue counts against its bytes.
  std::size_t size() const { return block_.size() - sizeof(Head); }
  const Shared& block() const { return block_; }

  // Seconds left as MQTT sends them: rounded up, at least 1. Only with a deadline.
  std::uint32_t seconds_left(Time now) const;
  bool expired(Time now) const { return deadline() <= now; }

 private:
  struct Head {
    std::int64_t deadline_ms;
    MessageId id;
    std::uint64_t publisher;
    std::uint32_t properties_size;
    std::uint16_t topic_size;
    mqtt::QoS qos;
    bool retain : 1;
    bool is_will : 1;  // not said of one that was read from the journal
  };
  static_assert(sizeof(Head) == 32);

  const Head& head() const { return *reinterpret_cast<const Head*>(block_.data()); }
  const std::uint8_t* body() const { return block_.data() + sizeof(Head); }

  Shared block_;
};

}  // namespace gaon
