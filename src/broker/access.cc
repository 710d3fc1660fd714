// Authorisation. Rules have a generation, which changes with them. What a client may is
// worked out when it is first asked, and again in the next generation; its subscriptions
// were allowed in the generation in which they were made, and are looked over when the
// first message comes to them in another. If some are not allowed any more, they stay, and
// each message that comes for the client is looked at. What waits for it already, by other
// rules or for one of whom only the name was known, is looked at when it goes.
#include "broker/access.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "broker/worker.h"
#include "topic/name.h"

namespace gaon::broker {

// When a client connects, or is somebody else than it was before.
void Worker::grant_access(Client& client, std::unique_ptr<auth::Identity> identity) {
  const std::unique_ptr<Access> before = std::move(client.access);
  if (identity == nullptr && rules_.rules.empty()) return;
  client.access = std::make_unique<Access>();
  Access& access = *client.access;
  if (identity) access.identity = std::move(*identity);
  if (client.subscriptions.empty() && client.seats.empty()) access.subscriptions_of = rules_generation_;
  if (before == nullptr || before->queue_of != rules_generation_ || client.session.outbound.empty()) return;
  if (rights_of(*before, client) != rights_of(client)) return;
  access.queue_of = before->queue_of;
  access.judged_to = before->judged_to;
  access.judges = before->judges;
}

// After a restart, until it connects: what waits for it is nobody else's.
void Worker::restore_access(Client& client, std::string user) {
  if (user.empty()) return;
  client.access = std::make_unique<Access>();
  client.access->identity.user = std::move(user);
  client.access->by_name = true;
  client.allowance = &limits_->of(std::nullopt, client.access->identity.user, client.session.client_id);
}

bool Worker::belongs_to_another(const Client& client, const Connection& connection) const {
  if (client.access == nullptr || client.access->identity.user.empty()) return false;
  return connection.identity == nullptr || connection.identity->user != client.access->identity.user;
}

bool Worker::allowed_will(const Connection& connection, std::string_view client_id,
                          std::string_view topic) const {
  static const auth::Identity kNobody;
  const auth::Identity& identity = connection.identity ? *connection.identity : kNobody;
  return auth::AclSet(rules_.rules, identity, client_id).may_publish(topic);
}

const auth::AclSet& Worker::rights_of(Access& access, const Client& client) const {
  if (access.compiled != rules_generation_) {
    access.may = auth::AclSet(rules_.rules, access.identity, client.session.client_id);
    access.compiled = rules_generation_;
  }
  return access.may;
}

bool Worker::may_publish(Client& client, std::string_view topic) {
  if (client.access == nullptr || client.access->by_name || rights_of(client).may_publish(topic)) [[likely]]
    return true;
  tell_denied(client, "publish to", topic);
  return false;
}

// Rules may have changed since CONNECT.
bool Worker::may_publish_will(Client& client) {
  // It went before there were rules.
  if (client.access == nullptr && !rules_.rules.empty()) client.access = std::make_unique<Access>();
  if (may_publish(client, client.will->message.topic())) return true;
  metrics.drop(DropReason::not_allowed);
  return false;
}

bool Worker::may_subscribe(Client& client, std::string_view filter) {
  if (client.access == nullptr) return true;
  const auto shared = topic::parse_shared(filter);
  if (rights_of(client).may_subscribe(shared ? shared->filter : filter)) return true;
  tell_denied(client, "subscribe to", filter);
  return false;
}

// Of a client whose subscriptions are of another generation.
bool Worker::still_receives(Client& client, std::string_view topic) {
  Access& access = *client.access;
  if (access.by_name) return true;
  const auth::AclSet& may = rights_of(client);
  if (access.restricted_of != rules_generation_) {
    bool all = true;
    for (const topic::FilterId id : client.subscriptions) all = all && may.may_subscribe(interest_.text(id));
    for (const Ref ref : client.seats) all = all && may.may_subscribe(seats_.at(ref.slot).filter);
    if (all) {
      access.subscriptions_of = rules_generation_;
      return true;
    }
    access.restricted_of = rules_generation_;
  }
  if (may.may_receive(topic)) return true;
  tell_not_received(client, topic);
  return false;
}

// Of a copy that goes out: what to ask of those that came when other rules held, or before
// it was known who its client is. Nothing if there are none.
Endpoint::Refuses Worker::refuses(Client& client) {
  if (client.access == nullptr) return {};
  Access& access = *client.access;
  const Outbound& outbound = client.session.outbound;
  if (access.queue_of != rules_generation_) {
    access.queue_of = rules_generation_;
    access.judged_to = outbound.last_sequence();
    access.judges = !outbound.empty();
  }
  if (!access.judges) return {};
  return [this, &client](const Copy& copy) { return may_not_have(client, copy); };
}

bool Worker::may_not_have(Client& client, const Copy& copy) {
  Access& access = *client.access;
  if (static_cast<std::int32_t>(copy.sequence - access.judged_to) > 0) {
    access.judges = false;  // Those are before it.
    return false;
  }
  if (rights_of(client).may_receive(copy.message().topic())) return false;
  tell_not_received(client, copy.message().topic());
  return true;
}

void Worker::tell_not_received(Client& client, std::string_view topic) {
  metrics.drop(DropReason::not_allowed);
  tell_denied(client, "receive", topic);
}

// Once for each connection: who tries again and again fills no log.
void Worker::tell_denied(Client& client, std::string_view what, std::string_view topic) {
  if (std::exchange(client.access->told, true) || !log_wanted(LogLevel::warning)) return;
  std::string text =
      "client '" + client.session.client_id + "', user '" + client.access->identity.user + "', may not ";
  text.append(what).append(" '").append(topic.substr(0, 256)).append("'; more of the kind is not logged");
  log(LogLevel::warning, text);
}

void Worker::handle(WorkerId, mail::Rules& rules) { take_rules(std::move(*rules.rules)); }

void Worker::take_rules(auth::AclRules rules) {
  rules_ = std::move(rules);
  ++rules_generation_;
  if (rules_.rules.empty()) return;
  clients_.for_each([](Client& client) {
    if (client.access == nullptr && client.connection != nullptr) {
      client.access = std::make_unique<Access>();
    }
  });
}

// When its identity has to be shown again by; some time is left to do so.
void Worker::watch_identity(Connection& connection, Time ends) {
  timers_.cancel(connection.identity_timer);
  connection.identity_timer = {};
  connection.identity_ends = ends;
  if (ends == kNever) return;
  connection.identity_timer = schedule(TimerKind::identity, connection.ref,
                                       std::max(now_, ends) + seconds(config_.auth.expiry_grace_s));
}

void Worker::on_identity_timer(Connection& connection) {
  connection.identity_timer = {};
  log(LogLevel::info, "the token of client '" + connection.client->session.client_id +
                          "' is out of date and was not renewed; closed");
  drop_connection(connection, mqtt::Reason::not_authorized);
}

}  // namespace gaon::broker
