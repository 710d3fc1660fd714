// From accept to close: what arrives on a connection goes to its packet's handler.
#include "broker/connection.h"

#include "base/log.h"
#include "broker/worker.h"

namespace gaon::broker {
namespace {

template <class... F>
struct Handlers : F... {
  using F::operator()...;
};

}  // namespace

void Worker::on_accepted(net::Socket& socket, std::uint32_t listener) {
  pace_listener(listener);
  Admission::Places places;
  const auto refusal = cannot_come_in(socket, listener, places);
  if (stopping_ || refusal) {
    if (refusal) tell_refused(*refusal, to_string(backend_.peer_of(socket)));
    backend_.abort(socket);
    return;
  }
  Connection& connection = add_connection(socket, listener);
  connection.places = std::move(places);
  // [MQTT-3.1.4-1], U5-3.1.4-a: who says nothing goes.
  connection.connect_by = now_ + seconds(config_.limits.connect_timeout_s);
  connection.timer = schedule(TimerKind::connection, connection.ref, connection.connect_by);
}

Connection& Worker::add_connection(net::Socket& socket, std::uint32_t listener) {
  Connection& connection = connections_.add(socket, listener, limits_->before_connect(), traffic_);
  connection.admitted_in = objections_generation_;
  socket.user = &connection;
  metrics.connections.add();
  return connection;
}

void Worker::mark(Connection& connection) {
  if (connection.marked) return;
  connection.marked = true;
  marked_.push_back(connection.ref);
  backend_.send(*connection.socket);
}

void Worker::on_received(Connection& connection, ByteView bytes) {
  if (connection.phase == Connection::Phase::connecting && !told_address(connection)) return;
  mark(connection);
  connection.endpoint.receive(bytes, now_);
  handle_events(connection);
}

void Worker::handle_events(Connection& connection) {
  for (;;) {
    if (connection.pace != nullptr || memory_level_ != MemoryLevel::enough) {
      connection.endpoint.step();
      if (publish_must_wait(connection)) break;
    }
    auto event = connection.endpoint.poll_event();
    if (!event && connection.endpoint.stopped_short()) continue;
    if (!event) break;
    if (!handle_event(connection, *event)) return;
  }
  if (connection.client != nullptr && connection.client->session.outbound.has_queued_next()) {
    pump(*connection.client);
  }
  hold_back(connection);
}

// Who asks and does not read our answers is not heard until it does. Messages alone do
// not come so far: they stop at output_bytes_high, with one of the largest on top.
void Worker::hold_back(Connection& connection) {
  if (connection.held_back || connection.client == nullptr) return;
  const std::size_t high =
      config_.limits.output_bytes_high + connection.client->allowance->limits.packet_bytes_max;
  if (connection.socket->output.size() <= high) return;
  connection.held_back = true;
  backend_.pause_read(*connection.socket);
  wait_for_tick(*connection.client);
}

void Worker::resume(Connection& connection) {
  if (!connection.held_back) return;
  connection.held_back = false;
  if (!connection.publish_waits) backend_.resume_read(*connection.socket);
}

bool Worker::handle_event(Connection& connection, Event& event) {
  return std::visit(Handlers{
                        [&](mqtt::Publish& packet) { return on_publish(connection, packet); },
                        [&](Finished& finished) {
                          on_finished(*connection.client, finished);
                          return true;
                        },
                        [&](Received& received) {
                          on_received(*connection.client, received);
                          return true;
                        },
                        [&](Released& released) {
                          records_.released(*connection.client, released.packet_id);
                          owe({.client = connection.client->ref,
                               .packet_id = released.packet_id,
                               .connection = connection.client->session.inbound.connection(),
                               .type = mqtt::PacketType::pubcomp});
                          return true;
                        },
                        [&](mqtt::Connect& packet) { return on_connect(connection, packet); },
                        [&](mqtt::Subscribe& packet) { return on_subscribe(connection, packet); },
                        [&](mqtt::Unsubscribe& packet) { return on_unsubscribe(connection, packet); },
                        [&](mqtt::Disconnect& packet) {
                          on_disconnect(connection, packet);
                          return false;
                        },
                        [&](mqtt::Auth& packet) { return on_auth(connection, packet); },
                        [&](Violation& violation) {
                          on_violation(connection, violation);
                          return false;
                        },
                        // CONNACK, SUBACK, UNSUBACK: an endpoint in the role of a server shows none.
                        [](auto&) { return true; },
                    },
                    event);
}

void Worker::on_violation(Connection& connection, const Violation& violation) {
  metrics.violations.add();
  if (log_wanted(LogLevel::warning)) {
    const std::string who =
        connection.client != nullptr ? connection.client->session.client_id : "(not connected)";
    std::string text = "client '" + who + "' at " + to_string(backend_.peer_of(*connection.socket)) + ": ";
    text += mqtt::name(violation.packet);
    text += ": ";
    text += violation.what;
    text += " (";
    text += mqtt::name(violation.reason);
    text += "); connection closed";
    connection.client != nullptr ? log(LogLevel::warning, text) : log_stranger(LogLevel::warning, text);
  }
  connection_lost(connection, true);
}

void Worker::on_connection_timer(Connection& connection) {
  connection.timer = {};
  if (connection.phase != Connection::Phase::connected) {
    log_stranger(LogLevel::info, "no CONNECT from " + to_string(backend_.peer_of(*connection.socket)) +
                                     ", or not authenticated, in time; closed");
    close_connection(connection);
    return;
  }
  const std::string& client_id = connection.client->session.client_id;
  if (connection.socket->corked) {
    log(LogLevel::warning,
        "client '" + client_id + "' is disconnected: its session did not get into the journal in time");
    connection_lost(connection, true);
    return;
  }
  if (connection.publish_waits) connection.endpoint.heard(now_);  // It may have spoken.
  if (connection.endpoint.deadline() > now_) {
    watch_keep_alive(connection);
    return;
  }
  log(LogLevel::info, "client '" + client_id + "' was silent for 1.5 times its keep alive; closed");
  drop_connection(connection, mqtt::Reason::keep_alive_timeout);
}

void Worker::watch_keep_alive(Connection& connection) {
  const Time deadline = connection.endpoint.deadline();
  connection.timer = {};
  if (deadline != kNever) connection.timer = schedule(TimerKind::connection, connection.ref, deadline);
}

void Worker::drop_connection(Connection& connection, mqtt::Reason reason) {
  mark(connection);
  connection.endpoint.disconnect(reason);  // Without properties: [MQTT-3.14.2-2]
  connection_lost(connection, true);
}

// The last of a connection: what was encoded for it still goes out, unless it is corked.
void Worker::close_connection(Connection& connection) {
  timers_.cancel(connection.timer);
  if (connection.authentication) timers_.cancel(connection.authentication->timer);
  timers_.cancel(connection.identity_timer);
  forget_wait(connection);
  backend_.close(*connection.socket);
  metrics.connections.add(-1);
  connections_.remove(connection.ref);
}

}  // namespace gaon::broker
