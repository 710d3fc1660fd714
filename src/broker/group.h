// A shared subscription at its home worker: one queue for the group, handed out to
// the members by their free window, so nothing waits in the session of one of them.
// U5-4.8.2-a; the choices in "shared" of the specification notes.
#pragma once

#include <string>
#include <vector>

#include "base/ring.h"
#include "broker/mail.h"
#include "topic/index.h"

namespace gaon::broker {

struct Group {
  struct Member {
    SeatRef seat;
    std::uint32_t window = 0;     // copies it may have under way; 0: not connected
    std::uint32_t under_way = 0;  // copies handed out and not done
  };

  Ref ref;
  std::string share_name;
  std::string filter;
  topic::FilterId filter_id = 0;
  std::vector<Member> members;
  std::size_t last = 0;  // member that got the latest copy
  Ring<Message> queue;
  std::size_t queue_bytes = 0;

  Member* find(const SeatRef& seat);
  bool anyone_connected() const;
  // The next connected member with room, in turn; null: none.
  Member* next_free();

  void push_back(Message message);
  void push_front(Message message);
  Message pop_front();
};

// The key of a group: its share name and filter, apart from each other for certain,
// since a share name has no slash.
std::string group_key(std::string_view share_name, std::string_view filter);

}  // namespace gaon::broker
