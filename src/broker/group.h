// A shared subscription at its home worker: one queue for the group, handed out to
// the members by their free window, so nothing waits in the session of one of them.
// U5-4.8.2-a; the choices in "shared" of the specification notes.
//
// A group with a member whose session is kept is kept too: the journal knows every
// message of QoS 1 and 2 that it has (Worker::keep_group). What is
// under way to a member is in the journal's eyes still with the group, until the
// member's session has it or it is done.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/ring.h"
#include "broker/mail.h"
#include "topic/index.h"

namespace gaon::broker {

struct Group {
  // Handed out and not done, with the QoS that was agreed on then: another SUBSCRIBE of
  // the member does not change what it goes by.
  struct Handed {
    Message message;
    mqtt::QoS qos = mqtt::QoS::at_most_once;
  };

  struct Member {
    SeatRef seat;
    std::uint32_t window = 0;                 // copies it may have under way; 0: not connected
    std::uint32_t from_before = 0;            // copies the session has from before a restart
    mqtt::QoS qos = mqtt::QoS::at_most_once;  // granted
    bool kept = false;                        // its session outlives a crash
    bool leaving = false;                     // it has unsubscribed; what is under way goes on
    bool left = false;                        // ... and its seat is gone; that comes back
    Ring<Handed> under_way;

    bool has_room() const { return under_way.size() + from_before < window; }
    mqtt::QoS qos_of(const Message& message) const { return std::min(qos, message.qos()); }
    // Whether the session records what it gets by this QoS, and when it is finished.
    bool records(mqtt::QoS by) const { return kept && by != mqtt::QoS::at_most_once; }
    // QoS 2 that nobody records where it goes must not come to another member after a
    // crash: the journal forgets it before it goes.  [MQTT-4.8.2-4]
    bool lets_go(mqtt::QoS by) const { return !kept && by == mqtt::QoS::exactly_once; }
    // Null if it was not handed out since the restart.
    const Handed* find(MessageId message) const;
    // False: it was not handed out since the restart.
    bool take(MessageId message);
  };

  Ref ref;
  MessageId number;              // for the journal; none: there is none
  bool kept = false;             // the journal knows it
  std::uint32_t written_in = 0;  // segment of the journal that all of it was last written to
  std::string share_name;
  std::string filter;
  topic::FilterId filter_id = 0;
  std::vector<Member> members;
  std::size_t last = 0;  // member that got the latest copy
  Ring<Message> queue;
  std::size_t queue_bytes = 0;

  Member* find(const SeatRef& seat);
  bool anyone_connected() const;
  bool anyone_stays() const;
  // Whether the journal must know of this message.
  bool records(const Message& message) const { return kept && message.qos() != mqtt::QoS::at_most_once; }
  // The next connected member with room, in turn; null: none.
  Member* next_free();

  void push_back(Message message);
  void push_front(Message message);
  Message pop_front();
};

// The key of a group: its share name and filter, apart from each other for certain,
// since a share name has no slash.
std::string group_key(std::string_view share_name, std::string_view filter);
// Back to share name and filter; the filter is empty if it is no key.
std::pair<std::string_view, std::string_view> split_group_key(std::string_view key);

}  // namespace gaon::broker
