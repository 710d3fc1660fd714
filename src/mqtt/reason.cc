#include "mqtt/reason.h"

#include <array>

namespace gaon::mqtt {

namespace {

constexpr std::uint16_t bit(PacketType type) {
  return static_cast<std::uint16_t>(1 << static_cast<int>(type));
}

constexpr std::uint16_t CA = bit(PacketType::connack);
constexpr std::uint16_t PA = bit(PacketType::puback);
constexpr std::uint16_t PR = bit(PacketType::pubrec);
constexpr std::uint16_t PL = bit(PacketType::pubrel);
constexpr std::uint16_t PC = bit(PacketType::pubcomp);
constexpr std::uint16_t SA = bit(PacketType::suback);
constexpr std::uint16_t UA = bit(PacketType::unsuback);
constexpr std::uint16_t D = bit(PacketType::disconnect);
constexpr std::uint16_t A = bit(PacketType::auth);

struct ReasonRow {
  Reason reason;
  std::string_view name;
  int packets;
  std::uint8_t return_code = 0;  // of CONNACK before MQTT 5; 0: it has none
};

constexpr ReasonRow kRows[] = {
    {Reason::success, "Success", CA | PA | PR | PL | PC | SA | UA | D | A},
    {Reason::granted_qos_1, "Granted QoS 1", SA},
    {Reason::granted_qos_2, "Granted QoS 2", SA},
    {Reason::disconnect_with_will_message, "Disconnect with Will Message", D},
    {Reason::no_matching_subscribers, "No matching subscribers", PA | PR},
    {Reason::no_subscription_existed, "No subscription existed", UA},
    {Reason::continue_authentication, "Continue authentication", A},
    {Reason::re_authenticate, "Re-authenticate", A},
    {Reason::unspecified_error, "Unspecified error", CA | PA | PR | SA | UA | D},
    {Reason::malformed_packet, "Malformed Packet", CA | D},
    {Reason::protocol_error, "Protocol Error", CA | D},
    {Reason::implementation_specific_error, "Implementation specific error", CA | PA | PR | SA | UA | D},
    {Reason::unsupported_protocol_version, "Unsupported Protocol Version", CA, 1},
    {Reason::client_identifier_not_valid, "Client Identifier not valid", CA, 2},
    {Reason::bad_user_name_or_password, "Bad User Name or Password", CA, 4},
    {Reason::not_authorized, "Not authorized", CA | PA | PR | SA | UA | D, 5},
    {Reason::server_unavailable, "Server unavailable", CA, 3},
    {Reason::server_busy, "Server busy", CA | D, 3},
    {Reason::banned, "Banned", CA, 5},
    {Reason::server_shutting_down, "Server shutting down", D},
    {Reason::bad_authentication_method, "Bad authentication method", CA | D, 5},
    {Reason::keep_alive_timeout, "Keep Alive timeout", D},
    {Reason::session_taken_over, "Session taken over", D},
    {Reason::topic_filter_invalid, "Topic Filter invalid", SA | UA | D},
    {Reason::topic_name_invalid, "Topic Name invalid", CA | PA | PR | D},
    {Reason::packet_identifier_in_use, "Packet Identifier in use", PA | PR | SA | UA},
    {Reason::packet_identifier_not_found, "Packet Identifier not found", PL | PC},
    {Reason::receive_maximum_exceeded, "Receive Maximum exceeded", D},
    {Reason::topic_alias_invalid, "Topic Alias invalid", D},
    {Reason::packet_too_large, "Packet too large", CA | D},
    {Reason::message_rate_too_high, "Message rate too high", D},
    {Reason::quota_exceeded, "Quota exceeded", CA | PA | PR | SA | D, 3},
    {Reason::administrative_action, "Administrative action", D},
    {Reason::payload_format_invalid, "Payload format invalid", CA | PA | PR | D},
    {Reason::retain_not_supported, "Retain not supported", CA | D},
    {Reason::qos_not_supported, "QoS not supported", CA | D},
    {Reason::use_another_server, "Use another server", CA | D, 3},
    {Reason::server_moved, "Server moved", CA | D, 3},
    {Reason::shared_subscriptions_not_supported, "Shared Subscriptions not supported", SA | D},
    {Reason::connection_rate_exceeded, "Connection rate exceeded", CA | D, 3},
    {Reason::maximum_connect_time, "Maximum connect time", D},
    {Reason::subscription_identifiers_not_supported, "Subscription Identifiers not supported", SA | D},
    {Reason::wildcard_subscriptions_not_supported, "Wildcard Subscriptions not supported", SA | D},
};

// The rows by their code; codes that do not exist have an empty row.
constexpr auto kByCode = [] {
  std::array<ReasonRow, 256> table{};
  for (const ReasonRow& row : kRows) table[static_cast<std::size_t>(row.reason)] = row;
  return table;
}();

const ReasonRow& row_of(Reason reason) { return kByCode[static_cast<std::size_t>(reason)]; }

// Code 3 stands for several reasons, of which this is the plain one.
constexpr Reason kByReturnCode[] = {
    Reason::success,
    Reason::unsupported_protocol_version,
    Reason::client_identifier_not_valid,
    Reason::server_unavailable,
    Reason::bad_user_name_or_password,
    Reason::not_authorized,
};

}  // namespace

std::string_view name(Reason reason) { return row_of(reason).name; }

bool allowed_in(PacketType type, Reason reason) { return (row_of(reason).packets & bit(type)) != 0; }

std::optional<std::uint8_t> connect_return_code(Reason reason) {
  if (reason == Reason::success) return std::uint8_t{0};
  const std::uint8_t code = row_of(reason).return_code;
  if (code == 0) return std::nullopt;
  return code;
}

std::optional<Reason> from_connect_return_code(std::uint8_t code) {
  if (code >= std::size(kByReturnCode)) return std::nullopt;
  return kByReturnCode[code];
}

}  // namespace gaon::mqtt
