// From what the journal's records come to, to sessions as they were: before the first
// tick, on one thread for all workers.
#include <algorithm>
#include <utility>

#include "base/log.h"
#include "broker/image.h"
#include "broker/worker.h"
#include "topic/name.h"

namespace gaon::broker {
namespace {

bool not_after(std::uint32_t a, std::uint32_t b) { return static_cast<std::int32_t>(a - b) <= 0; }

Copy::State state_of(const CopyImage& copy, std::uint32_t open_to) {
  if (copy.state == CopyState::received) return Copy::State::pubrel_sent;
  const bool sent = copy.state == CopyState::sent || not_after(copy.sequence, open_to);
  return sent ? Copy::State::publish_sent : Copy::State::waiting;
}

bool outlives(const SessionImage& session) { return session.known && session.expiry_s != 0; }

}  // namespace

Broker::Restored Broker::restore(Image&& image, Time now) {
  Restored restored;
  for (const auto& worker : workers_) worker->begin_restore();
  for (const Message& message : image.retained) {
    if (!RetainedStore::alive(message, now)) continue;
    ++restored.retained;
    for (const auto& worker : workers_) worker->restore(message);
  }
  for (const auto& [number, group] : image.groups) {  // Before those who will join them.
    const std::size_t shard = shard_of(hash(group.key, seed_));
    restored.messages += workers_[worker_of_shard(shard)]->restore_group(number, group, image.sessions);
  }
  for (auto& [number, session] : image.sessions) {
    SessionImage one = std::move(session);
    session = {};
    if (!outlives(one)) continue;
    const std::size_t shard = shard_of(hash(one.client_id, seed_));
    restored.messages += workers_[worker_of_shard(shard)]->restore(number, one, image.groups);
    ++restored.sessions;
  }
  for (const auto& worker : workers_) worker->announce_restored();
  const auto exchange = [&] {
    bool again = true;
    while (std::exchange(again, false)) {
      for (const auto& worker : workers_) again = worker->exchange_mail() || again;
    }
  };
  exchange();
  for (const auto& worker : workers_) worker->end_groups_of_nobody();
  exchange();
  for (const auto& [id, unrouted] : image.unrouted) {
    const auto message = workers_[0]->read_back(unrouted.at);
    if (!message) continue;
    for (const auto& worker : workers_) worker->route_again(*message, unrouted.had);
  }
  exchange();
  for (const auto& [id, unrouted] : image.unrouted) workers_[0]->routed_again(id);
  exchange();
  // What fell due while nobody was here comes before anybody can connect: wills of those
  // who will be back at once.
  for (const auto& worker : workers_) worker->tick(now);
  exchange();
  image = {};
  return restored;
}

void Worker::begin_restore() { outgoing_.resize(broker_.workers()); }

// How many messages it has.
std::size_t Worker::restore(std::uint64_t number, SessionImage& image, const GroupImages& groups) {
  if (find_client(image.client_id) != nullptr) return 0;
  Client& client = add_client(std::move(image.client_id));
  client.number = {number};
  keep(client);
  client.session_expiry_interval = image.expiry_s;
  restore_access(client, std::move(image.user));
  if (image.will) {
    const Message& message = image.will->message;
    client.will = std::make_unique<Will>(Will{.message = Message::make({.publisher = client.hash,
                                                                        .qos = message.qos(),
                                                                        .retain = message.retain(),
                                                                        .topic = message.topic(),
                                                                        .properties = message.properties(),
                                                                        .payload = message.payload()}),
                                              .delay_s = image.will->delay_s,
                                              .message_expiry_s = image.will->message_expiry_s});
  }
  client.session_ends = image.ends;
  client.will_due = image.will_due;
  if (image.online) {  // Its connection ended with the crash, for all we know now.
    client.session_ends = after(now_, image.expiry_s);
    client.will_due = kNever;
    if (client.will) client.will_due = after(now_, std::min(client.will->delay_s, image.expiry_s));
    records_.offline(client);
  }
  if (!client.will) client.will_due = kNever;
  set_client_timer(client);
  restore_subscriptions(client, image);
  for (const std::uint16_t id : image.held) client.session.inbound.restore_held(id);
  const std::size_t copies = restore_copies(client, image, groups);
  for (const Ref ref : client.seats) ask_to_join(client, seats_.at(ref.slot), 0);
  return copies;
}

void Worker::restore_subscriptions(Client& client, const SessionImage& image) {
  for (const auto& [filter, options] : image.subscriptions) {
    if (!topic::is_shared(filter)) {
      Subscriber subscriber = options;
      subscriber.slot = client.ref.slot;
      const Interest::Added added = interest_.add(filter, subscriber, client.subscriptions);
      client.subscriptions.push_back(added.filter);
      metrics.subscriptions.add();
      if (added.first) restored_filters_.push_back(filter);
      continue;
    }
    const auto shared = *topic::parse_shared(filter);
    Seat& seat = take_seat(client, shared.share_name, shared.filter);
    seat.options = options;
    seat.options.slot = client.ref.slot;
    seat.leaving = false;
    metrics.shared_subscriptions.add();
  }
}

std::size_t Worker::restore_copies(Client& client, SessionImage& image, const GroupImages& groups) {
  Outbound& outbound = client.session.outbound;
  outbound.restore_numbers(image.last_sequence, image.open_to);
  std::size_t copies = 0;
  for (const CopyImage& copy : image.copies.take()) {
    std::span<const std::uint32_t> ids{&copy.subscription_id, copy.subscription_id != 0 ? 1u : 0u};
    if (const auto more = image.more.find(copy.sequence); more != image.more.end()) ids = more->second;
    const auto handed = image.handed.find(copy.sequence);
    outbound.restore({.sequence = copy.sequence,
                      .packet_id = copy.packet_id,
                      .qos = copy.qos,
                      .retain = copy.retain,
                      .state = state_of(copy, image.open_to),
                      .in_doubt = copy.state == CopyState::waiting,
                      .at = {copy.at.segment, copy.at.offset},
                      .size = copy.size,
                      .subscription_ids = ids,
                      .share = handed == image.handed.end() ? ShareTag{0}
                                                            : restore_share(client, handed->second, groups)});
    ++copies;
  }
  metrics.queued_messages.add(static_cast<std::int64_t>(outbound.waiting()));
  return copies;
}

// The seat of a copy that a group handed out, leaving if the client has unsubscribed.
ShareTag Worker::restore_share(Client& client, const SessionImage::Handed& handed,
                               const GroupImages& groups) {
  const auto group = groups.find(handed.group);
  if (group == groups.end() || group->second.key.empty()) return 0;  // It ended.
  const auto [share_name, filter] = split_group_key(group->second.key);
  Seat& seat = take_seat(client, share_name, filter);
  seat.number = {handed.group};
  ++seat.under_way;
  return seat.ref.packed();
}

// How many messages wait with it: all but what a session has.
std::size_t Worker::restore_group(std::uint64_t number, const GroupImage& image,
                                  const SessionImages& sessions) {
  const auto [share_name, filter] = split_group_key(image.key);
  if (filter.empty() || groups_by_key_.contains(image.key)) return 0;
  bool first = false;
  Group& group = add_group(share_name, filter, first);
  group.number = {number};
  group.kept = true;
  if (first) restored_filters_.push_back(group.filter);
  for (const auto& [id, waiting] : image.messages) {
    const auto session = sessions.find(waiting.session);
    if (session != sessions.end() && outlives(session->second)) continue;
    if (auto message = read_back(waiting.at)) {
      group.push_back(std::move(*message));
      continue;
    }
    log(LogLevel::error, "a message of shared group '" + image.key + "' cannot be read back from segment " +
                             std::to_string(waiting.at.segment) + ", offset " +
                             std::to_string(waiting.at.offset) + " of the journal; it is dropped");
    metrics.drop(DropReason::unreadable);
    records_.group_done(group.number, id);
  }
  metrics.queued_messages.add(static_cast<std::int64_t>(group.queue.size()));
  return group.queue.size();
}

// Its last member ended, and the crash came before the end of the group.
void Worker::end_groups_of_nobody() {
  std::vector<Ref> over;
  groups_.for_each([&](const Group& group) {
    if (!group.anyone_stays()) over.push_back(group.ref);
  });
  for (const Ref ref : over) remove_group(groups_.at(ref.slot));
}

void Worker::announce_restored() { announce(std::exchange(restored_filters_, {}), nullptr); }

void Worker::route_again(const Message& message, const std::unordered_set<std::uint64_t>& had) {
  if (message.retain()) retain(message);
  had_ = &had;
  take_in(message, interest_.match(message.topic()).subscribers, false);
  had_ = nullptr;
}

void Worker::routed_again(MessageId message) { records_.routed(message); }

bool Worker::exchange_mail() {
  const bool some = !mailbox_.empty() || !outgoing_[id_].empty();
  take_mail();
  take_own_mail();
  settle();
  bool posted = false;
  for (std::size_t i = 0; i < outgoing_.size(); ++i) posted = posted || !outgoing_[i].empty();
  post();
  return some || posted;
}

}  // namespace gaon::broker
