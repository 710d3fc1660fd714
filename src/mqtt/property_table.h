// The 27 properties of MQTT 5 as a table: what kind of value each has, where it may
// stand and how often.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "mqtt/version.h"

namespace gaon::mqtt {

enum class Property : std::uint8_t {
  payload_format_indicator = 0x01,
  message_expiry_interval = 0x02,
  content_type = 0x03,
  response_topic = 0x08,
  correlation_data = 0x09,
  subscription_identifier = 0x0B,
  session_expiry_interval = 0x11,
  assigned_client_identifier = 0x12,
  server_keep_alive = 0x13,
  authentication_method = 0x15,
  authentication_data = 0x16,
  request_problem_information = 0x17,
  will_delay_interval = 0x18,
  request_response_information = 0x19,
  response_information = 0x1A,
  server_reference = 0x1C,
  reason_string = 0x1F,
  receive_maximum = 0x21,
  topic_alias_maximum = 0x22,
  topic_alias = 0x23,
  maximum_qos = 0x24,
  retain_available = 0x25,
  user_property = 0x26,
  maximum_packet_size = 0x27,
  wildcard_subscription_available = 0x28,
  subscription_identifier_available = 0x29,
  shared_subscription_available = 0x2A,
};

// What a block of properties belongs to: a packet, by its type, or the will in CONNECT.
enum class PropertyOwner : std::uint8_t {
  will = 0,
  connect = 1,
  connack,
  publish,
  puback,
  pubrec,
  pubrel,
  pubcomp,
  subscribe,
  suback,
  unsubscribe,
  unsuback,
  disconnect = 14,
  auth = 15,
};

constexpr PropertyOwner owner_of(PacketType type) { return static_cast<PropertyOwner>(type); }

enum class PropertyType : std::uint8_t { none, byte, u16, u32, varint, text, binary, text_pair };

// Rules on the value beyond its type.
enum class PropertyValue : std::uint8_t { any, zero_or_one, not_zero, topic_alias, topic_name };

struct PropertyRule {
  std::string_view name;
  PropertyType type = PropertyType::none;  // none: there is no such property
  std::uint16_t owners = 0;                // bit n: PropertyOwner n may have it
  std::uint16_t repeats = 0;               // bit n: PropertyOwner n may have it more than once
  PropertyValue value = PropertyValue::any;

  constexpr bool allowed_in(PropertyOwner owner) const {
    return (owners >> static_cast<int>(owner) & 1) != 0;
  }
  constexpr bool repeats_in(PropertyOwner owner) const {
    return (repeats >> static_cast<int>(owner) & 1) != 0;
  }
};

inline constexpr std::size_t kPropertyIds = 0x2B;
extern const std::array<PropertyRule, kPropertyIds> kPropertyRules;

inline const PropertyRule& rule(Property id) { return kPropertyRules[static_cast<std::size_t>(id)]; }

}  // namespace gaon::mqtt
