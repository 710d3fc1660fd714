// A worker takes over what was reloaded. Objections have a generation, as rules do: who is
// connected is looked at when a new one begins, and who was on its way then, by the old
// doors or the old authenticator, when its session would open (open_session.cc).
#include "broker/change.h"

#include "base/log.h"
#include "broker/worker.h"

namespace gaon::broker {
namespace {

const auth::Identity& identity_of(const Connection& connection) {
  static const auth::Identity kNobody;
  if (connection.client != nullptr && connection.client->access != nullptr)
    return connection.client->access->identity;
  return connection.identity ? *connection.identity : kNobody;
}

}  // namespace

void Worker::handle(WorkerId, mail::Reload& reload) {
  Change& change = *reload.change;
  Toll toll;
  struct Out {
    Ref ref;
    const char* why;
    mqtt::Reason reason;
  };
  std::vector<Out> out;
  // Who is connected met the others when it came.
  const Bans bans = Bans::added(change.config.bans, config_.bans);
  const bool other_rules = change.config.auth.rules.rules != rules_.rules;
  connections_.for_each([&](Connection& connection) {
    if (connection.client == nullptr) return;
    if (bans_one(bans, connection)) {
      // "Banned" is a word of CONNACK only: [MQTT-3.14.2-1].
      out.emplace_back(connection.ref, "it is banned by a [[ban]]", mqtt::Reason::administrative_action);
    } else if (const char* why = objection(change.objections, connection, false)) {
      out.emplace_back(connection.ref, why, mqtt::Reason::not_authorized);
    } else if (other_rules && loses_subscription(*connection.client, change.config.auth.rules)) {
      ++toll.restricted;
    }
  });
  toll.disconnected = out.size();
  if (!change.only_asks) {
    take_over(change);
    for (const auto& [ref, why, reason] : out) {
      Connection* connection = connections_.find(ref);
      if (connection == nullptr) continue;
      log(LogLevel::warning,
          "client '" + connection->client->session.client_id + "' is disconnected: " + why);
      drop_connection(*connection, reason);
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

bool Worker::bans_one(const Bans& bans, const Connection& connection) const {
  if (bans.empty()) return false;
  return bans.client(connection.client->session.client_id) || bans.user(identity_of(connection).user) ||
         bans.address(backend_.peer_of(*connection.socket));
}

const char* Worker::objection(const Objections& objections, const Connection& connection, bool late) {
  if (!objections.objection) return nullptr;
  std::optional<net::TlsPeer> tls;
  // Who comes late may have missed more than one change.
  const bool looks = late || objections.by_certificate[connection.listener];
  if (looks) tls = backend_.tls_of(*connection.socket);
  return objections.objection(connection.listener, identity_of(connection), looks,
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
