// From what the journal's records come to, to sessions as they were: before the first
// tick, on one thread for all workers.
#include <algorithm>
#include <utility>

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

}  // namespace

Broker::Restored Broker::restore(Image&& image, Time now) {
  Restored restored;
  for (const auto& worker : workers_) worker->begin_restore();
  for (const Message& message : image.retained) {
    if (!RetainedStore::alive(message, now)) continue;
    ++restored.retained;
    for (const auto& worker : workers_) worker->restore(message);
  }
  for (auto& [number, session] : image.sessions) {
    SessionImage one = std::move(session);
    session = {};
    if (!one.known || one.expiry_s == 0) continue;
    const std::size_t shard = shard_of(hash(one.client_id, seed_));
    restored.messages += workers_[worker_of_shard(shard)]->restore(number, one);
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
std::size_t Worker::restore(std::uint64_t number, SessionImage& image) {
  if (find_client(image.client_id) != nullptr) return 0;
  Client& client = add_client(std::move(image.client_id));
  client.number = {number};
  keep(client);
  client.session_expiry_interval = image.expiry_s;
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
  return restore_copies(client, image);
}

void Worker::restore_subscriptions(Client& client, const SessionImage& image) {
  PendingSuback* joins = nullptr;  // nobody gets it
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
    if (joins == nullptr) {
      joins = &subacks_.add();
      joins->client = client.ref;
    }
    const mqtt::Subscription wanted{
        .filter = filter, .qos = options.qos, .retain_as_published = options.retain_as_published};
    join(client, wanted, options.subscription_id, *joins);
  }
}

std::size_t Worker::restore_copies(Client& client, SessionImage& image) {
  Outbound& outbound = client.session.outbound;
  outbound.restore_numbers(image.last_sequence, image.open_to);
  std::size_t copies = 0;
  for (const CopyImage& copy : image.copies.take()) {
    std::span<const std::uint32_t> ids{&copy.subscription_id, copy.subscription_id != 0 ? 1u : 0u};
    if (const auto more = image.more.find(copy.sequence); more != image.more.end()) ids = more->second;
    outbound.restore({.sequence = copy.sequence,
                      .packet_id = copy.packet_id,
                      .qos = copy.qos,
                      .retain = copy.retain,
                      .state = state_of(copy, image.open_to),
                      .at = {copy.at.segment, copy.at.offset},
                      .size = copy.size,
                      .subscription_ids = ids});
    ++copies;
  }
  metrics.queued_messages.add(static_cast<std::int64_t>(outbound.waiting()));
  return copies;
}

void Worker::announce_restored() { announce(std::exchange(restored_filters_, {}), nullptr); }

void Worker::route_again(const Message& message, const std::unordered_set<std::uint64_t>& had) {
  if (message.retain()) retain(message);
  had_ = &had;
  take_in(message, interest_.match(message.topic()).subscribers);
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
