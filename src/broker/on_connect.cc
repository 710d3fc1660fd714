// CONNECT: check, authenticate (perhaps later), carry the connection to the worker of
// its session, take over, open or resume the session, CONNACK.
#include <algorithm>
#include <array>

#include "base/log.h"
#include "broker/passed_on.h"
#include "broker/worker.h"
#include "topic/name.h"

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
  if (topic::levels(will.topic) > config.limits.topic_levels_max ||
      (will.topic.starts_with('$') && !config.protocol.allow_dollar_publish)) {
    return mqtt::Fault{Reason::topic_name_invalid, "topic of the will is not allowed"};
  }
  return std::nullopt;
}

Reason refusal(auth::Verdict verdict) {
  return verdict == auth::Verdict::bad_user_name_or_password ? Reason::bad_user_name_or_password
                                                             : Reason::not_authorized;
}

}  // namespace

bool Worker::on_connect(Connection& connection, const mqtt::Connect& packet) {
  if (const auto fault = check_connect(packet)) return refuse(connection, packet, fault->reason, fault->what);
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
    log(LogLevel::warning, text);
  }
  mark(connection);
  connection.endpoint.refuse(packet, reason);
  close_connection(connection);
  return false;
}

// False: the answer comes later, or was no.
bool Worker::authenticate(Connection& connection, const mqtt::Connect& packet) {
  const auto late = std::move(connection.reply);
  const auth::Verdict verdict =
      late ? late->verdict
           : broker_.authenticator().authenticate(credentials_of(connection, packet), ticket_of(connection));
  if (verdict == auth::Verdict::pending) {
    put_back_connect();
    wait_for_answer(connection);
    return false;
  }
  if (verdict == auth::Verdict::granted) return true;
  std::string why = "not authenticated";
  if (late && *late->why != '\0') why += std::string(": ") + late->why;
  return refuse(connection, packet, refusal(verdict), why);  // [MQTT-3.1.4-2] [MQTT-4.12.0-4]
}

auth::Credentials Worker::credentials_of(const Connection& connection, const mqtt::Connect& packet) const {
  return {.client_id = packet.client_id,
          .user_name = packet.user_name,
          .password = packet.password,
          .anonymous_allowed = config_.listeners[connection.listener].allow_anonymous};
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
  luggage->unread = connection.endpoint.take_unread();
  luggage->authentication = std::move(connection.authentication);
  luggage->descriptor = backend_.release(*connection.socket);
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

// [MQTT-3.1.4-3]: the old connection is gone before the new one sees the session.
void Worker::take_over(Client& client, bool clean_start) {
  Connection& old = *client.connection;
  log(LogLevel::info,
      "client '" + client.session.client_id + "' connected again; its older connection is closed");
  mark(old);
  old.endpoint.disconnect(Reason::session_taken_over);
  // U5-3.1.4-c: the old will is due now if the session ends or it has no delay; else the
  // session goes on and the will is withdrawn.
  const bool goes_on = !clean_start && client.session_expiry_interval > 0;
  if (client.will && goes_on && client.will->delay_s > 0) {
    client.will.reset();
    records_.will(client);
  }
  if (client.will) publish_will(client);
  tell_presence_gone(client);
  close_connection(old);
  client.connection = nullptr;
  metrics.clients_connected.add(-1);
}

bool Worker::open_session(Connection& connection, const mqtt::Connect& packet, const std::string& client_id) {
  Client* client = find_client(client_id);  // [MQTT-3.1.3-2]
  if (client == nullptr && broker_.sum(&Metrics::sessions) >= config_.limits.sessions_max) {
    return refuse(connection, packet, Reason::quota_exceeded, "limits.sessions_max is reached");
  }
  if (client != nullptr && client->connection != nullptr) take_over(*client, packet.clean_start);
  const bool v5 = packet.version == Version::v5;
  // A session that would have ended with its connection is not resumed after a takeover.
  // [MQTT-3.1.2-4] [MQTT-3.1.4-4]
  if (client != nullptr && (packet.clean_start || client->session_expiry_interval == 0)) {
    end_session(*client, DropReason::session_ended);
    client = nullptr;
  }
  const bool session_present = client != nullptr;         // [MQTT-3.2.2-2] [MQTT-3.2.2-3] [MQTT-3.1.2-5]
  if (!session_present) client = &add_client(client_id);  // [MQTT-3.1.2-6]
  const bool had_will = client->will != nullptr;

  timers_.cancel(client->timer);
  client->timer = {};
  client->session_ends = client->will_due = kNever;
  client->will.reset();  // A will that still waited is withdrawn by the resuming connect.  [MQTT-3.1.3-9]
  if (packet.will) {     // [MQTT-3.1.2-7] [MQTT-3.1.2-12@311]
    const mqtt::Will& will = *packet.will;
    scratch_.clear();
    copy_passed_on(will.properties, scratch_);  // [MQTT-3.1.3-10]
    client->will = std::make_unique<Will>(
        Will{.message = Message::make({.publisher = client->hash,
                                       .qos = will.qos,
                                       .retain = will.retain,
                                       .topic = will.topic,
                                       .properties = scratch_.view(),
                                       .payload = will.payload}),
             .delay_s = will.properties.number(Property::will_delay_interval).value_or(0),
             .message_expiry_s = will.properties.number(Property::message_expiry_interval)});
  }

  // Session expiry, ours to shorten. Clean Start has no say in it: U5-3.1.2.4-a
  std::uint32_t asked = packet.properties.number(Property::session_expiry_interval).value_or(0);
  if (!v5) asked = packet.clean_start ? 0 : config_.session.expiry_v3_s;
  client->session_expiry_interval = std::min(asked, config_.session.expiry_max_s);
  if (client->session_expiry_interval == 0) {
    end_record(*client);  // It goes on, but not beyond this connection.
  } else if (records_.wanted()) {
    keep(*client);
    records_.session(*client);
    records_.online(*client);
    if (client->will || had_will) records_.will(*client);
  }

  std::uint16_t keep_alive_s = packet.keep_alive_s;
  if (v5) {
    if (keep_alive_s == 0 && !config_.session.keep_alive_allow_zero)
      keep_alive_s = config_.session.keep_alive_max_s;
    keep_alive_s = std::min(keep_alive_s, config_.session.keep_alive_max_s);
  }

  scratch_.clear();  // No Response Information: [MQTT-3.1.2-28]
  if (v5) {
    mqtt::PropertyWriter properties(scratch_);
    const ProtocolPolicy& protocol = config_.protocol;
    if (client->session_expiry_interval != asked) {  // U5-3.2.2.3.2-a
      properties.number(Property::session_expiry_interval, client->session_expiry_interval);
    }
    if (config_.limits.receive_maximum != 65'535) {
      properties.number(Property::receive_maximum, config_.limits.receive_maximum);
    }
    if (protocol.maximum_qos < 2)
      properties.number(Property::maximum_qos, protocol.maximum_qos);  // [MQTT-3.2.2-9]
    properties.number(Property::maximum_packet_size, config_.limits.packet_bytes_max);
    if (packet.client_id.empty())
      properties.text(Property::assigned_client_identifier, client_id);  // [MQTT-3.2.2-16]
    if (config_.limits.topic_alias_maximum > 0) {
      properties.number(Property::topic_alias_maximum, config_.limits.topic_alias_maximum);
    }
    const std::array<std::pair<Property, bool>, 4> features = {
        {{Property::retain_available, protocol.retain_available},
         {Property::wildcard_subscription_available, protocol.wildcard_available},
         {Property::subscription_identifier_available, protocol.subscription_id_available},
         {Property::shared_subscription_available, protocol.shared_available}}};
    for (const auto& [property, available] : features) {
      if (!available) properties.number(property, 0);
    }
    if (keep_alive_s != packet.keep_alive_s) properties.number(Property::server_keep_alive, keep_alive_s);
    if (Authentication* authentication = connection.authentication.get()) {
      write_method(*authentication, std::exchange(authentication->data, {}), properties);
    }
  }
  mark(connection);
  connection.client = client;
  connection.phase = Connection::Phase::connected;
  client->connection = &connection;
  connection.endpoint.accept(client->session, packet,
                             {.session_present = session_present && packet.version != Version::v31,
                              .reason = Reason::success,  // [MQTT-3.1.4-5]
                              .properties = mqtt::Properties(scratch_.view())});
  connection.endpoint.set_keep_alive(keep_alive_s);
  metrics.clients_connected.add();

  timers_.cancel(connection.timer);
  connection.timer = {};
  if (const Time deadline = connection.endpoint.deadline(); deadline != kNever) {
    connection.timer = schedule(TimerKind::connection, connection.ref, deadline);
  }
  if (log_wanted(LogLevel::debug)) {
    log(LogLevel::debug, "client '" + client_id + "' connected from " +
                             to_string(backend_.peer_of(*connection.socket)) + ", MQTT " +
                             mqtt::name(packet.version) + (session_present ? ", session resumed" : ""));
  }
  tell_presence(*client);
  pump(*client);  // [MQTT-4.4.0-1]
  return true;
}

}  // namespace gaon::broker
