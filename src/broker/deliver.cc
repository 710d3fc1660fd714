// From a matched message to the sessions of this worker, and from a session's queue to
// its connection.
#include <algorithm>

#include "broker/worker.h"

namespace gaon::broker {

using mqtt::QoS;

namespace {

// Retained messages a session may have waiting at once from replays, and store nodes
// that one replay may visit in one tick.
constexpr std::size_t kReplayAhead = 64;
constexpr std::size_t kReplayBudget = 2'000;

// Of a queue, whatever the memory: about what goes out before the rest is read back.
constexpr std::size_t kStaysInMemory = 256;

}  // namespace

// One copy a session, however many of its subscriptions match: the highest QoS, all
// subscription ids.  [MQTT-3.3.4-2] to [MQTT-3.3.4-5]
Outcome Worker::take_in(const Message& message, std::span<const Subscriber> subscribers, bool may_put_off) {
  Outcome outcome = Outcome::nobody;
  ++pass_;
  hits_.clear();
  more_ids_.clear();
  for (const Subscriber& subscriber : subscribers) {
    if (subscriber.is_group) {
      Group& group = groups_.at(subscriber.slot);
      if (had_ != nullptr && had_->contains(group.number.value)) continue;
      outcome = std::max(outcome, offer(group, message));
      continue;
    }
    Client& client = clients_.at(subscriber.slot);
    if (had_ != nullptr && had_->contains(client.number.value)) continue;
    if (subscriber.no_local && client.hash == message.publisher()) continue;  // [MQTT-3.8.3-3]
    if (!may_receive(client, message.topic())) continue;
    const QoS qos = std::min(message.qos(), subscriber.qos);  // [MQTT-3.8.4-8]
    const bool retain =
        message.retain() && subscriber.retain_as_published;  // [MQTT-3.3.1-12] [MQTT-3.3.1-13]
    if (client.last_route != pass_) {
      client.last_route = pass_;
      client.last_hit = static_cast<std::uint32_t>(hits_.size());
      hits_.push_back({&client, subscriber.subscription_id, qos, retain, false});  // [MQTT-3.3.4-3]
      continue;
    }
    Hit& hit = hits_[client.last_hit];
    hit.qos = std::max(hit.qos, qos);
    hit.retain = hit.retain || retain;
    if (subscriber.subscription_id == 0) continue;
    if (hit.subscription_id == 0) {
      hit.subscription_id = subscriber.subscription_id;
    } else {
      hit.more_ids = true;
      more_ids_.push_back({client.last_hit, subscriber.subscription_id});
    }
  }
  for (std::uint32_t i = 0; i < hits_.size(); ++i) {
    const Hit& hit = hits_[i];
    ids_.clear();
    if (hit.subscription_id != 0) ids_.push_back(hit.subscription_id);
    if (hit.more_ids) {  // [MQTT-3.3.4-4]
      for (const MoreIds& more : more_ids_) {
        if (more.hit == i) ids_.push_back(more.subscription_id);
      }
    }
    outcome = std::max(outcome, deliver(*hit.client, {message, hit.qos, hit.retain, ids_}, may_put_off));
  }
  return outcome;
}

Outcome Worker::deliver(Client& client, const Delivery& delivery, bool may_put_off) {
  // What was published with QoS 2, and a will, must not be seen before it is safe: else it
  // comes a second time as if it were new, if a crash makes us forget it.
  const Message& message = delivery.message;
  const bool recorded_first = client.kept && delivery.qos == QoS::at_least_once &&
                              (message.qos() == QoS::exactly_once || message.is_will());
  if (client.connection != nullptr && !recorded_first) {
    mark(*client.connection);
    switch (client.connection->endpoint.publish(delivery, now_, config_.limits.output_bytes_high)) {
      case Endpoint::Sending::sent:
        if (client.kept && delivery.qos != QoS::at_most_once) {
          record_sent(client, delivery, may_put_off);
        }
        if (delivery.qos == QoS::at_most_once) seat_done(delivery);
        return Outcome::taken;
      case Endpoint::Sending::too_large:
        metrics.drop(DropReason::too_large);
        seat_done(delivery);
        return Outcome::taken;
      case Endpoint::Sending::blocked:
        break;
    }
  } else if (delivery.qos == QoS::at_most_once && !config_.session.queue_qos0_offline) {
    metrics.drop(DropReason::offline_qos0);
    return Outcome::taken;  // There is a subscriber, though nothing to keep for it.
  }
  return enqueue(client, delivery);
}

Outcome Worker::enqueue(Client& client, const Delivery& delivery) {
  Outbound& outbound = client.session.outbound;
  // What the journal has leaves memory.
  const bool stays = !client.kept || delivery.qos == QoS::at_most_once;
  if (memory_level_ != MemoryLevel::enough && stays && delivery.share == 0) [[unlikely]] {
    if (const auto refused = no_memory_for(delivery.qos)) return *refused;
  }
  const ClientLimits& limits = client.allowance->limits;
  const auto full = [&] {
    return outbound.waiting() >= limits.queue_messages_max ||
           outbound.waiting_bytes() + delivery.message.size() > limits.queue_bytes_max;
  };
  // What a group handed out is bounded by the seat's window.
  while (delivery.share == 0 && full()) {
    metrics.drop(DropReason::queue_full);
    if (config_.session.overflow == OverflowPolicy::reject) return Outcome::refused;
    if (config_.session.overflow == OverflowPolicy::drop_newest || outbound.waiting() == 0)
      return Outcome::taken;
    const Copy dropped = outbound.drop_oldest_waiting();
    record_finished(client, dropped);
    metrics.queued_messages.add(-1);
    seat_done(client, dropped);
  }
  add_to_queue(client, delivery);  // In order: [MQTT-4.5.0-1] [MQTT-4.6.0-5] [MQTT-4.6.0-6]
  if (client.connection != nullptr) continue_later(client);
  return Outcome::taken;
}

// Of a message that would have to wait in it.
std::optional<Outcome> Worker::no_memory_for(QoS qos) {
  if (memory_level_ == MemoryLevel::enough) return std::nullopt;
  metrics.drop(DropReason::memory_full);
  return qos == QoS::at_most_once ? Outcome::taken : Outcome::refused;
}

void Worker::add_to_queue(Client& client, const Delivery& delivery) {
  Outbound& outbound = client.session.outbound;
  outbound.enqueue(delivery);
  metrics.queued_messages.add();
  if (!client.kept || delivery.qos == QoS::at_most_once) return;
  const std::size_t offset = record_queued(client, delivery, CopyState::waiting);
  // A seat gives back what it did not send.
  if (memory_full_ && delivery.share == 0 && outbound.waiting() > kStaysInMemory)
    leaving_.push_back({client.ref, outbound.last_sequence(), offset});
  touch(client);
}

void Worker::pump(Client& client) {
  Connection& connection = *client.connection;
  const Endpoint::Refuses refuses = this->refuses(client);
  do {
    mark(connection);
    const std::size_t before = client.session.outbound.waiting();
    do {
      connection.endpoint.pump(now_, config_.limits.output_bytes_high, gone_, refuses);
    } while (fetch_absent(client));
    metrics.queued_messages.add(static_cast<std::int64_t>(client.session.outbound.waiting()) -
                                static_cast<std::int64_t>(before));
    handle_gone(client);
  } while (feed_replays(client));
  touch(client);
  continue_later(client);
}

// An output that is full now may be written by this tick's flush without ever being
// blocked, and then no completion reminds us. One that is blocked reports `drained`, and
// a full window opens by an acknowledgement.
void Worker::continue_later(Client& client) {
  const bool full = client.connection->socket->output.size() >= config_.limits.output_bytes_high;
  if (full && client.session.outbound.has_queued_next()) wait_for_tick(client);
}

void Worker::wait_for_tick(Client& client) {
  if (client.waits_for_tick) return;
  client.waits_for_tick = true;
  go_on_.push_back(client.ref);
}

void Worker::handle_gone(Client& client) {
  for (const Gone& gone : gone_) {
    if (gone.why == Gone::Why::as_received) {
      on_received(client, {gone.copy.packet_id, gone.copy.sequence});
      continue;
    }
    if (gone.why == Gone::Why::named) {
      records_.named(client, gone.copy.sequence, gone.copy.packet_id);
      continue;
    }
    if (gone.why == Gone::Why::refused && gone.copy.share() != 0) {
      give_back_refused(client, gone.copy);
      continue;
    }
    if (gone.why != Gone::Why::sent) record_finished(client, gone.copy);
    if (gone.why == Gone::Why::expired) metrics.drop(DropReason::expired);
    if (gone.why == Gone::Why::too_large) metrics.drop(DropReason::too_large);
    seat_done(client, gone.copy);
  }
  gone_.clear();
}

void Worker::on_finished(Client& client, const Finished& finished) {
  record_finished(client, finished.copy);
  // [MQTT-4.8.2-6]: a negative answer of a member ends the message too.
  seat_done(client, finished.copy);
}

// Retained messages for new subscriptions join the queue as it empties. True: pump on.
bool Worker::feed_replays(Client& client) {
  if (client.replays.empty()) return false;
  Outbound& outbound = client.session.outbound;
  bool fed = false;
  std::size_t budget = kReplayBudget;
  while (!client.replays.empty() && outbound.waiting() < kReplayAhead && budget > 0) {
    RetainedReplay& replay = client.replays.front();
    const Subscriber options = replay.options;
    const bool more = replay.cursor.next(64, [&](std::string_view, Message& message) {
      if (!RetainedStore::alive(message, now_)) return true;  // U5-3.3.1.3-b
      if (options.no_local && message.publisher() == client.hash) return true;
      if (!may_receive(client, message.topic())) return true;
      const Delivery delivery{
          .message = message,
          .qos = std::min(message.qos(), options.qos),  // U5-3.3.4-f
          .retain = true,                               // U5-3.3.1.3-a
          .subscription_ids = {&options.subscription_id, options.subscription_id != 0 ? 1u : 0u}};
      add_to_queue(client, delivery);
      fed = true;
      return outbound.waiting() < kReplayAhead;
    });
    budget -= std::min<std::size_t>(budget, 64);
    if (!more) client.replays.erase(client.replays.begin());
  }
  if (!client.replays.empty() && budget == 0) wait_for_tick(client);
  return fed && budget > 0;
}

void Worker::go_on() {
  if (now_ < read_again_at_) return;
  std::vector<Ref> clients;
  clients.swap(go_on_);
  for (const Ref ref : clients) {
    Client* client = clients_.find(ref);
    if (client == nullptr) continue;
    client->waits_for_tick = false;
    if (client->connection == nullptr) continue;
    // What is still full after the flush is blocked.
    if (client->connection->socket->output.size() >= config_.limits.output_bytes_high) continue;
    resume(*client->connection);
    pump(*client);
  }
}

}  // namespace gaon::broker
