// Shared subscriptions, the groups that live here. See share.cc for the members' side.
//
// What the journal hears of a kept group: group_queued for each message when it is taken
// in, also if a member gets it at once; from then on the publisher may have its answer.
// A member's session that is recorded takes the message over with its `queued` record
// and ends it with `finished`; what others are done with ends with our group_done.
#include <algorithm>

#include "broker/worker.h"

namespace gaon::broker {

using mqtt::QoS;

namespace {

constexpr std::size_t kBatchBytesHigh = 64 * kMiB;

}  // namespace

void Worker::handle(WorkerId from, mail::Join& join) {
  const mail::Join::Request& request = *join.request;
  const auto known = groups_by_key_.find(group_key(request.share_name, request.filter));
  if (known == groups_by_key_.end() && request.leaving) return;  // Nobody else was there.
  bool first = false;
  Group& group =
      known != groups_by_key_.end() ? *known->second : add_group(request.share_name, request.filter, first);
  if (first) announce({group.filter}, nullptr);
  Group::Member* member = group.find(join.seat);
  if (member == nullptr) {
    member = &group.members.emplace_back();
    member->seat = join.seat;
    member->from_before = request.under_way;
  }
  member->window = request.window;
  member->qos = request.qos;
  member->kept = request.kept;
  member->leaving = request.leaving;
  if (!member->leaving) keep_group(group);
  // The new member's SUBACK waits until every worker sends here what the group wants.
  const mail::Joined joined{join.seat.seat, group.ref, join.suback};
  if (rounds_.empty()) {
    send_mail(from, joined);
  } else {
    joins_at_round_.push_back({last_round_, from, joined});
  }
  dispatch(group);
}

Group& Worker::add_group(std::string_view share_name, std::string_view filter, bool& first) {
  Group& group = groups_.add();
  group.share_name = share_name;
  group.filter = filter;
  const std::string key = group_key(share_name, filter);
  // The same for every group of this name: what the journal says of a message and one of
  // them holds for those after it.
  if (records_.wanted()) group.number = {hash(key, broker_.seed())};
  groups_by_key_[key] = &group;
  const Interest::Added added = interest_.add(filter, {.slot = group.ref.slot, .is_group = true}, {});
  group.filter_id = added.filter;
  first = added.first;
  return group;
}

void Worker::handle(WorkerId, mail::Leave& leave) {
  const auto at = groups_by_key_.find(*leave.key);
  if (at == groups_by_key_.end()) return;
  Group& group = *at->second;
  Group::Member* member = group.find(leave.seat);
  if (member == nullptr) return;
  member->leaving = true;
  member->left = leave.for_good;
  member->window = 0;
  members_changed(group);
}

void Worker::members_changed(Group& group) {
  // Of a seat that is gone, what was on its way there comes back.
  std::erase_if(group.members,
                [](const Group::Member& member) { return member.left && member.under_way.empty(); });
  if (!group.anyone_stays()) return remove_group(group);
  keep_group(group);
  dispatch(group);
}

// U5-4.8.2-c: the last session takes the subscription and what waits with it.
void Worker::remove_group(Group& group) {
  metrics.drop(DropReason::session_ended, static_cast<std::int64_t>(group.queue.size()));
  metrics.queued_messages.add(-static_cast<std::int64_t>(group.queue.size()));
  if (group.kept) records_.group_ended(group.number);
  if (interest_.remove(group.filter_id, {.slot = group.ref.slot, .is_group = true})) withdraw({group.filter});
  groups_by_key_.erase(group_key(group.share_name, group.filter));
  groups_.remove(group.ref);
}

// Kept it is while a session that is kept is a member.
void Worker::keep_group(Group& group) {
  const bool kept = records_.wanted() && std::ranges::any_of(group.members, [](const Group::Member& member) {
                      return member.kept && !member.leaving;
                    });
  if (std::exchange(group.kept, kept) == kept) return;
  if (kept) {
    record_again(group);
  } else {
    records_.group_ended(group.number);
  }
}

// All that the journal must know of it and has from nobody else.
void Worker::record_again(const Group& group) {
  records_.group(group.number, group_key(group.share_name, group.filter));
  for (const Group::Member& member : group.members) {
    for (std::size_t i = 0; i < member.under_way.size(); ++i) {
      const Group::Handed& handed = member.under_way[i];
      if (member.records(handed.qos) || member.lets_go(handed.qos)) continue;
      if (group.records(handed.message)) records_.group_queued(group.number, handed.message);
    }
  }
  for (std::size_t i = 0; i < group.queue.size(); ++i) {
    if (group.records(group.queue[i])) records_.group_queued(group.number, group.queue[i]);
    if (records_.bytes().size() > kBatchBytesHigh) append();  // A batch has a limit.
  }
}

void Worker::record_done(const Group& group, const Message& message) {
  if (group.records(message)) records_.group_done(group.number, message.id());
}

void Worker::handle(WorkerId, mail::Presence& presence) {
  Group* group = groups_.find(presence.group);
  Group::Member* member = group == nullptr ? nullptr : group->find(presence.seat);
  if (member == nullptr) return;
  if (presence.from_before) member->from_before = *presence.from_before;
  if (member->leaving) return;
  member->window = presence.window;
  member->kept = presence.kept;
  keep_group(*group);
  dispatch(*group);
}

void Worker::handle(WorkerId, mail::Done& done) {
  Group* group = groups_.find(done.group);
  Group::Member* member = group == nullptr ? nullptr : group->find(done.seat);
  if (member == nullptr) return;
  for (const mail::Done::Copy& copy : *done.copies) {
    member->take(copy.message);
    if (!copy.recorded && copy.message != MessageId{} && group->kept) {
      records_.group_done(group->number, copy.message);
    }
  }
  members_changed(*group);
}

void Worker::handle(WorkerId, mail::Return& returned) {
  Group* group = groups_.find(returned.group);
  std::vector<Message>& messages = returned.load->messages;
  const MessageId number = returned.load->number;
  const MessageId now = group != nullptr && group->kept ? group->number : MessageId{};
  const bool elsewhere = number != MessageId{} && number != now;
  for (const Message& message : messages) {
    if (elsewhere && message.qos() != QoS::at_most_once) records_.group_done(number, message.id());
  }
  if (group == nullptr) {
    metrics.drop(DropReason::session_ended, static_cast<std::int64_t>(messages.size()));
    return;
  }
  Group::Member* member = group->find(returned.seat);
  for (auto at = messages.rbegin(); at != messages.rend(); ++at) {
    // What was let go of the journal takes in again.
    const Group::Handed* handed = member == nullptr ? nullptr : member->find(at->id());
    const bool known = now == number && (handed == nullptr || !member->lets_go(handed->qos));
    if (!known && group->records(*at)) records_.group_queued(group->number, *at);
    if (member != nullptr) member->take(at->id());
    group->push_front(std::move(*at));
    metrics.queued_messages.add();
  }
  members_changed(*group);
}

Outcome Worker::offer(Group& group, const Message& message) {
  const bool recorded = group.records(message);
  if (group.queue.empty()) {
    if (Group::Member* member = group.next_free()) {
      if (recorded && !member->lets_go(member->qos_of(message))) records_.group_queued(group.number, message);
      hand_out(group, *member, message);
      return Outcome::taken;
    }
  }
  if (message.qos() == QoS::at_most_once && !config_.session.queue_qos0_offline &&
      !group.anyone_connected()) {
    metrics.drop(DropReason::offline_qos0);
    return Outcome::nobody;
  }
  if (const auto refused = no_memory_for(message.qos())) return *refused;
  while (group.queue.size() >= config_.limits.group_queue_messages_max ||
         group.queue_bytes + message.size() > config_.limits.group_queue_bytes_max) {
    metrics.drop(DropReason::queue_full);
    if (config_.session.overflow == OverflowPolicy::reject) return Outcome::refused;
    if (config_.session.overflow == OverflowPolicy::drop_newest || group.queue.empty()) return Outcome::taken;
    record_done(group, group.pop_front());
    metrics.queued_messages.add(-1);
  }
  if (recorded) records_.group_queued(group.number, message);
  group.push_back(message);
  metrics.queued_messages.add();
  return Outcome::taken;
}

void Worker::dispatch(Group& group) {
  while (!group.queue.empty()) {
    Group::Member* member = group.next_free();
    if (member == nullptr) return;
    Message message = group.pop_front();
    metrics.queued_messages.add(-1);
    if (message.expired(now_)) {
      metrics.drop(DropReason::expired);
      record_done(group, message);
      continue;
    }
    hand_out(group, *member, std::move(message));
  }
}

void Worker::hand_out(Group& group, Group::Member& member, Message message) {
  const QoS qos = member.qos_of(message);
  member.under_way.push_back({message, qos});
  if (group.number != MessageId{} && member.lets_go(qos)) {
    // Recorded also if the journal never heard of it: the place of that is behind the
    // record that its publisher's packet id is taken, and tells a restart that the group
    // had it.
    records_.group_done(group.number, message.id());
    hand_outs_.push_back({group.ref, member.seat, std::move(message), qos});
    return owe({.kind = Owed::Kind::hand_out});
  }
  post_hand_out(group, member, std::move(message), qos);
}

void Worker::post_hand_out(const Group& group, const Group::Member& member, Message message, QoS qos) {
  mail::HandOut mail{member.seat.seat, group.ref, group.kept ? group.number : MessageId{}, std::move(message),
                     qos};
  if (member.seat.worker == id_ && group.kept) return handle(id_, mail);
  send_mail(member.seat.worker, std::move(mail));
}

void Worker::release_hand_out() {
  PendingHandOut waited = hand_outs_.pop_front();
  Group* group = groups_.find(waited.group);
  Group::Member* member = group == nullptr ? nullptr : group->find(waited.seat);
  if (member == nullptr) {
    metrics.drop(DropReason::session_ended);
    return;
  }
  if (!member->left) return post_hand_out(*group, *member, std::move(waited.message), waited.qos);
  member->take(waited.message.id());
  if (group->records(waited.message)) records_.group_queued(group->number, waited.message);
  group->push_front(std::move(waited.message));
  metrics.queued_messages.add();
  members_changed(*group);
}

}  // namespace gaon::broker
