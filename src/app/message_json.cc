#include "app/message_json.h"

#include <nlohmann/json.hpp>

namespace gaon::app {
namespace {

using Json = nlohmann::ordered_json;

// Deeper payloads stay strings: parser and printer go down one call a level.
constexpr int kDepthMax = 100;

Json payload_json(std::string_view payload, PayloadAs as) {
  if (as == PayloadAs::text) return payload;
  bool deep = false;
  const auto callback = [&deep](int depth, Json::parse_event_t, Json&) {
    deep = deep || depth > kDepthMax;
    return !deep;
  };
  Json value = Json::parse(payload, callback, false);
  if (value.is_discarded() || deep) return payload;
  return value;
}

template <class T>
void put(Json& to, const char* name, const std::optional<T>& value) {
  if (value) to[name] = *value;
}

Json properties_json(const ReceivedMessage& message) {
  Json properties = Json::object();
  put(properties, "payload-format-indicator", message.payload_format);
  put(properties, "message-expiry-interval", message.message_expiry_s);
  put(properties, "content-type", message.content_type);
  put(properties, "response-topic", message.response_topic);
  put(properties, "correlation-data", message.correlation_data);
  if (!message.subscription_ids.empty()) {
    properties["subscription-identifiers"] = message.subscription_ids;
  }
  for (const auto& [name, value] : message.user_properties) {
    properties["user-properties"].push_back(Json{{std::string(name), value}});
  }
  return properties;
}

}  // namespace

std::string message_json(const ReceivedMessage& message, std::string_view time, PayloadAs payload) {
  Json json = {{"tst", time},
               {"topic", message.topic},
               {"qos", message.qos},
               {"retain", message.retain ? 1 : 0},
               {"payloadlen", message.payload.size()}};
  if (message.packet_id != 0) json["mid"] = message.packet_id;
  if (Json properties = properties_json(message); !properties.empty()) {
    json["properties"] = std::move(properties);
  }
  json["payload"] = payload_json(message.payload, payload);
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace gaon::app
