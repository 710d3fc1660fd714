// Shared subscriptions. A group lives on the worker of its name's shard, its home; a
// seat lives with its client. The home hands copies out by each seat's free window; a
// seat tells when they are done, and gives back what its client never got. All by mail,
// also when both are on one worker.
#include <algorithm>

#include "broker/worker.h"
#include "topic/name.h"

namespace gaon::broker {

using mqtt::QoS;
using mqtt::Reason;

// --- seats

WorkerId Worker::home_of(std::string_view share_name, std::string_view filter) const {
  return broker_.worker_of_shard(Broker::shard_of(hash(group_key(share_name, filter), broker_.seed())));
}

std::uint32_t Worker::window_of(const Client& client) const {
  if (client.connection == nullptr) return 0;
  return std::min<std::uint32_t>(client.connection->endpoint.peer_receive_maximum(),
                                 config_.limits.inflight_max);
}

Seat* Worker::find_seat(Client& client, std::string_view share_name, std::string_view filter) {
  for (const Ref ref : client.seats) {
    Seat& seat = seats_.at(ref.slot);
    if (seat.share_name == share_name && seat.filter == filter) return &seat;
  }
  return nullptr;
}

Reason Worker::join(Client& client, const mqtt::Subscription& wanted, std::uint32_t subscription_id,
                    PendingSuback& suback) {
  const auto shared = *topic::parse_shared(wanted.filter);
  const auto granted =
      static_cast<QoS>(std::min(static_cast<std::uint8_t>(wanted.qos), config_.protocol.maximum_qos));
  Seat* seat = find_seat(client, shared.share_name, shared.filter);
  if (seat == nullptr) {
    seat = &seats_.add();
    seat->client = client.ref;
    seat->home = home_of(shared.share_name, shared.filter);
    seat->share_name = shared.share_name;
    seat->filter = shared.filter;
    client.seats.push_back(seat->ref);
    metrics.shared_subscriptions.add();
  }
  // U5-4.8.2-d: the same filter again only changes the options.
  seat->options = {.slot = client.ref.slot,
                   .subscription_id = subscription_id,
                   .retain_as_published = wanted.retain_as_published,
                   .qos = granted};
  records_.subscribed(client, wanted.filter, seat->options);
  // Also for a seat that is there: its first SUBACK may still be waiting.
  ++suback.joins;
  auto request = std::make_unique<mail::Join::Request>(
      mail::Join::Request{seat->share_name, seat->filter, window_of(client)});
  send_mail(seat->home, mail::Join{std::move(request), {id_, seat->ref}, suback.ref.slot + 1});
  return static_cast<Reason>(granted);
}

void Worker::handle(WorkerId, mail::Joined& joined) {
  if (Seat* seat = seats_.find(joined.seat)) {
    seat->group = joined.group;
    // What changed while we waited.
    const Client& client = clients_.at(seat->client.slot);
    send_mail(seat->home, mail::Presence{seat->group, {id_, seat->ref}, window_of(client)});
  }
  PendingSuback& suback = subacks_.at(joined.suback - 1);
  --suback.joins;
  finish_suback(suback);
}

void Worker::handle(WorkerId from, mail::HandOut& hand_out) {
  Seat* seat = seats_.find(hand_out.seat);
  Client* client = seat == nullptr ? nullptr : clients_.find(seat->client);
  if (seat != nullptr) seat->group = hand_out.group;
  if (client == nullptr || client->connection == nullptr) {  // It went meanwhile: nothing is stranded.
    // The home may not know, if the client went before it knew its group; it must not
    // hand the same copy out to it again.
    send_mail(from, mail::Presence{hand_out.group, {id_, hand_out.seat}, 0});
    auto messages = std::make_unique<std::vector<Message>>();
    messages->push_back(std::move(hand_out.message));
    send_mail(from, mail::Return{hand_out.group, {id_, hand_out.seat}, std::move(messages)});
    return;
  }
  const Message& message = hand_out.message;
  const Subscriber& options = seat->options;
  // U5-3.3.4-e: only this member's subscription id.
  deliver(*client, {.message = message,
                    .qos = std::min(message.qos(), options.qos),  // [MQTT-4.8.2-3]
                    .retain = message.retain() && options.retain_as_published,
                    .subscription_ids = {&options.subscription_id, options.subscription_id != 0 ? 1u : 0u},
                    .share = seat->ref.packed()});
}

void Worker::seat_done(ShareTag share) {
  Seat* seat = seats_.find(Ref::unpack(share));
  if (seat == nullptr) return;
  if (seat->done++ == 0) seats_done_.push_back(seat->ref);
}

void Worker::tell_done() {
  for (const Ref ref : seats_done_) {
    Seat* seat = seats_.find(ref);
    if (seat == nullptr) continue;
    send_mail(seat->home, mail::Done{seat->group, {id_, ref}, std::exchange(seat->done, 0)});
  }
  seats_done_.clear();
}

void Worker::tell_presence(Client& client) {
  for (const Ref ref : client.seats) {
    const Seat& seat = seats_.at(ref.slot);
    if (seat.group) send_mail(seat.home, mail::Presence{seat.group, {id_, ref}, window_of(client)});
  }
}

// The client went: its seats get nothing more, and what waits in its queue goes back.
void Worker::tell_presence_gone(Client& client) {
  for (const Ref ref : client.seats) {
    Seat& seat = seats_.at(ref.slot);
    if (!seat.group) continue;
    send_mail(seat.home, mail::Presence{seat.group, {id_, ref}, 0});
    give_back(client, seat, false);
  }
}

void Worker::give_back(Client& client, Seat& seat, bool and_unacknowledged) {
  const std::size_t before = client.session.outbound.waiting();
  auto messages = std::make_unique<std::vector<Message>>();
  for (const Copy& copy : client.session.outbound.take_share(seat.ref.packed(), and_unacknowledged)) {
    records_.finished(client, copy);
    messages->push_back(copy.message());
  }
  metrics.queued_messages.add(static_cast<std::int64_t>(client.session.outbound.waiting()) -
                              static_cast<std::int64_t>(before));
  if (messages->empty()) return;
  send_mail(seat.home, mail::Return{seat.group, {id_, seat.ref}, std::move(messages)});
}

void Worker::leave(Client& client, Ref ref, bool session_ended) {
  Seat& seat = seats_.at(ref.slot);
  send_mail(seat.home, mail::Presence{seat.group, {id_, ref}, 0});
  give_back(client, seat, session_ended);  // [MQTT-4.8.2-5], U5-4.8.2-b
  send_mail(seat.home,
            mail::Leave{{id_, ref}, std::make_unique<std::string>(group_key(seat.share_name, seat.filter))});
  std::erase(client.seats, ref);
  seats_.remove(ref);
  metrics.shared_subscriptions.add(-1);
}

// --- groups at home

void Worker::handle(WorkerId from, mail::Join& join) {
  mail::Join::Request& request = *join.request;
  const std::string key = group_key(request.share_name, request.filter);
  Group*& group = groups_by_key_[key];
  if (group == nullptr) {
    group = &groups_.add();
    group->share_name = request.share_name;
    group->filter = request.filter;
    const Interest::Added added =
        interest_.add(group->filter, {.slot = group->ref.slot, .is_group = true}, {});
    group->filter_id = added.filter;
    if (added.first) announce({group->filter}, nullptr);
  }
  if (group->find(join.seat) == nullptr) {
    group->members.push_back({.seat = join.seat, .window = request.window});
  }
  // The new member's SUBACK waits until every worker sends here what the group wants.
  const mail::Joined joined{join.seat.seat, group->ref, join.suback};
  if (rounds_.empty()) {
    send_mail(from, joined);
  } else {
    joins_at_round_.push_back({last_round_, from, joined});
  }
  dispatch(*group);
}

void Worker::handle(WorkerId, mail::Leave& leave) {
  const auto at = groups_by_key_.find(*leave.key);
  if (at == groups_by_key_.end()) return;
  Group& group = *at->second;
  std::erase_if(group.members, [&](const Group::Member& member) { return member.seat == leave.seat; });
  if (group.members.empty()) {
    remove_group(group);
  } else {
    dispatch(group);
  }
}

// U5-4.8.2-c: the last session takes the subscription and what waits with it.
void Worker::remove_group(Group& group) {
  metrics.drop(DropReason::session_ended, static_cast<std::int64_t>(group.queue.size()));
  metrics.queued_messages.add(-static_cast<std::int64_t>(group.queue.size()));
  if (interest_.remove(group.filter_id, {.slot = group.ref.slot, .is_group = true})) withdraw({group.filter});
  groups_by_key_.erase(group_key(group.share_name, group.filter));
  groups_.remove(group.ref);
}

void Worker::handle(WorkerId, mail::Presence& presence) {
  Group* group = groups_.find(presence.group);
  Group::Member* member = group == nullptr ? nullptr : group->find(presence.seat);
  if (member == nullptr) return;
  member->window = presence.window;
  dispatch(*group);
}

void Worker::handle(WorkerId, mail::Done& done) {
  Group* group = groups_.find(done.group);
  Group::Member* member = group == nullptr ? nullptr : group->find(done.seat);
  if (member == nullptr) return;
  member->under_way -= std::min(member->under_way, done.copies);
  dispatch(*group);
}

void Worker::handle(WorkerId, mail::Return& returned) {
  Group* group = groups_.find(returned.group);
  if (group == nullptr) {
    metrics.drop(DropReason::session_ended, static_cast<std::int64_t>(returned.messages->size()));
    return;
  }
  if (Group::Member* member = group->find(returned.seat)) {
    member->under_way -= std::min(member->under_way, static_cast<std::uint32_t>(returned.messages->size()));
  }
  for (auto at = returned.messages->rbegin(); at != returned.messages->rend(); ++at) {
    group->push_front(std::move(*at));
    metrics.queued_messages.add();
  }
  dispatch(*group);
}

Outcome Worker::offer(Group& group, const Message& message) {
  if (group.queue.empty()) {
    if (Group::Member* member = group.next_free()) {
      hand_out(group, *member, message);
      return Outcome::taken;
    }
  }
  if (message.qos() == QoS::at_most_once && !config_.session.queue_qos0_offline &&
      !group.anyone_connected()) {
    metrics.drop(DropReason::offline_qos0);
    return Outcome::nobody;
  }
  while (group.queue.size() >= config_.limits.group_queue_messages_max ||
         group.queue_bytes + message.size() > config_.limits.group_queue_bytes_max) {
    metrics.drop(DropReason::queue_full);
    if (config_.session.overflow == OverflowPolicy::reject) return Outcome::refused;
    if (config_.session.overflow == OverflowPolicy::drop_newest || group.queue.empty()) return Outcome::taken;
    group.pop_front();
    metrics.queued_messages.add(-1);
  }
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
      continue;
    }
    hand_out(group, *member, std::move(message));
  }
}

void Worker::hand_out(Group& group, Group::Member& member, Message message) {
  ++member.under_way;
  send_mail(member.seat.worker, mail::HandOut{member.seat.seat, group.ref, std::move(message)});
}

}  // namespace gaon::broker
