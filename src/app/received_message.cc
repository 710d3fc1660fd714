#include "app/received_message.h"

namespace gaon::app {
namespace {

using mqtt::Property;
using mqtt::PropertyItem;

struct Row {
  Property id;
  void (*put)(ReceivedMessage& to, const PropertyItem& item);
};
constexpr Row kRows[] = {
    {Property::payload_format_indicator,
     [](ReceivedMessage& to, const PropertyItem& item) {
       to.payload_format = static_cast<std::uint8_t>(item.number);
     }},
    {Property::message_expiry_interval,
     [](ReceivedMessage& to, const PropertyItem& item) { to.message_expiry_s = item.number; }},
    {Property::content_type,
     [](ReceivedMessage& to, const PropertyItem& item) { to.content_type = as_text(item.value); }},
    {Property::response_topic,
     [](ReceivedMessage& to, const PropertyItem& item) { to.response_topic = as_text(item.value); }},
    {Property::correlation_data,
     [](ReceivedMessage& to, const PropertyItem& item) { to.correlation_data = as_text(item.value); }},
    {Property::subscription_identifier,
     [](ReceivedMessage& to, const PropertyItem& item) { to.subscription_ids.push_back(item.number); }},
    {Property::user_property,
     [](ReceivedMessage& to, const PropertyItem& item) {
       to.user_properties.emplace_back(as_text(item.value), as_text(item.second));
     }},
};

}  // namespace

ReceivedMessage received_message(const client::Received& message) {
  ReceivedMessage to{.topic = message.topic,
                     .payload = message.payload,
                     .qos = static_cast<std::uint8_t>(message.qos),
                     .retain = message.retain,
                     .packet_id = message.packet_id};
  for (const PropertyItem& item : message.properties()) {
    for (const Row& row : kRows) {
      if (row.id == item.id) row.put(to, item);
    }
  }
  return to;
}

}  // namespace gaon::app
