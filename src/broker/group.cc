#include "broker/group.h"

namespace gaon::broker {

Group::Member* Group::find(const SeatRef& seat) {
  for (Member& member : members) {
    if (member.seat == seat) return &member;
  }
  return nullptr;
}

const Group::Handed* Group::Member::find(MessageId message) const {
  for (std::size_t i = 0; i < under_way.size(); ++i) {
    if (under_way[i].message.id() == message) return &under_way[i];
  }
  return nullptr;
}

bool Group::Member::take(MessageId message) {
  if (!under_way.empty() && under_way.front().message.id() == message) {
    under_way.pop_front();
    return true;
  }
  const std::size_t before = under_way.size();
  under_way.erase_if([&](const Handed& one) { return one.message.id() == message; });
  if (under_way.size() < before) return true;
  if (from_before > 0) --from_before;
  return false;
}

bool Group::anyone_stays() const {
  return std::ranges::any_of(members, [](const Member& member) { return !member.leaving; });
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
    if (members[last].has_room()) return &members[last];
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

std::pair<std::string_view, std::string_view> split_group_key(std::string_view key) {
  const std::size_t slash = std::min(key.find('/'), key.size());
  return {key.substr(0, slash), key.substr(std::min(slash + 1, key.size()))};
}

}  // namespace gaon::broker
