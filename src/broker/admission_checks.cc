// Who is not taken in, although it did nothing wrong by the protocol: before CONNECT the
// connection is just closed, later CONNACK has the reason. Each refusal is counted, and
// logged at most once a second with the key that it comes from.
#include <algorithm>

#include "base/log.h"
#include "broker/worker.h"

namespace gaon::broker {

using mqtt::Reason;

namespace {

struct RefusalRow {
  Reason reason;
  std::string_view why;
};
// By Refusal.
constexpr RefusalRow kRows[] = {
    {Reason::quota_exceeded, "limits.connections_max is reached"},
    {Reason::quota_exceeded, "listener.limits.connections_max is reached"},
    {Reason::quota_exceeded, "connections_per_address_max of its listener, or of limits, is reached"},
    {Reason::quota_exceeded, "limits.connections_per_user_max is reached"},
    {Reason::banned, "it is banned by a [[ban]]"},
    {Reason::connection_rate_exceeded, "it connects too often (limits.flapping_connects)"},
    {Reason::server_busy, "limits.memory_bytes_max is near"},
};
static_assert(std::size(kRows) == kRefusalNames.size());

const RefusalRow& row_of(Refusal refusal) { return kRows[static_cast<std::size_t>(refusal)]; }

constexpr Duration kBetweenLines = seconds(1);

}  // namespace

std::optional<Refusal> Worker::cannot_come_in(net::Socket& socket, std::uint32_t listener,
                                              Admission::Places& places) {
  const std::uint32_t most = std::min(config_.limits.connections_max, broker_.connections_max());
  if (broker_.sum(&Metrics::connections) >= most) return Refusal::connections;
  Admission& admission = broker_.admission();
  if (!admission.enter_listener(listener, places)) return Refusal::listener_connections;
  // Behind a proxy it is known only when the connection begins to speak.
  if (config_.listeners[listener].proxy_protocol || !admission.counts_addresses(listener))
    return std::nullopt;
  if (!admission.enter_address(listener, backend_.peer_of(socket), places))
    return Refusal::address_connections;
  return std::nullopt;
}

bool Worker::told_address(Connection& connection) {
  if (!config_.listeners[connection.listener].proxy_protocol || connection.places.has_address()) return true;
  const net::Peer peer = backend_.peer_of(*connection.socket);
  if (broker_.admission().enter_address(connection.listener, peer, connection.places)) return true;
  tell_refused(Refusal::address_connections, to_string(peer));
  close_connection(connection);
  return false;
}

// Before anybody is asked who it is.
std::optional<Refusal> Worker::cannot_enter(const Connection& connection, std::string_view client_id) {
  if (bans_.client(client_id)) return Refusal::banned;
  if (!bans_.empty() && bans_.address(backend_.peer_of(*connection.socket))) return Refusal::banned;
  if (broker_.admission().is_banned(client_id, now_)) return Refusal::flapping;
  return std::nullopt;
}

// Who it is was found out. A session that goes on is let in when memory is scarce: what waits
// for it leaves memory only so.
std::optional<Refusal> Worker::cannot_stay(Connection& connection, const Client* client,
                                           const ClientLimits& limits, bool resumes) {
  const std::string_view user = connection.identity ? std::string_view(connection.identity->user) : "";
  if (bans_.user(user)) return Refusal::banned;
  if (!resumes && broker_.memory_level() != MemoryLevel::enough) return Refusal::memory;
  const bool takes_over = client != nullptr && client->connection != nullptr;
  if (!broker_.admission().enter_user(user, limits.connections_per_user_max, takes_over, connection.places))
    return Refusal::user_connections;
  return std::nullopt;
}

bool Worker::refuse(Connection& connection, const mqtt::Connect& packet, Refusal refusal) {
  tell_refused(refusal, "client '" + std::string(packet.client_id.substr(0, 64)) + "' at " +
                            to_string(backend_.peer_of(*connection.socket)));
  mark(connection);
  connection.endpoint.refuse(packet, row_of(refusal).reason);
  close_connection(connection);
  return false;
}

void Worker::tell_refused(Refusal refusal, std::string_view who) {
  const auto at = static_cast<std::size_t>(refusal);
  metrics.refused[at].add();
  if (now_ - told_refused_[at] < kBetweenLines) return;
  told_refused_[at] = now_;
  log(LogLevel::warning, std::string(who) + " refused: " + std::string(row_of(refusal).why));
}

void Worker::pace_listener(std::uint32_t listener) {
  if (config_.listeners[listener].limits.connects_per_s == 0) return;
  const Time next = broker_.admission().accepted(listener, now_);
  if (next <= now_) return;
  backend_.pause_accept(listener);
  schedule(TimerKind::listener, {listener, 1}, next);
}

}  // namespace gaon::broker
