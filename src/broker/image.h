// What the records of a journal come to: the state at the moment of a crash or stop.
// Records are applied in the order of the log; applying one twice is harmless. No
// clock: deadlines are absolute. One thread, before the workers begin.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "broker/records.h"
#include "journal/journal.h"

namespace gaon::broker {

// A copy that was not finished; its message is in the log.
struct CopyImage {
  journal::Place at;  // of the message's record
  std::uint32_t size = 0;
  std::uint32_t sequence = 0;
  std::uint32_t subscription_id = 0;  // the first; a second one and more are in SessionImage::more
  std::uint16_t packet_id = 0;        // 0: its own
  mqtt::QoS qos = mqtt::QoS::at_least_once;
  bool retain = false;
  CopyState state = CopyState::waiting;
  bool gone = false;
};

// Copies by rising sequence. They come nearly in order: what cleaning wrote again makes
// a run of its own.
class CopyRuns {
 public:
  void add(const CopyImage& copy);
  CopyImage* find(std::uint32_t sequence);
  // All that are not gone, in order; the runs are empty then.
  std::vector<CopyImage> take();

 private:
  std::vector<std::vector<CopyImage>> runs_;
};

struct WillImage {
  std::uint32_t delay_s = 0;
  std::optional<std::uint32_t> message_expiry_s;
  Message message;
};

struct SessionImage {
  struct Handed {
    std::uint64_t group = 0;
    MessageId message;
  };
  bool known = false;  // its session record came
  bool online = true;  // until the end: the crash ended its connection
  std::string client_id;
  std::string user;  // that it belongs to; empty: nobody in particular
  std::uint32_t expiry_s = 0;
  Time ends = kNever;
  Time will_due = kNever;
  std::optional<WillImage> will;
  std::map<std::string, Subscriber> subscriptions;
  std::unordered_set<std::uint16_t> held;
  std::uint32_t open_to = 0;
  std::uint32_t last_sequence = 0;
  CopyRuns copies;
  std::unordered_map<std::uint32_t, std::vector<std::uint32_t>> more;  // sequence -> all subscription ids
  std::unordered_map<std::uint32_t, Handed> handed;                    // sequence -> where it is from
};

struct GroupImage {
  struct Waiting {
    journal::Place at;
    std::uint32_t size = 0;
    std::uint64_t session = 0;  // who has it; 0: it waits with the group
    std::uint32_t sequence = 0;
  };
  std::string key;
  std::map<MessageId, Waiting> messages;
};

// A message of QoS 2 that was taken in, or a will, that may not have reached everybody.
struct UnroutedImage {
  journal::Place at;
  std::uint32_t size = 0;
  std::unordered_set<std::uint64_t> had;  // sessions and groups that have or had it
};

struct TopicHash {
  std::size_t operator()(const Message& message) const {
    return std::hash<std::string_view>()(message.topic());
  }
};
struct SameTopic {
  bool operator()(const Message& a, const Message& b) const { return a.topic() == b.topic(); }
};

using SessionImages = std::unordered_map<std::uint64_t, SessionImage>;
using GroupImages = std::unordered_map<std::uint64_t, GroupImage>;

class Image {
 public:
  // All records of one batch. False: this is not what we write.
  bool apply(ByteView records, journal::Place begin);

  SessionImages sessions;
  GroupImages groups;
  std::map<MessageId, UnroutedImage> unrouted;
  std::unordered_set<Message, TopicHash, SameTopic> retained;
  std::uint64_t records = 0;

 private:
  // The message record that the records behind it are about.
  struct Before {
    MessageParts parts;
    journal::Place at;
    std::uint32_t size = 0;
  };

  bool apply(Record record, journal::Place at);
  void retain();
  void queue(QueuedRecord&& record);
  void queue_in_group(std::uint64_t group);
  void finish(std::uint64_t session, std::uint32_t sequence);
  // The group has it no more, nor will a session that ends give it back.
  void forget(std::uint64_t group, MessageId message);
  void take_from_session(const GroupImage::Waiting& waiting);
  void had(MessageId message, std::uint64_t number);
  void end(std::uint64_t session);

  Before before_;
};

}  // namespace gaon::broker
