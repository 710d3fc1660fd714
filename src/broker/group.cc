#include "broker/group.h"

namespace gaon::broker {

Group::Member* Group::find(const SeatRef& seat) {
  for (Member& member : members) {
    if (member.seat == seat) return &member;
  }
  return nullptr;
}

bool Group::anyone_connected() const {
  for (const Member& member : members) {
    if (member.window > 0) return true;
  }
  return false;
}

Group::Member* Group::next_free() {
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (++last >= members.size()) last = 0;
    if (members[last].under_way < members[last].window) return &members[last];
  }
  return nullptr;
}

void Group::push_back(Message message) {
  queue_bytes += message.size();
  queue.push_back(std::move(message));
}

void Group::push_front(Message message) {
  queue_bytes += message.size();
  queue.push_front(std::move(message));
}

Message Group::pop_front() {
  Message message = queue.pop_front();
  queue_bytes -= message.size();
  return message;
}

std::string group_key(std::string_view share_name, std::string_view filter) {
  std::string key(share_name);
  key += '/';
  key += filter;
  return key;
}

}  // namespace gaon::broker
