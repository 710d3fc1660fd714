// Packets with names, as bytes and as structs: the one table that decoder and encoder
// are tested with.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "mqtt/notation_test.h"
#include "mqtt/packet.h"

namespace gaon::mqtt {

struct PacketCase {
  std::string_view name;
  Version version;
  ByteView wire;
  std::optional<Packet> packet;    // what the wire says; none: it is refused
  Reason fault = Reason::success;  // with this reason
  bool canonical = true;           // whether encoding the packet gives the wire again
};

inline PacketCase good(std::string_view name, Version version, std::string_view notation, Packet packet) {
  return {.name = name, .version = version, .wire = bytes(notation), .packet = packet};
}
inline PacketCase longer(std::string_view name, Version version, std::string_view notation, Packet packet) {
  return {.name = name, .version = version, .wire = bytes(notation), .packet = packet, .canonical = false};
}
inline PacketCase bad(std::string_view name, Version version, std::string_view notation, Reason fault) {
  return {.name = name, .version = version, .wire = bytes(notation), .packet = {}, .fault = fault};
}

inline Properties properties(std::string_view notation) { return Properties(bytes(notation)); }
inline SubscriptionList subscriptions(std::string_view notation) { return SubscriptionList(bytes(notation)); }
inline FilterList filters(std::string_view notation) { return FilterList(bytes(notation)); }

std::vector<PacketCase> connect_cases();
std::vector<PacketCase> connack_cases();
std::vector<PacketCase> publish_cases();
std::vector<PacketCase> ack_cases();
std::vector<PacketCase> subscribe_cases();
std::vector<PacketCase> session_cases();  // PINGREQ, PINGRESP, DISCONNECT, AUTH

// All of them.
const std::vector<PacketCase>& packet_cases();

}  // namespace gaon::mqtt
