// The tick's changes of state, as records for the journal. What a restart must know is
// written where it changes; sessions that end with their connection leave no trace.
// One per worker, its thread. A tick's records are one batch: kept whole or not at all.
//
//   record       = length:u32 kind:u8 body                   length counts what follows it
//   session      = number:u64 expiry_s:u32 client_id:text user:text
//                                                            opened, or its expiry changed
//   anew         = number:u64                                forget all of it but its copies: it follows
//   ended        = number:u64
//   online       = number:u64
//   offline      = number:u64 ends_ms:i64 will_due_ms:i64    absolute; the largest is never
//   will         = number:u64 delay_s:u32 has_expiry:u8 expiry_s:u32 content
//   no_will      = number:u64
//   subscribed   = number:u64 options:u8 subscription_id:u32 filter:text
//   unsubscribed = number:u64 filter:text
//   message      = message_id:u64 publisher:u64 deadline_ms:i64 content
//   queued       = number:u64 sequence:u32 options:u8 state:u8 packet_id:u16 group:u64
//                  ids:u16 (subscription_id:u32)*            a copy of the message before it
//   sending      = number:u64 open_to:u32                    copies up to here may have been sent
//   named        = number:u64 sequence:u32 packet_id:u16     sent with another id than its own
//   received     = number:u64 sequence:u32                   its PUBREC came
//   finished     = number:u64 sequence:u32
//   held         = number:u64 packet_id:u16                  QoS 2 received, not released
//   routing      = message_id:u64                            the message before it is on its way
//   routed       = message_id:u64                            ... and has arrived everywhere
//   released     = number:u64 packet_id:u16
//   retained     =                                           the message before it; empty payload clears
//   group        = group:u64 key:text                        share name, slash, filter
//   group_ended  = group:u64
//   group_queued = group:u64                                 the group has the message before it
//   group_done   = group:u64 message_id:u64                  it had it and is done with it
//   content      = flags:u8 topic:text properties_size:u32 properties payload   (to the end)
//   flags, options: bit 0-1 QoS, 2 retain, 3 no local, 4 retain as published
//   state        = 0 waiting, 1 sent, 2 PUBREC came
//   text         = size:u16 bytes
//
// A session's number is unique for ever, like a message's id; a group's is a hash of its
// key, the same for every group of this name. "The message before it" is in the same
// batch, so a body is there when what names it is. A copy with a group is handed out by
// it: from then on the session has the message, not the group, nor the member that had
// it before. With another group_queued the group has it again; so it does when the
// session ends, but for QoS 2 that may have been sent.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/buffer.h"
#include "base/result.h"
#include "broker/client.h"
#include "broker/subscriber.h"
#include "session/copy.h"
#include "session/message.h"

namespace gaon::broker {

enum class RecordKind : std::uint8_t {
  session = 1,
  anew,
  ended,
  online,
  offline,
  will,
  no_will,
  subscribed,
  unsubscribed,
  message,
  queued,
  sending,
  named,
  received,
  finished,
  held,
  routing,
  routed,
  released,
  retained,
  group,
  group_ended,
  group_queued,
  group_done,
};

// Of a copy in a record; the difference between PUBREC received and PUBREL sent is
// nobody's business after a restart.
enum class CopyState : std::uint8_t { waiting, sent, received };

class Records {
 public:
  // Without wanted every call does nothing.
  explicit Records(bool wanted) : wanted_(wanted) {}

  bool wanted() const { return wanted_; }
  bool keeps(const Client& client) const { return client.kept; }
  // Of the tick so far; taken (and emptied) by the journal.
  Buffer& bytes() { return bytes_; }
  bool empty() const { return bytes_.empty(); }
  // A new batch begins: it knows no message.
  void begin_batch() { last_message_ = {}; }

  void session(const Client& client);
  void anew(const Client& client);
  void ended(const Client& client);
  void online(const Client& client);
  void offline(const Client& client);
  void will(const Client& client);
  void subscribed(const Client& client, std::string_view filter, const Subscriber& options);
  void unsubscribed(const Client& client, std::string_view filter);
  // Of QoS 1 and 2; group is the number of the shared group that handed it out, or 0.
  // Returns where in bytes() the message begins.
  std::size_t queued(const Client& client, const Delivery& delivery, std::uint32_t sequence, CopyState state,
                     std::uint64_t group);
  void sending(const Client& client, std::uint32_t open_to);
  void named(const Client& client, std::uint32_t sequence, std::uint16_t packet_id);
  void received(const Client& client, std::uint32_t sequence);
  void finished(const Client& client, const Copy& copy);
  void held(const Client& client, std::uint16_t packet_id);
  void routing(const Message& message);
  void routed(MessageId message);
  void released(const Client& client, std::uint16_t packet_id);
  void retained(const Message& message);
  void group(MessageId number, std::string_view key);
  void group_ended(MessageId number);
  void group_queued(MessageId number, const Message& message);
  void group_done(MessageId number, MessageId message);

  // Cleaning: a message's record as it was read, and a copy of it as it is now. Where in
  // bytes() the former begins.
  std::size_t message_again(MessageId message, ByteView record);
  void queued_again(const Client& client, const Copy& copy, CopyState state, std::uint64_t group);

 private:
  std::size_t begin(RecordKind kind);
  std::size_t begin(const Client& client, RecordKind kind);
  void end(std::size_t start);
  struct Queued {
    std::uint32_t sequence;
    mqtt::QoS qos;
    bool retain;
    CopyState state;
    std::uint16_t packet_id;
    std::uint64_t group;
    std::span<const std::uint32_t> subscription_ids;
  };
  void queued(const Client& client, const Queued& copy);
  void message(const Message& message);
  void content(const Message& message);
  void text(std::string_view text) { bytes_.prefixed(as_bytes(text)); }

  Buffer bytes_;
  MessageId last_message_{};  // whose body was written last
  std::size_t last_message_at_ = 0;
  bool wanted_;
};

// --- reading

struct Record {
  RecordKind kind;
  Reader body;
  ByteView whole;  // as it stands in the batch
};
// The next one; nullopt at the end, and when the batch ends within a record or has a
// kind that does not exist, which reader.failed() tells.
std::optional<Record> next_record(Reader& reader);

// Views into the record.
struct Options {
  mqtt::QoS qos;
  bool retain;
  bool no_local;
  bool retain_as_published;
};
Options read_options(std::uint8_t options);
Time read_time(Reader& body);
MessageParts read_message(Reader& body);
// The flags, topic, properties and payload, up to the end.
void read_content(Reader& body, MessageParts& parts);

struct QueuedRecord {
  std::uint64_t number;
  std::uint32_t sequence;
  Options options;
  CopyState state;
  std::uint16_t packet_id;  // 0: its own
  std::uint64_t group;      // 0: none
  std::vector<std::uint32_t> subscription_ids;
};
QueuedRecord read_queued(Reader& body);

}  // namespace gaon::broker
