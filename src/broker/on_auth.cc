// AUTH of MQTT 5: a client and an authenticator talk by the method that CONNECT named.
//
//   CONNECT ── begin ──► exchange ──► continue: AUTH 0x18 to the client, its AUTH 0x18 back
//                           │   └───► pending: the answer comes by mail, as take_step()
//                           ▼
//               granted, or a refusal: the CONNECT, which the endpoint held, is handled
//               again and answered (on_connect.cc)
//
// A connected client begins again with AUTH 0x19. Then everything else goes on meanwhile,
// and the end is AUTH 0x00, or DISCONNECT 0x87.
#include "base/log.h"
#include "broker/worker.h"

namespace gaon::broker {

using mqtt::Property;
using mqtt::Reason;

namespace {

std::string_view data_of(const mqtt::Properties& properties) {
  return as_text(properties.data(Property::authentication_data).value_or(ByteView{}));
}

// What the standard does not allow this client to say now; null if there is nothing.
const char* what_is_wrong(const Authentication* authentication, bool connected, const mqtt::Auth& packet) {
  if (authentication == nullptr) return "CONNECT named no authentication method";  // [MQTT-4.12.0-7]
  if (packet.properties.text(Property::authentication_method) != authentication->method) {
    return "another authentication method than in CONNECT";  // [MQTT-4.12.0-5], [MQTT-4.12.1-1]
  }
  const bool goes_on = authentication->exchange != nullptr;
  switch (packet.reason) {
    case Reason::re_authenticate:
      return !connected || goes_on ? "re-authentication during an authentication" : nullptr;
    case Reason::continue_authentication:
      return !goes_on || authentication->waits ? "nothing asked for it" : nullptr;
    default:
      return "a reason code that only a server sends";
  }
}

}  // namespace

bool Worker::begin_exchange(Connection& connection, const mqtt::Connect& packet, std::string_view method) {
  auth::Credentials credentials = credentials_of(connection, packet.client_id);
  credentials.user_name = packet.user_name;
  auto exchange = broker_.authenticator().begin(method, credentials, ticket_of(connection));
  if (exchange == nullptr) {  // [MQTT-4.12.0-1]
    return refuse(connection, packet, Reason::bad_authentication_method,
                  "authentication method is not offered");
  }
  auth::Reply reply = exchange->next(as_bytes(data_of(packet.properties)));
  connection.authentication = std::make_unique<Authentication>(
      Authentication{.method = std::string(method), .exchange = std::move(exchange)});
  connection.endpoint.hold_connect(packet);
  return take_step(connection, std::move(reply));
}

bool Worker::on_auth(Connection& connection, const mqtt::Auth& packet) {
  mark(connection);
  Authentication* authentication = connection.authentication.get();
  const bool connected = connection.phase == Connection::Phase::connected;
  if (const char* wrong = what_is_wrong(authentication, connected, packet)) {
    connection.endpoint.disconnect(Reason::protocol_error);
    on_violation(connection, {Reason::protocol_error, mqtt::PacketType::auth, wrong});
    return false;
  }
  if (packet.reason == Reason::re_authenticate) {
    auth::Credentials credentials = credentials_of(connection, connection.client->session.client_id);
    if (!authentication->user.empty()) credentials.connected_as = authentication->user;
    credentials.deadline = now_ + seconds(config_.limits.connect_timeout_s);
    authentication->exchange =
        broker_.authenticator().begin(authentication->method, credentials, ticket_of(connection));
    if (authentication->exchange == nullptr) return answer_again(connection, auth::Verdict::not_authorized);
    authentication->timer = schedule(TimerKind::authentication, connection.ref, credentials.deadline);
  }
  return take_step(connection, authentication->exchange->next(as_bytes(data_of(packet.properties))));
}

bool Worker::take_step(Connection& connection, auth::Reply reply) {
  mark(connection);
  const bool connected = connection.phase == Connection::Phase::connected;
  connection.authentication->waits = reply.verdict == auth::Verdict::pending;
  switch (reply.verdict) {
    case auth::Verdict::pending:
      if (!connected) wait_for_answer(connection);
      return connected;
    case auth::Verdict::continue_authentication:  // [MQTT-4.12.0-2]
      return send_auth(connection, Reason::continue_authentication, reply.data);
    default:
      return connected ? answer_again(connection, std::move(reply))
                       : answer_connect(connection, std::move(reply));
  }
}

bool Worker::answer_connect(Connection& connection, auth::Reply reply) {
  Authentication& authentication = *connection.authentication;
  authentication.exchange.reset();
  authentication.user = reply.identity.user;
  authentication.data = reply.data;
  connection.reply = std::make_unique<auth::Reply>(std::move(reply));
  put_back_connect();
  connection.endpoint.show_connect();
  return true;
}

bool Worker::answer_again(Connection& connection, auth::Reply reply) {
  Authentication& authentication = *connection.authentication;
  authentication.exchange.reset();
  timers_.cancel(authentication.timer);
  authentication.timer = {};
  if (reply.verdict == auth::Verdict::granted) {
    authentication.user = reply.identity.user;
    identify(connection, std::move(reply.identity));
    grant_access(*connection.client, std::move(connection.identity));
    watch_identity(connection, connection.identity_ends);
    return send_auth(connection, Reason::success, reply.data);
  }
  log(LogLevel::warning, "client '" + connection.client->session.client_id +
                             "' did not authenticate again: " + reply.why + "; closed");
  drop_connection(connection, Reason::not_authorized);  // [MQTT-4.12.1-2]
  return false;
}

bool Worker::send_auth(Connection& connection, Reason reason, std::string_view data) {
  Buffer bytes;
  mqtt::PropertyWriter properties(bytes);
  write_method(*connection.authentication, data, properties);
  if (connection.endpoint.send(mqtt::Auth{reason, mqtt::Properties(bytes.view())})) return true;
  log(LogLevel::warning, "AUTH is larger than the client at " +
                             to_string(backend_.peer_of(*connection.socket)) + " takes; closed");
  drop_connection(connection, Reason::packet_too_large);
  return false;
}

// Of AUTH and of a good CONNACK. [MQTT-4.12.0-5]
void Worker::write_method(const Authentication& authentication, std::string_view data,
                          mqtt::PropertyWriter& to) {
  to.text(Property::authentication_method, authentication.method);
  if (!data.empty()) to.data(Property::authentication_data, as_bytes(data));
}

void Worker::on_authentication_timer(Connection& connection) {
  connection.authentication->timer = {};
  log(LogLevel::warning,
      "client '" + connection.client->session.client_id + "' did not authenticate again in time; closed");
  drop_connection(connection, Reason::not_authorized);
}

}  // namespace gaon::broker
