// Shared subscriptions, the members' side. A group lives on the worker of its name's
// shard, its home (share_home.cc); a seat lives with its client. The home hands copies
// out by each seat's free window; a seat tells when they are done, and gives back what
// its client never got. All by mail, but for what a kept group hands out on its own
// worker: there a message's body is in the journal once.
#include <algorithm>

#include "base/log.h"
#include "broker/worker.h"
#include "topic/name.h"

namespace gaon::broker {

using mqtt::QoS;
using mqtt::Reason;

WorkerId Worker::home_of(std::string_view share_name, std::string_view filter) const {
  return broker_.worker_of_shard(Broker::shard_of(hash(group_key(share_name, filter), broker_.seed())));
}

std::uint32_t Worker::window_of(const Client& client) const {
  if (client.connection == nullptr) return 0;
  return std::min<std::uint32_t>(client.connection->endpoint.peer_receive_maximum(),
                                 client.connection->options.inflight_max);
}

// None that is leaving: there is no subscription.
Seat* Worker::find_seat(Client& client, std::string_view share_name, std::string_view filter) {
  for (const Ref ref : client.seats) {
    Seat& seat = seats_.at(ref.slot);
    if (!seat.leaving && seat.share_name == share_name && seat.filter == filter) return &seat;
  }
  return nullptr;
}

// The one that is there, leaving or not, or a new one.
Seat& Worker::take_seat(Client& client, std::string_view share_name, std::string_view filter) {
  for (const Ref ref : client.seats) {
    Seat& seat = seats_.at(ref.slot);
    if (seat.share_name == share_name && seat.filter == filter) return seat;
  }
  Seat& seat = seats_.add();
  seat.client = client.ref;
  seat.home = home_of(share_name, filter);
  seat.share_name = share_name;
  seat.filter = filter;
  seat.leaving = true;  // until it has its subscription
  client.seats.push_back(seat.ref);
  return seat;
}

Reason Worker::join(Client& client, const mqtt::Subscription& wanted, std::uint32_t subscription_id,
                    PendingSuback& suback) {
  const auto shared = *topic::parse_shared(wanted.filter);
  const auto granted =
      static_cast<QoS>(std::min(static_cast<std::uint8_t>(wanted.qos), config_.protocol.maximum_qos));
  Seat& seat = take_seat(client, shared.share_name, shared.filter);
  if (std::exchange(seat.leaving, false)) metrics.shared_subscriptions.add();
  // U5-4.8.2-d: the same filter again only changes the options.
  seat.options = {.slot = client.ref.slot,
                  .subscription_id = subscription_id,
                  .retain_as_published = wanted.retain_as_published,
                  .qos = granted};
  records_.subscribed(client, wanted.filter, seat.options);
  // Also for a seat that is there: its first SUBACK may still be waiting.
  ++suback.joins;
  ask_to_join(client, seat, suback.ref.slot + 1);
  return static_cast<Reason>(granted);
}

void Worker::ask_to_join(const Client& client, const Seat& seat, std::uint32_t suback) {
  auto request = std::make_unique<mail::Join::Request>(
      mail::Join::Request{.share_name = seat.share_name,
                          .filter = seat.filter,
                          .window = seat.leaving ? 0 : window_of(client),
                          .under_way = seat.under_way,
                          .qos = seat.options.qos,
                          .kept = client.kept,
                          .leaving = seat.leaving});
  send_mail(seat.home, mail::Join{std::move(request), {id_, seat.ref}, suback});
}

// The home has answered, or another group has begun there since.
void Worker::adopt(Seat& seat, Ref group) {
  if (seat.group == group) return;
  seat.group = group;
  const Client& client = clients_.at(seat.client.slot);
  const auto from_before = seat.under_way + static_cast<std::uint32_t>(seat.done.size());
  send_mail(
      seat.home,
      mail::Presence{group, {id_, seat.ref}, seat.leaving ? 0 : window_of(client), client.kept, from_before});
}

void Worker::handle(WorkerId, mail::Joined& joined) {
  if (Seat* seat = seats_.find(joined.seat)) {
    adopt(*seat, joined.group);
    // What changed while we waited.
    const Client& client = clients_.at(seat->client.slot);
    if (!seat->leaving) {
      send_mail(seat->home, mail::Presence{seat->group, {id_, seat->ref}, window_of(client), client.kept});
    }
  }
  if (joined.suback == 0) return;
  PendingSuback& suback = subacks_.at(joined.suback - 1);
  --suback.joins;
  finish_suback(suback);
}

void Worker::handle(WorkerId from, mail::HandOut& hand_out) {
  Seat* seat = seats_.find(hand_out.seat);
  Client* client = seat == nullptr ? nullptr : clients_.find(seat->client);
  if (seat != nullptr) {
    adopt(*seat, hand_out.group);
    seat->number = hand_out.number;
  }
  const bool goes = client == nullptr || client->connection == nullptr || seat->leaving;
  const bool denied = !goes && !may_receive(*client, hand_out.message.topic());
  if (goes || denied) {
    // It went meanwhile: nothing is stranded. The home may not know, if the client went
    // before it knew its group; it must not hand the same copy out to it again.
    if (client != nullptr && !seat->leaving) {
      send_mail(from, mail::Presence{hand_out.group, {id_, hand_out.seat}, 0, client->kept});
    }
    auto load = std::make_unique<mail::Return::Load>();
    load->number = hand_out.number;
    load->messages.push_back(std::move(hand_out.message));
    send_mail(from, mail::Return{hand_out.group, {id_, hand_out.seat}, std::move(load)});
    // Others of the group may have it; it must not come back here.
    if (denied) leave(*client, seat->ref, false);
    return;
  }
  ++seat->under_way;
  const Message& message = hand_out.message;
  const Subscriber& options = seat->options;
  // U5-3.3.4-e: only this member's subscription id.
  deliver(*client,
          {.message = message,
           .qos = std::min({message.qos(), options.qos, hand_out.qos}),  // [MQTT-4.8.2-3]
           .retain = message.retain() && options.retain_as_published,
           .subscription_ids = {&options.subscription_id, options.subscription_id != 0 ? 1u : 0u},
           .share = seat->ref.packed()},
          false);
}

// Of the group that a copy came from; 0 if there is none or it is not kept.
std::uint64_t Worker::group_number_of(ShareTag share) const {
  const Seat* seat = share == 0 ? nullptr : seats_.find(Ref::unpack(share));
  return seat == nullptr ? 0 : seat->number.value;
}

void Worker::seat_done(const Delivery& delivery) {
  seat_done(delivery.share,
            {.message = delivery.message.id(), .recorded = delivery.message.qos() == QoS::at_most_once});
}

void Worker::seat_done(const Client& client, const Copy& copy) {
  if (copy.share() == 0) return;
  const bool recorded = client.kept && copy.qos() != QoS::at_most_once;
  const bool absent = copy.absent();
  seat_done(copy.share(), {.message = absent ? MessageId{} : copy.message().id(),
                           .recorded = recorded || (!absent && copy.message().qos() == QoS::at_most_once)});
}

void Worker::seat_done(ShareTag share, mail::Done::Copy done) {
  Seat* seat = share == 0 ? nullptr : seats_.find(Ref::unpack(share));
  if (seat == nullptr) return;
  --seat->under_way;
  if (seat->done.empty()) seats_done_.push_back(seat->ref);
  seat->done.push_back(done);
}

void Worker::tell_done() {
  for (const Ref ref : seats_done_) {
    Seat* seat = seats_.find(ref);
    if (seat == nullptr) continue;
    tell_done(*seat);
    if (seat->leaving && seat->under_way == 0) leave_for_good(clients_.at(seat->client.slot), *seat);
  }
  seats_done_.clear();
}

void Worker::tell_done(Seat& seat) {
  if (seat.done.empty()) return;
  send_mail(seat.home, mail::Done{seat.group,
                                  {id_, seat.ref},
                                  std::make_unique<std::vector<mail::Done::Copy>>(std::move(seat.done))});
  seat.done.clear();
}

void Worker::tell_presence(Client& client) {
  for (const Ref ref : client.seats) {
    const Seat& seat = seats_.at(ref.slot);
    if (!seat.group || seat.leaving) continue;
    send_mail(seat.home, mail::Presence{seat.group, {id_, ref}, window_of(client), client.kept});
  }
}

// The client went: its seats get nothing more, and what waits in its queue goes back.
void Worker::tell_presence_gone(Client& client) {
  for (const Ref ref : client.seats) {
    Seat& seat = seats_.at(ref.slot);
    if (!seat.group) continue;
    if (!seat.leaving) send_mail(seat.home, mail::Presence{seat.group, {id_, ref}, 0, client.kept});
    give_back(client, seat, false);
  }
}

// In the journal the group has them again at once, so that no order of things to come
// can lose them.
void Worker::give_back(Client& client, Seat& seat, bool and_unacknowledged) {
  const std::size_t before = client.session.outbound.waiting();
  auto load = std::make_unique<mail::Return::Load>();
  load->number = seat.number;
  for (Copy& copy : client.session.outbound.take_share(seat.ref.packed(), and_unacknowledged)) {
    if (!load_message(copy)) {
      records_.finished(client, copy);
      seat_done(client, copy);
      continue;
    }
    give_back(client, seat, copy, *load);
  }
  metrics.queued_messages.add(static_cast<std::int64_t>(client.session.outbound.waiting()) -
                              static_cast<std::int64_t>(before));
  if (load->messages.empty()) return;
  send_mail(seat.home, mail::Return{seat.group, {id_, seat.ref}, std::move(load)});
}

void Worker::give_back(const Client& client, Seat& seat, const Copy& copy, mail::Return::Load& load) {
  const Message& message = copy.message();
  if (seat.number != MessageId{} && message.qos() != QoS::at_most_once) {
    records_.group_queued(seat.number, message);
  }
  records_.finished(client, copy);
  --seat.under_way;
  load.messages.push_back(message);
}

// Of what was handed out before the rules were what they are.
void Worker::give_back_refused(Client& client, const Copy& copy) {
  Seat* seat = seats_.find(Ref::unpack(copy.share()));
  if (seat == nullptr) return record_finished(client, copy);
  auto load = std::make_unique<mail::Return::Load>();
  load->number = seat->number;
  give_back(client, *seat, copy, *load);
  send_mail(seat->home, mail::Return{seat->group, {id_, seat->ref}, std::move(load)});
  leave(client, seat->ref, false);  // Others of the group may have it; it must not come back here.
}

bool Worker::load_message(Copy& copy) {
  if (!copy.absent()) return true;
  const auto [segment, offset] = copy.stored_at();
  auto message = read_back({segment, offset});
  if (!message) {
    log(LogLevel::error, "a message of a shared group cannot be read back from segment " +
                             std::to_string(segment) + ", offset " + std::to_string(offset) +
                             " of the journal; it is dropped");
    metrics.drop(DropReason::unreadable);
    return false;
  }
  copy.restore(std::move(*message));
  return true;
}

// The subscription ends. What was sent at QoS 1 is still for this session to finish, and
// for another member if it does not: [MQTT-4.8.2-5], U5-4.8.2-b
void Worker::leave(Client& client, Ref ref, bool session_ended) {
  Seat& seat = seats_.at(ref.slot);
  const bool was_leaving = std::exchange(seat.leaving, true);
  if (!was_leaving) {
    metrics.shared_subscriptions.add(-1);
    send_mail(seat.home, mail::Presence{seat.group, {id_, ref}, 0, client.kept});
  }
  give_back(client, seat, session_ended);
  if (session_ended) {  // QoS 2 that it may have seen ends with it: [MQTT-4.8.2-4]
    client.session.outbound.for_each([&](const Copy& copy) {
      if (copy.share() != ref.packed()) return;
      seat_done(ref.packed(),
                {.message = copy.absent() ? MessageId{} : copy.message().id(), .recorded = true});
    });
  }
  if (session_ended || seat.under_way == 0) return leave_for_good(client, seat);
  send_mail(
      seat.home,
      mail::Leave{{id_, ref}, std::make_unique<std::string>(group_key(seat.share_name, seat.filter)), false});
}

void Worker::leave_for_good(Client& client, Seat& seat) {
  const Ref ref = seat.ref;
  tell_done(seat);
  send_mail(
      seat.home,
      mail::Leave{{id_, ref}, std::make_unique<std::string>(group_key(seat.share_name, seat.filter)), true});
  std::erase(client.seats, ref);
  seats_.remove(ref);
}

}  // namespace gaon::broker
