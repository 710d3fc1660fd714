// DISCONNECT, and every other way in which a connection ends.
#include <algorithm>

#include "broker/worker.h"
#include "mqtt/encode.h"

namespace gaon::broker {

using mqtt::Property;
using mqtt::Reason;

void Worker::on_disconnect(Connection& connection, const mqtt::Disconnect& packet) {
  if (connection.client == nullptr) {  // in the middle of an authentication method
    close_connection(connection);
    return;
  }
  Client& client = *connection.client;
  if (const auto expiry = packet.properties.number(Property::session_expiry_interval)) {
    if (client.session_expiry_interval == 0 && *expiry != 0) {  // U5-3.14.2.2.2-a
      // The endpoint is closed by what it took for a goodbye.
      mark(connection);
      mqtt::encode(mqtt::Disconnect{.reason = Reason::protocol_error}, mqtt::Version::v5,
                   connection.socket->output.bytes());
      traffic_.count_sent(mqtt::PacketType::disconnect);
      on_violation(connection, {Reason::protocol_error, mqtt::PacketType::disconnect,
                                "session expiry raised from 0 by DISCONNECT"});
      return;
    }
    client.session_expiry_interval = std::min(*expiry, config_.session.expiry_max_s);
    if (client.session_expiry_interval > 0) records_.session(client);
  }
  // [MQTT-3.14.4-3], U5-3.14.4-a: only the normal end takes the will away.
  connection_lost(connection, packet.reason != Reason::normal_disconnection);
}

void Worker::connection_lost(Connection& connection, bool send_will) {
  Client* client = connection.client;
  close_connection(connection);
  if (client == nullptr) return;
  client->connection = nullptr;
  metrics.clients_connected.add(-1);
  tell_presence_gone(*client);
  if (!send_will && client->will) {
    client->will.reset();
    records_.will(*client);
  }
  const std::uint32_t expiry = client->session_expiry_interval;
  if (client->will) {
    // [MQTT-3.1.3-9] [MQTT-3.1.2-8]: at the earlier of its delay and the session's end.
    client->will_due = after(now_, std::min(client->will->delay_s, expiry));
    if (client->will_due <= now_) publish_will(*client);
  }
  if (expiry == 0) {  // U5-3.1.2.11.2-a
    end_session(*client, DropReason::session_ended);
    return;
  }
  client->session_ends = after(now_, expiry);  // [MQTT-3.1.2-23]
  write_last(*client);
  records_.offline(*client);
  set_client_timer(*client);
}

}  // namespace gaon::broker
