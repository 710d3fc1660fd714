// Reason codes of MQTT 5, which the codec uses for every version, and what the
// decoder answers when a peer is wrong.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string_view>

#include "mqtt/version.h"

namespace gaon::mqtt {

enum class Reason : std::uint8_t {
  success = 0x00,
  normal_disconnection = 0x00,
  granted_qos_0 = 0x00,
  granted_qos_1 = 0x01,
  granted_qos_2 = 0x02,
  disconnect_with_will_message = 0x04,
  no_matching_subscribers = 0x10,
  no_subscription_existed = 0x11,
  continue_authentication = 0x18,
  re_authenticate = 0x19,
  unspecified_error = 0x80,
  malformed_packet = 0x81,
  protocol_error = 0x82,
  implementation_specific_error = 0x83,
  unsupported_protocol_version = 0x84,
  client_identifier_not_valid = 0x85,
  bad_user_name_or_password = 0x86,
  not_authorized = 0x87,
  server_unavailable = 0x88,
  server_busy = 0x89,
  banned = 0x8A,
  server_shutting_down = 0x8B,
  bad_authentication_method = 0x8C,
  keep_alive_timeout = 0x8D,
  session_taken_over = 0x8E,
  topic_filter_invalid = 0x8F,
  topic_name_invalid = 0x90,
  packet_identifier_in_use = 0x91,
  packet_identifier_not_found = 0x92,
  receive_maximum_exceeded = 0x93,
  topic_alias_invalid = 0x94,
  packet_too_large = 0x95,
  message_rate_too_high = 0x96,
  quota_exceeded = 0x97,
  administrative_action = 0x98,
  payload_format_invalid = 0x99,
  retain_not_supported = 0x9A,
  qos_not_supported = 0x9B,
  use_another_server = 0x9C,
  server_moved = 0x9D,
  shared_subscriptions_not_supported = 0x9E,
  connection_rate_exceeded = 0x9F,
  maximum_connect_time = 0xA0,
  subscription_identifiers_not_supported = 0xA1,
  wildcard_subscriptions_not_supported = 0xA2,
};

// "Malformed Packet"; empty for a value that no version defines.
std::string_view name(Reason reason);

constexpr bool is_error(Reason reason) { return static_cast<std::uint8_t>(reason) >= 0x80; }

// Whether MQTT 5 lists the reason for this packet, in either direction.
bool allowed_in(PacketType type, Reason reason);

// The CONNACK code of 3.1 and 3.1.1 for a reason; nullopt: close without CONNACK.
std::optional<std::uint8_t> connect_return_code(Reason reason);
// The other way; nullopt for the codes 6 to 255, which are reserved.
std::optional<Reason> from_connect_return_code(std::uint8_t code);

// What a peer did wrong: the code that tells it, and a static text that tells us.
struct Fault {
  Reason reason;
  const char* what;
};

template <class T>
using Decoded = std::expected<T, Fault>;

inline std::unexpected<Fault> fault(Reason reason, const char* what) {
  return std::unexpected(Fault{reason, what});
}
inline std::unexpected<Fault> malformed(const char* what) { return fault(Reason::malformed_packet, what); }
inline std::unexpected<Fault> violation(const char* what) { return fault(Reason::protocol_error, what); }

}  // namespace gaon::mqtt
