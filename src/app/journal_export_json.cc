#include "app/journal_export_json.h"

#include "app/base64.h"
#include "app/journal_directory.h"
#include "mqtt/property.h"
#include "mqtt/utf8.h"

namespace gaon::app {
namespace {

Json time_json(Time time) {
  std::string text = time_text(time);
  return text.empty() ? Json() : Json(std::move(text));
}

constexpr std::string_view kStates[] = {"waiting", "sent", "received"};

Json properties_json(ByteView bytes) {
  using mqtt::Property;
  const auto properties = mqtt::decode_property_items(bytes, mqtt::PropertyOwner::publish);
  Json json = Json::object();
  if (!properties) return json;
  for (const mqtt::PropertyItem& item : *properties) {
    switch (item.id) {
      case Property::payload_format_indicator:
        json["payload_format_indicator"] = item.number;
        break;
      case Property::content_type:
        json["content_type"] = as_text(item.value);
        break;
      case Property::response_topic:
        json["response_topic"] = as_text(item.value);
        break;
      case Property::correlation_data:
        json["correlation_data_base64"] = base64(item.value);
        break;
      case Property::user_property:
        json["user_properties"].push_back({as_text(item.value), as_text(item.second)});
        break;
      default:
        break;
    }
  }
  return json;
}

}  // namespace

void put_message(Json& json, const MessageParts& message) {
  json["topic"] = message.topic;
  json["message_id"] = std::to_string(message.id.value);  // more than JSON's readers keep of a number
  if (!json.contains("qos")) json["qos"] = static_cast<int>(message.qos);
  if (!json.contains("retain")) json["retain"] = message.retain;
  json["expires"] = time_json(message.deadline);
  if (Json properties = properties_json(message.properties); !properties.empty())
    json["properties"] = std::move(properties);
  json["payload_base64"] = base64(message.payload);
  if (mqtt::valid_utf8(as_text(message.payload))) json["payload_text"] = as_text(message.payload);
}

void put_copy(Json& json, const broker::SessionImage& session, const broker::CopyImage& copy) {
  json["sequence"] = copy.sequence;
  json["state"] = kStates[static_cast<std::size_t>(copy.state) % std::size(kStates)];
  json["qos"] = static_cast<int>(copy.qos);
  json["retain"] = copy.retain;
  if (const auto more = session.more.find(copy.sequence); more != session.more.end()) {
    json["subscription_ids"] = more->second;
  } else if (copy.subscription_id != 0) {
    json["subscription_ids"] = Json::array({copy.subscription_id});
  }
}

Json session_json(const broker::SessionImage& session, std::size_t messages) {
  Json json = {
      {"type", "session"},           {"client_id", session.client_id},  {"expiry_s", session.expiry_s},
      {"connected", session.online}, {"ends", time_json(session.ends)}, {"subscriptions", Json::array()}};
  if (!session.user.empty()) json["user"] = session.user;
  for (const auto& [filter, options] : session.subscriptions) {
    Json one = {{"filter", filter},
                {"qos", static_cast<int>(options.qos)},
                {"no_local", static_cast<bool>(options.no_local)},
                {"retain_as_published", static_cast<bool>(options.retain_as_published)}};
    if (options.subscription_id != 0) one["subscription_id"] = options.subscription_id;
    json["subscriptions"].push_back(std::move(one));
  }
  json["messages"] = messages;
  json["qos2_ids_held"] = session.held.size();
  if (!session.will) return json;
  const Message& message = session.will->message;
  Json will = {{"delay_s", session.will->delay_s}, {"due", time_json(session.will_due)}};
  put_message(will, {.qos = message.qos(),
                     .retain = message.retain(),
                     .topic = message.topic(),
                     .properties = message.properties(),
                     .payload = message.payload()});
  will.erase("message_id");
  json["will"] = std::move(will);
  return json;
}

std::string json_line(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + '\n';
}

}  // namespace gaon::app
