// CONNECT: check, authenticate (perhaps later), carry the connection to the worker of
// its session. What comes then is in open_session.cc.
#include "base/log.h"
#include "broker/worker.h"

namespace gaon::broker {

using mqtt::Property;
using mqtt::Reason;
using mqtt::Version;

namespace {

std::optional<mqtt::Fault> check_will(const mqtt::Will& will, const Config& config) {
  if (static_cast<std::uint8_t>(will.qos) > config.protocol.maximum_qos) {  // [MQTT-3.2.2-12]
    return mqtt::Fault{Reason::qos_not_supported, "QoS of the will is above protocol.maximum_qos"};
  }
  if (will.retain && !config.protocol.retain_available) {  // [MQTT-3.2.2-13]
    return mqtt::Fault{Reason::retain_not_supported, "retained will, but protocol.retain_available is off"};
  }
  if (will.topic.size() + will.payload.size() + will.properties.bytes().size() >
      config.limits.will_bytes_max) {
    return mqtt::Fault{Reason::packet_too_large, "will is larger than limits.will_bytes_max"};
  }
  if (will.topic.starts_with('$') && !config.protocol.allow_dollar_publish) {
    return mqtt::Fault{Reason::topic_name_invalid, "topic of the will is not allowed"};
  }
  return std::nullopt;
}

Reason refusal(auth::Verdict verdict) {
  return verdict == auth::Verdict::bad_user_name_or_password ? Reason::bad_user_name_or_password
                                                             : Reason::not_authorized;
}

auth::Certificate certificate_of(net::PeerCertificate seen) {
  return {.common_name = std::move(seen.common_name),
          .subject = std::move(seen.subject),
          .dns_names = std::move(seen.dns_names),
          .uris = std::move(seen.uris),
          .emails = std::move(seen.emails),
          .fingerprint = std::move(seen.fingerprint)};
}

}  // namespace

bool Worker::on_connect(Connection& connection, const mqtt::Connect& packet) {
  if (const auto fault = check_connect(packet)) return refuse(connection, packet, fault->reason, fault->what);
  if (const auto no = cannot_enter(connection, packet.client_id)) return refuse(connection, packet, *no);
  if (!connection.vouched_for) {
    const auto method = packet.properties.text(Property::authentication_method);
    if (method && connection.reply == nullptr) return begin_exchange(connection, packet, *method);
    if (!authenticate(connection, packet)) return false;
  }

  // An id of our own choice belongs to a shard of ours.
  // [MQTT-3.1.3-6] [MQTT-3.1.3-7]
  const std::string client_id = packet.client_id.empty() ? assign_client_id() : std::string(packet.client_id);
  const WorkerId owner = broker_.worker_of_shard(Broker::shard_of(hash(client_id, broker_.seed())));
  if (owner != id_) {
    move(connection, owner);
    return false;
  }
  return open_session(connection, packet, client_id);
}

std::optional<mqtt::Fault> Worker::check_connect(const mqtt::Connect& packet) const {
  if (packet.client_id.size() > config_.limits.client_id_bytes_max) {  // [MQTT-3.1.3-5]
    return mqtt::Fault{Reason::client_identifier_not_valid,
                       "client id is longer than limits.client_id_bytes_max"};
  }
  // [MQTT-3.1.3-8@311]
  if (packet.client_id.empty() && packet.version != Version::v5 && !packet.clean_start) {  // [MQTT-3.1.3-8]
    return mqtt::Fault{Reason::client_identifier_not_valid, "empty client id needs clean session 1"};
  }
  if (packet.will) return check_will(*packet.will, config_);
  return std::nullopt;
}

bool Worker::refuse(Connection& connection, const mqtt::Connect& packet, Reason reason,
                    std::string_view why) {
  if (log_wanted(LogLevel::warning)) {
    std::string text = "client '" + std::string(packet.client_id.substr(0, 64)) + "' at " +
                       to_string(backend_.peer_of(*connection.socket)) + " refused: ";
    text += why;
    text += " (";
    text += mqtt::name(reason);
    text += ")";
    log_stranger(LogLevel::warning, text);
  }
  mark(connection);
  connection.endpoint.refuse(packet, reason);
  close_connection(connection);
  return false;
}

// False: the answer comes later, or was no.
bool Worker::authenticate(Connection& connection, const mqtt::Connect& packet) {
  const auto late = std::move(connection.reply);
  auth::Reply reply = late ? std::move(*late) : ask_authenticator(connection, packet);
  if (reply.verdict == auth::Verdict::pending) {
    put_back_connect();
    wait_for_answer(connection);
    return false;
  }
  if (reply.verdict == auth::Verdict::granted) {
    if (config_.listeners[connection.listener].client_id_is_user && packet.client_id != reply.identity.user) {
      metrics.authentications_refused.add();
      return refuse(connection, packet, Reason::not_authorized,
                    "its client id is not its user (listener.client_id_is_user)");
    }
    identify(connection, std::move(reply.identity));
    return true;
  }
  metrics.authentications_refused.add();
  std::string why = "not authenticated";
  if (*reply.why != '\0') why += std::string(": ") + reply.why;
  return refuse(connection, packet, refusal(reply.verdict), why);  // [MQTT-3.1.4-2] [MQTT-4.12.0-4]
}

auth::Reply Worker::ask_authenticator(Connection& connection, const mqtt::Connect& packet) {
  auth::Credentials credentials = credentials_of(connection, packet.client_id);
  credentials.user_name = packet.user_name;
  credentials.password = packet.password;
  return broker_.authenticator().authenticate(credentials, ticket_of(connection));
}

auth::Credentials Worker::credentials_of(const Connection& connection, std::string_view client_id) {
  const ListenerConfig& listener = config_.listeners[connection.listener];
  peer_ = {.address = to_string(backend_.peer_of(*connection.socket))};
  if (auto tls = backend_.tls_of(*connection.socket)) {
    peer_.encrypted = true;
    peer_.server_name = std::move(tls->server_name);
    if (tls->certificate) peer_.certificate = certificate_of(std::move(*tls->certificate));
  }
  return {.client_id = client_id,
          .anonymous_allowed = listener.allow_anonymous,
          .listener = connection.listener,
          .certificate =
              peer_.certificate ? auth::name_of(*peer_.certificate, listener.certificate_name) : std::nullopt,
          .peer = &peer_,
          .deadline = connection.connect_by};
}

void Worker::identify(Connection& connection, auth::Identity identity) {
  connection.identity.reset();
  connection.identity_ends = identity.ends;
  if (identity.user.empty() && identity.shown_by == 0) return;
  connection.identity = std::make_unique<auth::Identity>(std::move(identity));
}

auth::Ticket Worker::ticket_of(const Connection& connection) const {
  return {id_, connection.ref.slot, connection.ref.generation};
}

// What arrives meanwhile stays unread.
void Worker::wait_for_answer(Connection& connection) {
  connection.phase = Connection::Phase::authenticating;
  connection.endpoint.keep_unread();
  backend_.pause_read(*connection.socket);
}

// The CONNECT will be read and counted again.
void Worker::put_back_connect() { --traffic_.received[static_cast<std::size_t>(mqtt::PacketType::connect)]; }

void Worker::move(Connection& connection, WorkerId to) {
  put_back_connect();
  auto luggage = std::make_unique<mail::Arrival::Luggage>();
  luggage->listener = connection.listener;
  luggage->places = std::move(connection.places);
  luggage->unread = connection.endpoint.take_unread();
  luggage->authentication = std::move(connection.authentication);
  luggage->identity = std::move(connection.identity);
  luggage->identity_ends = connection.identity_ends;
  luggage->admitted_in = connection.admitted_in;
  luggage->connection = backend_.release(*connection.socket);
  timers_.cancel(connection.timer);
  metrics.connections.add(-1);
  connections_.remove(connection.ref);
  send_mail(to, mail::Arrival{std::move(luggage)});
}

// 128 random bits, drawn again until they fall into a shard of this worker.
std::string Worker::assign_client_id() {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (;;) {
    std::string id = "gaon-";
    for (int half = 0; half < 2; ++half) {
      std::uint64_t bits = random_();
      for (int i = 0; i < 16; ++i, bits >>= 4) id += kDigits[bits & 0xF];
    }
    if (broker_.worker_of_shard(Broker::shard_of(hash(id, broker_.seed()))) == id_) return id;
  }
}

}  // namespace gaon::broker
