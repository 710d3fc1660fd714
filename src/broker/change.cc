// A worker takes over what was reloaded. Objections have a generation, as rules do: who is
// connected is looked at when a new one begins, and who was on its way then, by the old
// doors or the old authenticator, when its session would open (open_session.cc).
#include "broker/change.h"

#include "base/log.h"
#include "broker/worker.h"

namespace gaon::broker {

void Worker::handle(WorkerId, mail::Reload& reload) {
  Change& change = *reload.change;
  Toll toll;
  std::vector<std::pair<Ref, const char*>> out;
  const bool other_rules = change.config.auth.rules.rules != rules_.rules;
  connections_.for_each([&](Connection& connection) {
    if (connection.client == nullptr) return;
    if (const char* why = objection(change.objections, connection, false)) {
      out.emplace_back(connection.ref, why);
    } else if (other_rules && loses_subscription(*connection.client, change.config.auth.rules)) {
      ++toll.restricted;
    }
  });
  toll.disconnected = out.size();
  if (!change.only_asks) {
    take_over(change);
    for (const auto& [ref, why] : out) {
      Connection* connection = connections_.find(ref);
      if (connection == nullptr) continue;
      log(LogLevel::warning,
          "client '" + connection->client->session.client_id + "' is disconnected: " + why);
      drop_connection(*connection, mqtt::Reason::not_authorized);
    }
  }
  if (change.done) change.done(toll);
}

void Worker::take_over(Change& change) {
  if (change.config.auth.rules.rules != rules_.rules) take_rules(std::move(change.config.auth.rules));
  config_ = std::move(change.config);
  config_.auth.rules = {};  // They are in rules_.
  take_limits();
  if (change.enter) change.enter();
  objections_ = std::move(change.objections);
  ++objections_generation_;
  if (id_ == 0 && config_.sys_interval_s > 0 && sys_topics_ == nullptr) begin_sys_topics();
}

// What a client was told in its CONNACK holds on.
void Worker::take_limits() {
  const std::unique_ptr<const LimitTable> before =
      std::exchange(limits_, std::make_unique<LimitTable>(config_));
  bans_ = Bans(config_.bans);
  retained_.count_publishers(limits_->limits_retained());
  clients_.for_each([&](Client& client) {
    std::optional<std::uint32_t> listener;
    if (client.connection != nullptr) listener = client.connection->listener;
    client.allowance =
        &limits_->of(listener, client.access ? std::string_view(client.access->identity.user) : "",
                     client.session.client_id);
    if (client.connection != nullptr) set_pace(*client.connection);
  });
}

const char* Worker::objection(const Objections& objections, const Connection& connection, bool late) {
  if (!objections.objection) return nullptr;
  static const auth::Identity kNobody;
  const auth::Identity* identity = connection.identity.get();
  if (connection.client != nullptr && connection.client->access != nullptr)
    identity = &connection.client->access->identity;
  std::optional<net::TlsPeer> tls;
  // Who comes late may have missed more than one change.
  const bool looks = late || objections.by_certificate[connection.listener];
  if (looks) tls = backend_.tls_of(*connection.socket);
  return objections.objection(connection.listener, identity != nullptr ? *identity : kNobody, looks,
                              tls && tls->certificate ? &*tls->certificate : nullptr);
}

bool Worker::loses_subscription(const Client& client, const auth::AclRules& rules) const {
  static const auth::Identity kNobody;
  const auth::AclSet may(rules.rules, client.access ? client.access->identity : kNobody,
                         client.session.client_id);
  for (const topic::FilterId id : client.subscriptions) {
    if (!may.may_subscribe(interest_.text(id))) return true;
  }
  for (const Ref ref : client.seats) {
    if (!may.may_subscribe(seats_.at(ref.slot).filter)) return true;
  }
  return false;
}

}  // namespace gaon::broker
