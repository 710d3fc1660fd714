#include "mqtt/cases_test.h"

namespace gaon::mqtt {

namespace {

using enum Version;
using enum Reason;

std::vector<PacketCase> requests() {
  return {
      good("v5 subscribe", v5, "82 | 0001 {} <a/#> 00",
           Subscribe{.packet_id = 1, .subscriptions = subscriptions("<a/#> 00")}),
      good("v5 subscribe with all options", v5, "82 | 0001 {} <a> 2E <b> 11 <c> 02",
           Subscribe{.packet_id = 1, .subscriptions = subscriptions("<a> 2E <b> 11 <c> 02")}),
      good("v5 subscribe with subscription identifier", v5, "82 | 0001 {0B 8001 26 <k> <v>} <a> 01",
           Subscribe{.packet_id = 1,
                     .properties = properties("0B 8001 26 <k> <v>"),
                     .subscriptions = subscriptions("<a> 01")}),
      good("v5 subscribe with largest subscription identifier", v5, "82 | 0001 {0B FFFFFF7F} <a> 01",
           Subscribe{.packet_id = 1,
                     .properties = properties("0B FFFFFF7F"),
                     .subscriptions = subscriptions("<a> 01")}),
      good("v5 subscribe to a share", v5, "82 | 0001 {} <$share/g/a> 01",
           Subscribe{.packet_id = 1, .subscriptions = subscriptions("<$share/g/a> 01")}),
      good("v5 subscribe leaves the syntax of filters alone", v5, "82 | 0001 {} <a#b/+c> 01",
           Subscribe{.packet_id = 1, .subscriptions = subscriptions("<a#b/+c> 01")}),
      good("v311 subscribe", v311, "82 | ABCD <a> 00 <b> 01 <c> 02",
           Subscribe{.packet_id = 0xABCD, .subscriptions = subscriptions("<a> 00 <b> 01 <c> 02")}),
      good("v31 subscribe", v31, "82 | 0001 <a> 02",
           Subscribe{.packet_id = 1, .subscriptions = subscriptions("<a> 02")}),
      good("v5 unsubscribe", v5, "A2 | 0001 {} <a> <b/#>",
           Unsubscribe{.packet_id = 1, .filters = filters("<a> <b/#>")}),
      good("v5 unsubscribe with user property", v5, "A2 | 0001 {26 <k> <v>} <a>",
           Unsubscribe{.packet_id = 1, .properties = properties("26 <k> <v>"), .filters = filters("<a>")}),
      good("v311 unsubscribe", v311, "A2 | 0001 <a>", Unsubscribe{.packet_id = 1, .filters = filters("<a>")}),
      good("v31 unsubscribe", v31, "A2 | 0001 <a> <b>",
           Unsubscribe{.packet_id = 1, .filters = filters("<a> <b>")}),
      bad("v5 subscribe with wrong flags", v5, "80 | 0001 {} <a> 00", malformed_packet),
      bad("v5 unsubscribe with wrong flags", v5, "A0 | 0001 {} <a>", malformed_packet),
      bad("v5 subscribe with packet id 0", v5, "82 | 0000 {} <a> 00", protocol_error),
      bad("v5 unsubscribe with packet id 0", v5, "A2 | 0000 {} <a>", protocol_error),
      bad("v5 subscribe without filter", v5, "82 | 0001 {}", protocol_error),
      bad("v311 subscribe without filter", v311, "82 | 0001", protocol_error),
      bad("v5 unsubscribe without filter", v5, "A2 | 0001 {}", protocol_error),
      bad("v31 unsubscribe without filter", v31, "A2 | 0001", protocol_error),
      bad("v5 subscribe without properties", v5, "82 | 0001", malformed_packet),
      bad("v5 subscribe with empty filter", v5, "82 | 0001 {} <> 00", malformed_packet),
      bad("v311 subscribe with empty filter", v311, "82 | 0001 <> 00", malformed_packet),
      bad("v5 unsubscribe with empty filter", v5, "A2 | 0001 {} <>", malformed_packet),
      bad("v5 subscribe without options", v5, "82 | 0001 {} <a>", malformed_packet),
      bad("v5 subscribe with reserved option bit 6", v5, "82 | 0001 {} <a> 40", malformed_packet),
      bad("v5 subscribe with reserved option bit 7", v5, "82 | 0001 {} <a> 80", malformed_packet),
      bad("v5 subscribe with QoS 3", v5, "82 | 0001 {} <a> 03", protocol_error),
      bad("v5 subscribe with retain handling 3", v5, "82 | 0001 {} <a> 30", protocol_error),
      bad("v311 subscribe with QoS 3", v311, "82 | 0001 <a> 03", malformed_packet),
      bad("v311 subscribe with no local", v311, "82 | 0001 <a> 04", malformed_packet),
      bad("v31 subscribe with reserved bits", v31, "82 | 0001 <a> 81", malformed_packet),
      bad("v5 subscribe with subscription identifier 0", v5, "82 | 0001 {0B 00} <a> 00", protocol_error),
      bad("v5 subscribe with two subscription identifiers", v5, "82 | 0001 {0B 01 0B 02} <a> 00",
          protocol_error),
      bad("v5 subscribe with padded subscription identifier", v5, "82 | 0001 {0B 8100} <a> 00",
          malformed_packet),
      bad("v5 subscribe with a bad second filter", v5, "82 | 0001 {} <a> 00 0002 C328 00", malformed_packet),
      bad("v5 unsubscribe with a bad second filter", v5, "A2 | 0001 {} <a> 0001 FF", malformed_packet),
  };
}

std::vector<PacketCase> answers() {
  return {
      good("v5 suback", v5, "90 | 0001 {} 00 01 02 80 87 8F A2",
           Suback{.packet_id = 1, .reasons = bytes("00 01 02 80 87 8F A2")}),
      good("v5 suback with reason string", v5, "90 | 0001 {1F <no>} 80",
           Suback{.packet_id = 1, .properties = properties("1F <no>"), .reasons = bytes("80")}),
      good("v311 suback", v311, "90 | 0001 00 01 02 80",
           Suback{.packet_id = 1, .reasons = bytes("00 01 02 80")}),
      good("v31 suback", v31, "90 | 0001 02", Suback{.packet_id = 1, .reasons = bytes("02")}),
      good("v5 unsuback", v5, "B0 | 0001 {} 00 11 80",
           Unsuback{.packet_id = 1, .reasons = bytes("00 11 80")}),
      good("v5 unsuback with properties", v5, "B0 | 0001 {1F <x> 26 <k> <v>} 00",
           Unsuback{.packet_id = 1, .properties = properties("1F <x> 26 <k> <v>"), .reasons = bytes("00")}),
      good("v311 unsuback", v311, "B0 | 0001", Unsuback{.packet_id = 1}),
      good("v31 unsuback", v31, "B0 | 0001", Unsuback{.packet_id = 1}),
      bad("v5 suback with packet id 0", v5, "90 | 0000 {} 00", protocol_error),
      bad("v5 suback without reasons", v5, "90 | 0001 {}", protocol_error),
      bad("v311 suback without return codes", v311, "90 | 0001", protocol_error),
      bad("v5 suback with reason of unsuback", v5, "90 | 0001 {} 00 11", protocol_error),
      bad("v311 suback with QoS 3", v311, "90 | 0001 03", protocol_error),
      bad("v311 suback with reason of MQTT 5", v311, "90 | 0001 87", protocol_error),
      bad("v5 unsuback without reasons", v5, "B0 | 0001 {}", protocol_error),
      bad("v5 unsuback with reason of suback", v5, "B0 | 0001 {} 01", protocol_error),
      bad("v311 unsuback with reasons", v311, "B0 | 0001 00", malformed_packet),
      bad("v5 suback with wrong flags", v5, "92 | 0001 {} 00", malformed_packet),
      bad("v5 unsuback with wrong flags", v5, "B1 | 0001 {} 00", malformed_packet),
  };
}

}  // namespace

std::vector<PacketCase> subscribe_cases() {
  auto cases = requests();
  for (const PacketCase& one : answers()) cases.push_back(one);
  return cases;
}

std::vector<PacketCase> session_cases() {
  return {
      good("v5 pingreq", v5, "C0 00", Pingreq{}),
      good("v311 pingreq", v311, "C0 00", Pingreq{}),
      good("v31 pingreq", v31, "C0 00", Pingreq{}),
      good("v5 pingresp", v5, "D0 00", Pingresp{}),
      good("v311 pingresp", v311, "D0 00", Pingresp{}),
      good("v31 pingresp", v31, "D0 00", Pingresp{}),
      good("v5 disconnect", v5, "E0 00", Disconnect{}),
      good("v5 disconnect with reason", v5, "E0 01 04", Disconnect{.reason = disconnect_with_will_message}),
      good("v5 disconnect with properties", v5, "E0 | 00 {11 00000000}",
           Disconnect{.properties = properties("11 00000000")}),
      good("v5 disconnect with server reference", v5, "E0 | 9C {1C <other> 1F <go>}",
           Disconnect{.reason = use_another_server, .properties = properties("1C <other> 1F <go>")}),
      longer("v5 disconnect of success in one byte", v5, "E0 01 00", Disconnect{}),
      longer("v5 disconnect with empty properties", v5, "E0 | 00 {}", Disconnect{}),
      good("v311 disconnect", v311, "E0 00", Disconnect{}),
      good("v31 disconnect", v31, "E0 00", Disconnect{}),
      good("v5 auth", v5, "F0 | 18 {15 <SCRAM> 16 <data>}",
           Auth{.reason = continue_authentication, .properties = properties("15 <SCRAM> 16 <data>")}),
      good("v5 re-authentication", v5, "F0 | 19 {15 <SCRAM>}",
           Auth{.reason = re_authenticate, .properties = properties("15 <SCRAM>")}),
      good("v5 auth of success", v5, "F0 | 00 {15 <SCRAM>}", Auth{.properties = properties("15 <SCRAM>")}),
      good("v5 auth with empty body", v5, "F0 00", Auth{}),
      bad("pingreq with a body", v5, "C0 01 00", malformed_packet),
      bad("v311 pingresp with a body", v311, "D0 01 00", malformed_packet),
      bad("pingreq with wrong flags", v5, "C1 00", malformed_packet),
      bad("v311 disconnect with reason", v311, "E0 01 00", malformed_packet),
      bad("v5 disconnect with wrong flags", v5, "E1 00", malformed_packet),
      bad("v5 disconnect with unknown reason", v5, "E0 01 05", protocol_error),
      bad("v5 disconnect with reason of connack", v5, "E0 01 85", protocol_error),
      bad("v5 disconnect with bytes after its properties", v5, "E0 | 00 {} 00", malformed_packet),
      bad("v5 auth without properties", v5, "F0 01 18", malformed_packet),
      bad("v5 auth without method", v5, "F0 | 18 {}", protocol_error),
      bad("v5 auth with data and no method", v5, "F0 | 18 {16 <data>}", protocol_error),
      bad("v5 auth with unknown reason", v5, "F0 | 80 {15 <SCRAM>}", protocol_error),
      bad("v5 auth with wrong flags", v5, "F2 00", malformed_packet),
      bad("v311 auth", v311, "F0 00", malformed_packet),
      bad("v31 auth", v31, "F0 00", malformed_packet),
      bad("packet type 0", v5, "00 00", malformed_packet),
      bad("padded remaining length", v5, "C0 8000", malformed_packet),
      bad("padded remaining length in three bytes", v5, "E0 81 80 00 04", malformed_packet),
      bad("remaining length of five bytes", v5, "30 80 80 80 80 01", malformed_packet),
  };
}

const std::vector<PacketCase>& packet_cases() {
  static const auto all = [] {
    std::vector<PacketCase> cases;
    for (const auto part :
         {connect_cases, connack_cases, publish_cases, ack_cases, subscribe_cases, session_cases}) {
      for (const PacketCase& one : part()) cases.push_back(one);
    }
    return cases;
  }();
  return all;
}

}  // namespace gaon::mqtt
