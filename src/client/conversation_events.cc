// What the endpoint shows, and what a conversation makes of it.
#include <algorithm>
#include <utility>

#include "client/conversation.h"
#include "client/reason_text.h"

namespace gaon::client {

using mqtt::PacketType;
using mqtt::Property;
using mqtt::QoS;
using mqtt::Reason;
using mqtt::Version;

namespace {

std::string owned(ByteView bytes) { return std::string(as_text(bytes)); }

std::vector<Reason> reasons_of(ByteView bytes) {
  std::vector<Reason> reasons;
  for (const std::uint8_t byte : bytes) reasons.push_back(static_cast<Reason>(byte));
  return reasons;
}

Connected facts_of(const mqtt::Connack& packet, const ConnectOptions& options, std::string_view client_id) {
  const mqtt::Properties& properties = packet.properties;
  const auto number = [&](Property id, std::uint32_t otherwise) {
    return properties.number(id).value_or(otherwise);
  };
  return {
      .session_present = packet.session_present,
      .client_id = std::string(properties.text(Property::assigned_client_identifier).value_or(client_id)),
      .keep_alive_s = static_cast<std::uint16_t>(number(Property::server_keep_alive, options.keep_alive_s)),
      .session_expiry_interval_s =
          number(Property::session_expiry_interval, options.session_expiry_interval_s),
      .receive_maximum = static_cast<std::uint16_t>(number(Property::receive_maximum, 65'535)),
      .maximum_packet_size = number(Property::maximum_packet_size, 0),
      .topic_alias_maximum = static_cast<std::uint16_t>(number(Property::topic_alias_maximum, 0)),
      .maximum_qos = static_cast<QoS>(number(Property::maximum_qos, 2)),
      .retain_available = number(Property::retain_available, 1) != 0,
      .property_bytes = owned(properties.bytes())};
}

}  // namespace

void Conversation::handle(const mqtt::Connack& packet) {
  if (is_error(packet.reason)) {
    std::string what = "connection refused: " + reason_text(packet.reason, options_.version) +
                       reason_string(packet.properties);
    end({Disconnected::Kind::refused, packet.reason, std::move(what)});
    return;
  }
  if (exchange_ && !conclude(packet.properties)) return;
  // What was owed to the last connection is sent again by the broker; the packet ids of
  // QoS 2 are the session's. A CONNACK of 3.1 does not tell whether there is one.
  const bool session_present = options_.version == Version::v31 ? !clean_start_ : packet.session_present;
  for (Waiting& waiting : inbox_) {
    if (const auto* message = std::get_if<Received>(&waiting.incoming)) {
      waiting.owes = waiting.owes && session_present && message->qos == QoS::exactly_once;
    }
  }
  connected_ = facts_of(packet, options_, session_.client_id);
  session_.client_id = connected_.client_id;
  opened_ = had_session_ = true;
}

void Conversation::handle(const mqtt::Publish& packet) {
  Received message{.topic = std::string(packet.topic),
                   .payload = owned(packet.payload),
                   .qos = packet.qos,
                   .retain = packet.retain,
                   .packet_id = packet.packet_id,
                   .property_bytes = owned(packet.properties.bytes())};
  const std::size_t bytes = message.topic.size() + message.payload.size() + message.property_bytes.size();
  put(std::move(message), bytes, packet.qos != QoS::at_most_once);
}

void Conversation::handle(const mqtt::Suback& packet) {
  if (!answered({PacketType::suback, packet.packet_id, packet.reasons.size()})) return;
  put(Subscribed{packet.packet_id, reasons_of(packet.reasons)}, packet.reasons.size());
}

void Conversation::handle(const mqtt::Unsuback& packet) {
  if (!answered({PacketType::unsuback, packet.packet_id, packet.reasons.size()})) return;
  put(Unsubscribed{packet.packet_id, reasons_of(packet.reasons)}, packet.reasons.size());
}

void Conversation::handle(const mqtt::Disconnect& packet) {
  std::string what = "the broker ended the connection: " + reason_text(packet.reason, options_.version) +
                     reason_string(packet.properties);
  end({Disconnected::Kind::by_broker, packet.reason, std::move(what)});
}

void Conversation::handle(const Finished& finished) {
  if (!is_error(finished.reason)) {
    ++acknowledged_;
    return;
  }
  const std::string topic(finished.copy.message().topic());
  const std::size_t bytes = topic.size();
  put(NotDelivered{topic, reason_text(finished.reason, options_.version)}, bytes);
}

void Conversation::handle(const Released& released) {
  endpoint_->settle(PacketType::pubcomp, released.packet_id, Reason::success);
}

void Conversation::handle(const Violation& violation) {
  end({Disconnected::Kind::violation, violation.reason,
       "the broker broke the protocol with its " + std::string(name(violation.packet)) + ": " +
           violation.what});
}

// The entry of requests_ that this answers goes. Without one the connection goes.
bool Conversation::answered(const Request& answer) {
  const auto request = std::ranges::find(requests_, answer.packet_id, &Request::packet_id);
  const bool counts = answer.answer == PacketType::suback || options_.version == Version::v5;
  if (request == requests_.end() || request->answer != answer.answer ||
      (counts && request->filters != answer.filters)) {
    break_off("an answer that nothing asked for");  // [MQTT-3.8.4-6], [MQTT-3.11.3-1]
    return false;
  }
  requests_.erase(request);
  session_.outbound.release_packet_id(answer.packet_id);
  return true;
}

void Conversation::break_off(const char* what) {
  endpoint_->disconnect(Reason::protocol_error);
  end({Disconnected::Kind::violation, Reason::protocol_error,
       std::string("the broker broke the protocol: ") + what});
}

void Conversation::end(Disconnected ended) {
  ended_ = std::move(ended);
  if (opened_) put(ended_, ended_.what.size());
}

}  // namespace gaon::client
