// What a broker tells its client: plain values that own what they hold.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "mqtt/property.h"
#include "mqtt/reason.h"
#include "mqtt/version.h"

namespace gaon::client {

// The broker's good answer to CONNECT, with what it leaves open filled in.
struct Connected {
  bool session_present = false;
  std::string client_id;  // that it assigned, else our own
  std::uint16_t keep_alive_s = 0;
  std::uint32_t session_expiry_interval_s = 0;
  std::uint16_t receive_maximum = 65'535;
  std::uint32_t maximum_packet_size = 0;  // 0: no limit
  std::uint16_t topic_alias_maximum = 0;
  mqtt::QoS maximum_qos = mqtt::QoS::exactly_once;
  bool retain_available = true;
  std::string property_bytes;

  mqtt::Properties properties() const { return mqtt::Properties(as_bytes(property_bytes)); }
};

// A message. Topic aliases are resolved.
struct Received {
  std::string topic;
  std::string payload;
  mqtt::QoS qos = mqtt::QoS::at_most_once;
  bool retain = false;
  std::uint16_t packet_id = 0;  // 0 with QoS 0
  std::string property_bytes;

  mqtt::Properties properties() const { return mqtt::Properties(as_bytes(property_bytes)); }
};

// The answers to subscribe() and unsubscribe(): one reason a filter. MQTT 3.x gives none
// to unsubscribe().
struct Subscribed {
  std::uint16_t packet_id = 0;
  std::vector<mqtt::Reason> reasons;
};
struct Unsubscribed {
  std::uint16_t packet_id = 0;
  std::vector<mqtt::Reason> reasons;
};

// The answer to authenticate_again(): it was satisfied. If not, the connection ends.
struct AuthenticatedAgain {};

// A message of ours that the broker did not take, or could not be sent.
struct NotDelivered {
  std::string topic;
  std::string what;
};

// The connection is no more.
struct Disconnected {
  enum class Kind : std::uint8_t {
    lost,       // the network failed, or the broker closed without a word
    refused,    // by CONNACK, or here because MQTT does not allow the options or the
                // authentication method does not trust the broker
    by_broker,  // by DISCONNECT
    violation,  // the broker broke a rule, or asked for what we do not have
    silent,     // no answer to PINGREQ
  };
  Kind kind = Kind::lost;
  mqtt::Reason reason = mqtt::Reason::success;
  std::string what;
};

using Incoming =
    std::variant<Received, Subscribed, Unsubscribed, AuthenticatedAgain, NotDelivered, Disconnected>;

}  // namespace gaon::client
