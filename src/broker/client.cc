// The life of a session on its worker.
#include "broker/client.h"

#include <algorithm>

#include "base/log.h"
#include "broker/worker.h"

namespace gaon::broker {

Client* Worker::find_client(std::string_view client_id) {
  const auto at = clients_by_id_.find(client_id);
  return at == clients_by_id_.end() ? nullptr : at->second;
}

Client& Worker::add_client(std::string client_id) {
  Client& client = clients_.add();
  client.session.client_id = std::move(client_id);
  client.hash = hash(client.session.client_id, broker_.seed());
  client.shard = static_cast<std::uint16_t>(Broker::shard_of(client.hash));
  client.allowance = &limits_->of(std::nullopt, {}, client.session.client_id);
  clients_by_id_.emplace(client.session.client_id, &client);
  client.number = next_message_id();
  metrics.sessions.add();
  return client;
}

// The session ends, then its will, then its shared copies go to others. Retained messages stay: U5-4.1-a
void Worker::end_session(Client& client, DropReason reason) {
  timers_.cancel(client.timer);
  const bool kept = client.kept;
  end_record(client);
  remove_subscriptions(client);
  while (!client.seats.empty()) leave(client, client.seats.back(), true);
  metrics.drop(reason, static_cast<std::int64_t>(client.session.outbound.waiting()));
  metrics.queued_messages.add(-static_cast<std::int64_t>(client.session.outbound.waiting()));
  clients_by_id_.erase(client.session.client_id);
  if (client.will && may_publish_will(client)) publish(*client.will, kept);
  clients_.remove(client.ref);
  metrics.sessions.add(-1);
}

// From here on the journal knows the session.
void Worker::keep(Client& client) {
  client.kept = true;
  client.session.outbound.hold_sends(true);
  kept_.emplace(client.number.value, &client);
  metrics.sessions_kept.set(static_cast<std::int64_t>(kept_.size()));
}

// From here on the journal has heard the last of it.
void Worker::end_record(Client& client) {
  if (client.kept) {
    records_.ended(client);
    ended_now_.insert(client.hash);
    kept_.erase(client.number.value);
    metrics.sessions_kept.set(static_cast<std::int64_t>(kept_.size()));
  }
  client.kept = false;
  client.session.outbound.hold_sends(false);
}

// All of those now is in what we appended.
void Worker::forget_ended(journal::Place durable) {
  if (durable < ended_until_ || (ended_before_.empty() && ended_now_.empty())) return;
  ended_before_.swap(ended_now_);
  ended_now_.clear();
  ended_until_ = appended_;
}

void Worker::set_client_timer(Client& client) {
  timers_.cancel(client.timer);
  const Time next = std::min(client.session_ends, client.will_due);
  client.timer = next == kNever ? net::TimerId{} : schedule(TimerKind::client, client.ref, next);
}

// Its timer may be some milliseconds late, and its client be back before it.
bool Worker::is_due(const Client& client) const {
  return std::min(client.session_ends, client.will_due) <= now_;
}

void Worker::on_client_timer(Client& client) {
  timers_.cancel(client.timer);
  client.timer = {};
  if (client.will_due <= now_) publish_will(client);
  if (client.session_ends <= now_) {  // [MQTT-4.1.0-2]
    log(LogLevel::info, "session of client '" + client.session.client_id + "' expired");
    metrics.sessions_expired.add();
    end_session(client, DropReason::session_ended);
    return;
  }
  set_client_timer(client);
}

void Worker::publish_will(Client& client) {
  client.will_due = kNever;
  const bool may = may_publish_will(client);
  const std::unique_ptr<Will> will = std::move(client.will);
  records_.will(client);
  if (may) publish(*will, client.kept);
}

// kept: it was recorded, and in this tick that it is due; so is then where it goes.
void Worker::publish(const Will& will, bool kept) {
  const Message& message = will.message;
  // [MQTT-3.1.2-10] U5-3.1.3.2-b: its expiry counts from now.
  route(Message::make({.id = next_message_id(),
                       .publisher = message.publisher(),
                       .deadline = will.message_expiry_s ? now_ + seconds(*will.message_expiry_s) : kNever,
                       .qos = message.qos(),
                       .retain = message.retain(),  // [MQTT-3.1.2-14] [MQTT-3.1.2-15]
                       .is_will = true,
                       .topic = message.topic(),
                       .properties = message.properties(),
                       .payload = message.payload()}),
        nullptr, kept && message.qos() != mqtt::QoS::at_most_once);
}

}  // namespace gaon::broker
