// A good CONNECT on the worker of its session: take over, open or resume the session,
// CONNACK. Everything is done at once, but where a kept session begins, goes on or ends,
// the CONNACK says so, and waits until that is durable: until then the socket is corked,
// and if the connection ends before, the client has not seen anything.
#include <algorithm>
#include <array>

#include "base/log.h"
#include "broker/passed_on.h"
#include "broker/worker.h"
#include "mqtt/encode.h"
#include "topic/name.h"

namespace gaon::broker {

using mqtt::Property;
using mqtt::Reason;
using mqtt::Version;

bool Worker::open_session(Connection& connection, const mqtt::Connect& packet, const std::string& client_id) {
  if (connection.admitted_in != objections_generation_) {
    if (const auto no = cannot_enter(connection, client_id)) return refuse(connection, packet, *no);
    if (const char* why = objection(objections_, connection, true))
      return refuse(connection, packet, Reason::not_authorized, why);
  }
  Client* client = find_client(client_id);  // [MQTT-3.1.3-2]
  if (client != nullptr && client->connection == nullptr && is_due(*client)) {
    on_client_timer(*client);
    client = find_client(client_id);
  }
  // What waits for one user is not given to another.
  const bool of_another = client != nullptr && belongs_to_another(*client, connection);
  // A session that would have ended with its connection is not resumed after a takeover.
  // [MQTT-3.1.2-4] [MQTT-3.1.4-4]
  const bool resumes =
      client != nullptr && !of_another && !packet.clean_start && client->session_expiry_interval > 0;
  const Terms terms = terms_of(packet);
  const Allowance& allowance = limits_->of(
      connection.listener, connection.identity ? std::string_view(connection.identity->user) : "", client_id);
  Buffer properties;
  if (packet.version == Version::v5)
    write_connack(connection, packet, client_id, terms, allowance.endpoint, properties);
  // [MQTT-3.2.2-2] [MQTT-3.2.2-3] [MQTT-3.1.2-5] [MQTT-3.1.4-5]
  const mqtt::Connack connack{.session_present = resumes && packet.version != Version::v31,
                              .reason = Reason::success,
                              .properties = mqtt::Properties(properties.view())};
  if (of_another && client->connection != nullptr) {
    return refuse(connection, packet, Reason::not_authorized,
                  "another user is connected with this client id");
  }
  if (packet.will && topic::levels(packet.will->topic) > allowance.limits.topic_levels_max) {
    return refuse(connection, packet, Reason::topic_name_invalid,
                  "topic of the will has more levels than limits.topic_levels_max");
  }
  if (packet.will && !allowed_will(connection, client_id, packet.will->topic)) {
    return refuse(connection, packet, Reason::not_authorized, "it may not publish its will");
  }
  if (const auto no = cannot_stay(connection, client, allowance.limits, resumes)) {
    return refuse(connection, packet, *no);
  }
  if (const auto fault = cannot_open(packet, connack, client, terms)) {
    return refuse(connection, packet, fault->reason, fault->what);
  }
  if (!packet.client_id.empty()) broker_.admission().connected(client_id, now_);
  bool recorded = is_ending(hash(client_id, broker_.seed())) || (client != nullptr && client->kept);
  if (client != nullptr && client->connection != nullptr) take_over(*client, packet.clean_start);
  if (client != nullptr && !resumes) end_session(*client, DropReason::session_ended);
  if (!resumes) client = &add_client(client_id);  // [MQTT-3.1.2-6]
  grant_access(*client, std::move(connection.identity));
  begin_session(*client, packet, terms);
  recorded = recorded || client->kept;
  watch_identity(connection, connection.identity_ends);

  mark(connection);
  connection.socket->corked = recorded;
  connection.client = client;
  connection.phase = Connection::Phase::connected;
  client->connection = &connection;
  client->allowance = &allowance;
  set_pace(connection);
  connection.options = allowance.endpoint;  // The endpoint looks there.
  connection.endpoint.accept(client->session, packet, connack);
  connection.endpoint.set_keep_alive(terms.keep_alive_s);
  metrics.clients_connected.add();
  if (log_wanted(LogLevel::debug)) {
    log(LogLevel::debug, "client '" + client_id + "' connected from " +
                             to_string(backend_.peer_of(*connection.socket)) + ", MQTT " +
                             mqtt::name(packet.version) + (resumes ? ", session resumed" : ""));
  }
  timers_.cancel(connection.timer);
  if (recorded) {
    owe({.client = connection.ref, .kind = Owed::Kind::connack});
    connection.timer =
        schedule(TimerKind::connection, connection.ref, now_ + seconds(config_.limits.connect_timeout_s));
  } else {
    watch_keep_alive(connection);
  }
  tell_presence(*client);
  pump(*client);  // [MQTT-4.4.0-1]
  return true;
}

Worker::Terms Worker::terms_of(const mqtt::Connect& packet) const {
  const SessionPolicy& policy = config_.session;
  const bool v5 = packet.version == Version::v5;
  Terms terms{.keep_alive_s = packet.keep_alive_s};
  // Clean Start has no say in it: U5-3.1.2.4-a
  terms.asked_expiry_interval = packet.properties.number(Property::session_expiry_interval).value_or(0);
  if (!v5) terms.asked_expiry_interval = packet.clean_start ? 0 : policy.expiry_v3_s;
  terms.session_expiry_interval = std::min(terms.asked_expiry_interval, policy.expiry_max_s);
  if (v5) {
    if (terms.keep_alive_s == 0 && !policy.keep_alive_allow_zero)
      terms.keep_alive_s = policy.keep_alive_max_s;
    terms.keep_alive_s = std::min(terms.keep_alive_s, policy.keep_alive_max_s);
  }
  return terms;
}

// Its properties. No Response Information: [MQTT-3.1.2-28]
void Worker::write_connack(Connection& connection, const mqtt::Connect& packet, std::string_view client_id,
                           const Terms& terms, const EndpointOptions& granted, Buffer& to) const {
  mqtt::PropertyWriter properties(to);
  const ProtocolPolicy& protocol = config_.protocol;
  if (terms.session_expiry_interval != terms.asked_expiry_interval) {  // U5-3.2.2.3.2-a
    properties.number(Property::session_expiry_interval, terms.session_expiry_interval);
  }
  if (granted.receive_maximum != 65'535) {
    properties.number(Property::receive_maximum, granted.receive_maximum);
  }
  if (protocol.maximum_qos < 2)
    properties.number(Property::maximum_qos, protocol.maximum_qos);  // [MQTT-3.2.2-9]
  properties.number(Property::maximum_packet_size, granted.maximum_packet_size);
  if (packet.client_id.empty())
    properties.text(Property::assigned_client_identifier, client_id);  // [MQTT-3.2.2-16]
  if (granted.topic_alias_maximum > 0) {
    properties.number(Property::topic_alias_maximum, granted.topic_alias_maximum);
  }
  const std::array<std::pair<Property, bool>, 4> features = {
      {{Property::retain_available, protocol.retain_available},
       {Property::wildcard_subscription_available, protocol.wildcard_available},
       {Property::subscription_identifier_available, protocol.subscription_id_available},
       {Property::shared_subscription_available, protocol.shared_available}}};
  for (const auto& [property, available] : features) {
    if (!available) properties.number(property, 0);
  }
  if (terms.keep_alive_s != packet.keep_alive_s)
    properties.number(Property::server_keep_alive, terms.keep_alive_s);
  if (Authentication* authentication = connection.authentication.get()) {
    write_method(*authentication, std::exchange(authentication->data, {}), properties);
  }
}

// Said before anything is touched: who is refused changes nothing.
std::optional<mqtt::Fault> Worker::cannot_open(const mqtt::Connect& packet, const mqtt::Connack& connack,
                                               const Client* client, const Terms& terms) const {
  const auto taken = packet.properties.number(Property::maximum_packet_size).value_or(mqtt::kPacketSizeMax);
  if (mqtt::encoded_size(connack, packet.version) > taken) {  // [MQTT-3.1.2-24]
    return mqtt::Fault{Reason::packet_too_large, "its Maximum Packet Size has no room for CONNACK"};
  }
  if (client == nullptr && broker_.sum(&Metrics::sessions) >= config_.limits.sessions_max) {
    return mqtt::Fault{Reason::quota_exceeded, "limits.sessions_max is reached"};
  }
  // What goes on needs little, and there may be an end to it then.
  const bool goes_on = client != nullptr && client->kept && !packet.clean_start;
  if (terms.session_expiry_interval > 0 && !goes_on && !journal_has_room()) {
    return mqtt::Fault{Reason::quota_exceeded, "the journal has no room for a session"};
  }
  return std::nullopt;
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
  write_last(client);
  tell_presence_gone(client);
  close_connection(old);
  client.connection = nullptr;
  metrics.clients_connected.add(-1);
}

void Worker::begin_session(Client& client, const mqtt::Connect& packet, const Terms& terms) {
  timers_.cancel(client.timer);
  client.timer = {};
  client.session_ends = client.will_due = kNever;
  const bool had_will = client.will != nullptr;
  client.will.reset();  // A will that still waited is withdrawn by the resuming connect.  [MQTT-3.1.3-9]
  if (packet.will) {    // [MQTT-3.1.2-7] [MQTT-3.1.2-12@311]
    const mqtt::Will& will = *packet.will;
    scratch_.clear();
    copy_passed_on(will.properties, scratch_);  // [MQTT-3.1.3-10]
    client.will = std::make_unique<Will>(
        Will{.message = Message::make({.publisher = client.hash,
                                       .qos = will.qos,
                                       .retain = will.retain,
                                       .topic = will.topic,
                                       .properties = scratch_.view(),
                                       .payload = will.payload}),
             .delay_s = will.properties.number(Property::will_delay_interval).value_or(0),
             .message_expiry_s = will.properties.number(Property::message_expiry_interval)});
  }
  client.session_expiry_interval = terms.session_expiry_interval;
  if (terms.session_expiry_interval == 0) {
    end_record(client);  // It goes on, but not beyond this connection.
  } else if (records_.wanted()) {
    keep(client);
    records_.session(client);
    records_.online(client);
    if (client.will || had_will) records_.will(client);
  }
}

// The records of its session are durable: CONNACK leaves, and what came behind it.
void Worker::uncork(Connection& connection) {
  mark(connection);
  connection.socket->corked = false;
  timers_.cancel(connection.timer);
  watch_keep_alive(connection);
  // A full output is looked at again when it was written.
  if (connection.socket->output.size() >= config_.limits.output_bytes_high) wait_for_tick(*connection.client);
}

}  // namespace gaon::broker
