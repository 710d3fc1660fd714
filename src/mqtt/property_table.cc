#include "mqtt/property_table.h"

namespace gaon::mqtt {

namespace {

constexpr std::uint16_t bit(PropertyOwner owner) {
  return static_cast<std::uint16_t>(1 << static_cast<int>(owner));
}

constexpr std::uint16_t W = bit(PropertyOwner::will);
constexpr std::uint16_t C = bit(PropertyOwner::connect);
constexpr std::uint16_t CA = bit(PropertyOwner::connack);
constexpr std::uint16_t P = bit(PropertyOwner::publish);
constexpr std::uint16_t PA = bit(PropertyOwner::puback);
constexpr std::uint16_t PR = bit(PropertyOwner::pubrec);
constexpr std::uint16_t PL = bit(PropertyOwner::pubrel);
constexpr std::uint16_t PC = bit(PropertyOwner::pubcomp);
constexpr std::uint16_t S = bit(PropertyOwner::subscribe);
constexpr std::uint16_t SA = bit(PropertyOwner::suback);
constexpr std::uint16_t U = bit(PropertyOwner::unsubscribe);
constexpr std::uint16_t UA = bit(PropertyOwner::unsuback);
constexpr std::uint16_t D = bit(PropertyOwner::disconnect);
constexpr std::uint16_t A = bit(PropertyOwner::auth);
constexpr std::uint16_t kAll = W | C | CA | P | PA | PR | PL | PC | S | SA | U | UA | D | A;

using enum PropertyType;
using enum PropertyValue;

struct PropertyRow {
  Property id;
  PropertyRule rule;
};

constexpr PropertyRow kRows[] = {
    {Property::payload_format_indicator, {"Payload Format Indicator", byte, P | W, 0, zero_or_one}},
    {Property::message_expiry_interval, {"Message Expiry Interval", u32, P | W, 0, any}},
    {Property::content_type, {"Content Type", text, P | W, 0, any}},
    {Property::response_topic, {"Response Topic", text, P | W, 0, topic_name}},
    {Property::correlation_data, {"Correlation Data", binary, P | W, 0, any}},
    {Property::subscription_identifier, {"Subscription Identifier", varint, P | S, P, not_zero}},
    {Property::session_expiry_interval, {"Session Expiry Interval", u32, C | CA | D, 0, any}},
    {Property::assigned_client_identifier, {"Assigned Client Identifier", text, CA, 0, any}},
    {Property::server_keep_alive, {"Server Keep Alive", u16, CA, 0, any}},
    {Property::authentication_method, {"Authentication Method", text, C | CA | A, 0, any}},
    {Property::authentication_data, {"Authentication Data", binary, C | CA | A, 0, any}},
    {Property::request_problem_information, {"Request Problem Information", byte, C, 0, zero_or_one}},
    {Property::will_delay_interval, {"Will Delay Interval", u32, W, 0, any}},
    {Property::request_response_information, {"Request Response Information", byte, C, 0, zero_or_one}},
    {Property::response_information, {"Response Information", text, CA, 0, any}},
    {Property::server_reference, {"Server Reference", text, CA | D, 0, any}},
    {Property::reason_string, {"Reason String", text, CA | PA | PR | PL | PC | SA | UA | D | A, 0, any}},
    {Property::receive_maximum, {"Receive Maximum", u16, C | CA, 0, not_zero}},
    {Property::topic_alias_maximum, {"Topic Alias Maximum", u16, C | CA, 0, any}},
    {Property::topic_alias, {"Topic Alias", u16, P, 0, topic_alias}},
    {Property::maximum_qos, {"Maximum QoS", byte, CA, 0, zero_or_one}},
    {Property::retain_available, {"Retain Available", byte, CA, 0, zero_or_one}},
    {Property::user_property, {"User Property", text_pair, kAll, kAll, any}},
    {Property::maximum_packet_size, {"Maximum Packet Size", u32, C | CA, 0, not_zero}},
    {Property::wildcard_subscription_available,
     {"Wildcard Subscription Available", byte, CA, 0, zero_or_one}},
    {Property::subscription_identifier_available,
     {"Subscription Identifier Available", byte, CA, 0, zero_or_one}},
    {Property::shared_subscription_available, {"Shared Subscription Available", byte, CA, 0, zero_or_one}},
};

static_assert(std::size(kRows) == 27);

}  // namespace

// Read at every property of every packet, so by id rather than by search.
constexpr std::array<PropertyRule, kPropertyIds> kPropertyRules = [] {
  std::array<PropertyRule, kPropertyIds> table{};
  for (const PropertyRow& row : kRows) table[static_cast<std::size_t>(row.id)] = row.rule;
  return table;
}();

}  // namespace gaon::mqtt
