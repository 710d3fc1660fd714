// What the user asks a conversation to send.
#include <algorithm>
#include <utility>

#include "client/conversation.h"
#include "mqtt/utf8.h"
#include "topic/name.h"

namespace gaon::client {

using mqtt::PacketType;
using mqtt::Property;
using mqtt::PropertyOwner;
using mqtt::QoS;
using mqtt::Version;

namespace {

// Topic and payload leave this much for the rest of a packet.
constexpr std::size_t kRestMax = 256;

Result<mqtt::Properties> checked(ByteView bytes, PropertyOwner owner, Version version) {
  if (!bytes.empty() && version != Version::v5) return failure("properties need MQTT 5");
  const auto properties = mqtt::decode_property_items(bytes, owner);
  if (!properties) return failure(std::string("properties: ") + properties.error().what);
  return *properties;
}

bool good_filter(std::string_view filter) {
  if (filter.size() > topic::kNameMax || !mqtt::valid_utf8(filter)) return false;
  return topic::is_shared(filter) ? topic::parse_shared(filter).has_value() : topic::valid_filter(filter);
}

Result<void> check_filter(std::string_view filter) {
  if (!good_filter(filter)) return failure("'" + std::string(filter) + "' is no topic filter");
  return {};
}

}  // namespace

Result<void> Conversation::publish(const Publication& publication, Time now) {
  TRY(check(publication));
  TRY_SET(const mqtt::Properties properties,
          checked(publication.properties, PropertyOwner::publish, options_.version));
  Buffer passed_on;
  Time deadline = kNever;
  for (const mqtt::PropertyItem& item : properties) {
    if (item.id == Property::message_expiry_interval) {
      deadline = after(now, item.number);
    } else if (item.id == Property::subscription_identifier) {  // [MQTT-3.3.4-6]
      return failure("a client may not send a subscription identifier with a message");
    } else if (item.id != Property::topic_alias) {
      passed_on.append(item.raw);
    }
  }
  const Message message = Message::make({.deadline = deadline,
                                         .qos = publication.qos,
                                         .retain = publication.retain,
                                         .topic = publication.topic,
                                         .properties = passed_on.view(),
                                         .payload = publication.payload});
  const Delivery delivery{.message = message, .qos = publication.qos, .retain = publication.retain};
  const auto sending =
      endpoint_ ? endpoint_->publish(delivery, now, kOutputHigh) : Endpoint::Sending::blocked;
  if (sending == Endpoint::Sending::too_large) {
    return failure("the message is larger than the broker takes: " +
                   std::to_string(connected_.maximum_packet_size) + " bytes");
  }
  if (sending == Endpoint::Sending::sent) return {};
  if (!room()) return failure("too many messages wait to be sent");
  session_.outbound.enqueue(delivery);
  return {};
}

Result<void> Conversation::check(const Publication& publication) const {
  const std::string_view topic = publication.topic;
  if (topic.size() > topic::kNameMax || !mqtt::valid_utf8(topic) || !topic::valid_name(topic)) {
    return failure("'" + std::string(topic.substr(0, 200)) + "' is no topic to publish to");
  }
  if (topic.size() + publication.payload.size() + publication.properties.size() + kRestMax >
      mqtt::kPacketSizeMax) {
    return failure("the message is larger than MQTT allows");
  }
  if (publication.qos > connected_.maximum_qos) {  // [MQTT-3.2.2-11]
    return failure("the broker takes QoS " + std::to_string(static_cast<int>(connected_.maximum_qos)) +
                   " at most");
  }
  if (publication.retain && !connected_.retain_available) {  // [MQTT-3.2.2-14]
    return failure("the broker does not retain messages");
  }
  return {};
}

bool Conversation::room() const {
  return session_.outbound.waiting() < options_.outbound_messages_max &&
         session_.outbound.waiting_bytes() < options_.outbound_bytes_max;
}

Result<std::uint16_t> Conversation::subscribe(std::span<const mqtt::Subscription> subscriptions,
                                              ByteView properties) {
  mqtt::Subscribe packet;
  TRY_SET(packet.properties, checked(properties, PropertyOwner::subscribe, options_.version));
  Buffer payload;
  for (const mqtt::Subscription& subscription : subscriptions) {
    TRY(check_filter(subscription.filter));
    mqtt::append_subscription(payload, subscription);
    if (payload.size() > mqtt::kPacketSizeMax / 2) return failure("too many filters at once");
  }
  packet.subscriptions = mqtt::SubscriptionList(payload.view());
  return send_request(packet, PacketType::suback, subscriptions.size());
}

Result<std::uint16_t> Conversation::unsubscribe(std::span<const std::string_view> filters,
                                                ByteView properties) {
  mqtt::Unsubscribe packet;
  TRY_SET(packet.properties, checked(properties, PropertyOwner::unsubscribe, options_.version));
  Buffer payload;
  for (const std::string_view filter : filters) {
    TRY(check_filter(filter));
    mqtt::append_filter(payload, filter);
    if (payload.size() > mqtt::kPacketSizeMax / 2) return failure("too many filters at once");
  }
  packet.filters = mqtt::FilterList(payload.view());
  return send_request(packet, PacketType::unsuback, filters.size());
}

template <class Packet>
Result<std::uint16_t> Conversation::send_request(Packet packet, PacketType answer, std::size_t filters) {
  if (filters == 0) return failure("there is no filter");
  if (state() != State::open) return failure("there is no connection");
  packet.packet_id = 1;  // any one: its size is asked for
  if (connected_.maximum_packet_size != 0 &&
      mqtt::encoded_size(packet, options_.version) > connected_.maximum_packet_size) {  // [MQTT-3.2.2-15]
    return failure("the filters are more than the broker takes at once");
  }
  const auto packet_id = session_.outbound.reserve_packet_id();
  if (!packet_id) return failure("all packet identifiers are in use");
  packet.packet_id = *packet_id;
  requests_.push_back({answer, *packet_id, filters});
  endpoint_->send(packet);
  return *packet_id;
}

Result<void> Conversation::disconnect(mqtt::Reason reason, ByteView properties) {
  if (state() != State::open) return {};
  TRY_SET(const mqtt::Properties good, checked(properties, PropertyOwner::disconnect, options_.version));
  endpoint_->disconnect(reason, good);
  return {};
}

}  // namespace gaon::client
