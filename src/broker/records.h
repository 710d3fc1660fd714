// The tick's changes of state, as records for the journal. What a restart must know is
// written where it changes; sessions that end with their connection leave no trace.
// One per worker, its thread.
//
//   record       = length:u32 shard:u16 kind:u8 body         length counts what follows it
//   session      = number:u64 expiry_s:u32 client_id:text     opened, or its expiry changed
//   ended        = number:u64
//   offline      = number:u64 ends_ms:i64                     absolute; the largest is never
//   will         = number:u64 delay_s:u32 has_expiry:u8 expiry_s:u32 content
//   no_will      = number:u64
//   subscribed   = number:u64 options:u8 subscription_id:u32 filter:text
//   unsubscribed = number:u64 filter:text
//   message      = message_id:u64 publisher:u64 deadline_ms:i64 content
//   queued       = number:u64 message_id:u64 options:u8 ids:u16 (subscription_id:u32)*
//   finished     = number:u64 message_id:u64
//   held         = number:u64 packet_id:u16                   QoS 2 received, not released
//   released     = number:u64 packet_id:u16
//   retained     = message_id:u64                             the store's for its topic; empty payload clears
//   content      = flags:u8 topic:text properties_size:u32 properties payload   (to the end)
//   flags, options: bit 0-1 QoS, 2 retain, 3 no local, 4 retain as published
//   text         = size:u16 bytes
//
// A session's number is unique for ever, like a message's id. A message's body comes
// once before the records that name it, however many sessions queue it.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/buffer.h"
#include "broker/client.h"
#include "broker/subscriber.h"
#include "session/copy.h"
#include "session/message.h"

namespace gaon::broker {

enum class RecordKind : std::uint8_t {
  session = 1,
  ended,
  offline,
  will,
  no_will,
  subscribed,
  unsubscribed,
  message,
  queued,
  finished,
  held,
  released,
  retained,
};

class Records {
 public:
  // Without wanted every call does nothing.
  explicit Records(bool wanted) : wanted_(wanted) {}

  // Of the tick so far; taken (and emptied) by the journal.
  Buffer& bytes() { return bytes_; }

  void session(const Client& client);
  void ended(const Client& client);
  void offline(const Client& client);
  void will(const Client& client);
  void subscribed(const Client& client, std::string_view filter, const Subscriber& options);
  void unsubscribed(const Client& client, std::string_view filter);
  void queued(const Client& client, const Delivery& delivery);
  void finished(const Client& client, MessageId message);
  void held(const Client& client, std::uint16_t packet_id);
  void released(const Client& client, std::uint16_t packet_id);
  void retained(std::uint16_t shard, const Message& message);

 private:
  bool keeps(const Client& client) const { return wanted_ && client.session_expiry_interval > 0; }
  std::size_t begin(std::uint16_t shard, RecordKind kind);
  std::size_t begin(const Client& client, RecordKind kind);
  void end(std::size_t start);
  void message(std::uint16_t shard, const Message& message);
  void content(const Message& message);
  void text(std::string_view text) { bytes_.prefixed(as_bytes(text)); }

  Buffer bytes_;
  MessageId last_message_{};  // whose body was written last
  bool wanted_;
};

}  // namespace gaon::broker
