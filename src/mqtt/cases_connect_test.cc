#include "mqtt/cases_test.h"

namespace gaon::mqtt {

namespace {

using enum Version;

// Every field a CONNECT of the version can have.
Connect full(Version version) {
  return {.version = version,
          .clean_start = true,
          .keep_alive_s = 60,
          .client_id = "c",
          .will = Will{.topic = "w/t", .payload = bytes("00 FF"), .qos = QoS::exactly_once, .retain = true},
          .user_name = "u",
          .password = bytes("'p'")};
}

Connect full_v5() {
  Connect connect = full(v5);
  connect.properties = properties("11 00000E10 21 000A 22 0005 27 00010000 19 01 17 00");
  connect.will->properties = properties("18 0000001E 01 01 02 0000003C 03 <text> 08 <r> 09 <id>");
  return connect;
}

std::vector<PacketCase> good_connects() {
  return {
      good("v5 connect with nothing", v5, "10 | <MQTT> 05 00 0000 {} <>", Connect{}),
      good("v5 connect with everything", v5,
           "10 | <MQTT> 05 F6 003C {11 00000E10 21 000A 22 0005 27 00010000 19 01 17 00} <c> "
           "{18 0000001E 01 01 02 0000003C 03 <text> 08 <r> 09 <id>} <w/t> 0002 00FF <u> <p>",
           full_v5()),
      good("v5 connect with clean start", v5, "10 | <MQTT> 05 02 0000 {} <c>",
           Connect{.clean_start = true, .client_id = "c"}),
      good("v5 connect with password and no user name", v5, "10 | <MQTT> 05 40 0000 {} <c> <p>",
           Connect{.client_id = "c", .password = bytes("'p'")}),
      good("v5 connect with empty user name and password", v5, "10 | <MQTT> 05 C0 0000 {} <c> <> <>",
           Connect{.client_id = "c", .user_name = "", .password = ByteView()}),
      good("v5 connect with empty will payload", v5, "10 | <MQTT> 05 04 0000 {} <c> {} <w> <>",
           Connect{.client_id = "c", .will = Will{.topic = "w"}}),
      good("v5 connect with authentication", v5, "10 | <MQTT> 05 00 0000 {15 <SCRAM> 16 <data>} <>",
           Connect{.properties = properties("15 <SCRAM> 16 <data>")}),
      good("v5 connect with longest keep alive", v5, "10 | <MQTT> 05 00 FFFF {} <>",
           Connect{.keep_alive_s = 65535}),
      good("v5 connect with binary password", v5, "10 | <MQTT> 05 40 0000 {} <> 0002 00FF",
           Connect{.password = bytes("00FF")}),
      good("v311 connect with nothing", v311, "10 | <MQTT> 04 02 0000 <>",
           Connect{.version = v311, .clean_start = true}),
      good("v311 connect with everything", v311, "10 | <MQTT> 04 F6 003C <c> <w/t> 0002 00FF <u> <p>",
           full(v311)),
      good("v311 connect with user name only", v311, "10 | <MQTT> 04 80 000A <c> <u>",
           Connect{.version = v311, .keep_alive_s = 10, .client_id = "c", .user_name = "u"}),
      good("v31 connect", v31, "10 | <MQIsdp> 03 02 003C <c>",
           Connect{.version = v31, .clean_start = true, .keep_alive_s = 60, .client_id = "c"}),
      good("v31 connect with everything", v31, "10 | <MQIsdp> 03 F6 003C <c> <w/t> 0002 00FF <u> <p>",
           full(v31)),
      good("v31 connect with client id of 23 letters", v31,
           "10 | <MQIsdp> 03 02 003C <abcdefghijklmnopqrstuvw>",
           Connect{.version = v31,
                   .clean_start = true,
                   .keep_alive_s = 60,
                   .client_id = "abcdefghijklmnopqrstuvw"}),
      good("v31 connect with client id of 23 characters in 46 bytes", v31,
           "10 | <MQIsdp> 03 02 0000 <ééééééééééééééééééééééé>",
           Connect{.version = v31, .clean_start = true, .client_id = "ééééééééééééééééééééééé"}),
  };
}

std::vector<PacketCase> bad_connects() {
  using enum Reason;
  return {
      bad("connect with name MQTX", v5, "10 | <MQTX> 05 00 0000 {} <>", unsupported_protocol_version),
      bad("connect with name in small letters", v5, "10 | <mqtt> 05 00 0000 {} <>",
          unsupported_protocol_version),
      bad("connect with name MQIsdp and level 5", v5, "10 | <MQIsdp> 05 00 0000 {} <>",
          unsupported_protocol_version),
      bad("connect with name MQTT and level 3", v311, "10 | <MQTT> 03 00 0000 <>",
          unsupported_protocol_version),
      bad("connect with level 0", v5, "10 | <MQTT> 00 00 0000 {} <>", unsupported_protocol_version),
      bad("connect with level 6", v5, "10 | <MQTT> 06 00 0000 {} <>", unsupported_protocol_version),
      bad("connect with level 127", v5, "10 | <MQTT> 7F 00 0000 {} <>", unsupported_protocol_version),
      bad("connect with the level of a bridge", v311, "10 | <MQTT> 84 02 0000 <>",
          unsupported_protocol_version),
      bad("connect with empty body", v5, "10 |", malformed_packet),
      bad("connect with reserved flag", v5, "10 | <MQTT> 05 01 0000 {} <>", malformed_packet),
      bad("v311 connect with reserved flag", v311, "10 | <MQTT> 04 03 0000 <>", malformed_packet),
      bad("v31 connect with reserved flag", v31, "10 | <MQIsdp> 03 03 0000 <c>", malformed_packet),
      bad("connect with will QoS 1 and no will", v5, "10 | <MQTT> 05 08 0000 {} <>", malformed_packet),
      bad("connect with will QoS 2 and no will", v5, "10 | <MQTT> 05 10 0000 {} <>", malformed_packet),
      bad("connect with will retain and no will", v5, "10 | <MQTT> 05 20 0000 {} <>", malformed_packet),
      bad("v311 connect with will retain and no will", v311, "10 | <MQTT> 04 22 0000 <>", malformed_packet),
      bad("connect with will QoS 3", v5, "10 | <MQTT> 05 1C 0000 {} <> {} <w> <>", malformed_packet),
      bad("v311 connect with will QoS 3", v311, "10 | <MQTT> 04 1C 0000 <> <w> <>", malformed_packet),
      bad("v311 connect with password and no user name", v311, "10 | <MQTT> 04 42 0000 <c> <p>",
          malformed_packet),
      bad("v31 connect with password and no user name", v31, "10 | <MQIsdp> 03 42 0000 <c> <p>",
          malformed_packet),
      bad("connect without properties", v5, "10 | <MQTT> 05 00 0000", malformed_packet),
      bad("connect without client id", v5, "10 | <MQTT> 05 00 0000 {}", malformed_packet),
      bad("connect without user name", v5, "10 | <MQTT> 05 80 0000 {} <c>", malformed_packet),
      bad("connect without password", v5, "10 | <MQTT> 05 C0 0000 {} <c> <u>", malformed_packet),
      bad("connect without will", v5, "10 | <MQTT> 05 04 0000 {} <c>", malformed_packet),
      bad("connect without will payload", v5, "10 | <MQTT> 05 04 0000 {} <c> {} <w>", malformed_packet),
      bad("connect with user name and no flag", v5, "10 | <MQTT> 05 00 0000 {} <c> <u>", malformed_packet),
      bad("connect with password and no flag", v5, "10 | <MQTT> 05 80 0000 {} <c> <u> <p>", malformed_packet),
      bad("connect with empty will topic", v5, "10 | <MQTT> 05 04 0000 {} <c> {} <> <x>", malformed_packet),
      bad("connect with wildcard in will topic", v5, "10 | <MQTT> 05 04 0000 {} <c> {} <a/+> <x>",
          malformed_packet),
      bad("v311 connect with wildcard in will topic", v311, "10 | <MQTT> 04 04 0000 <c> <a/#> <x>",
          malformed_packet),
      bad("connect with property length beyond the packet", v5, "10 | <MQTT> 05 00 0000 7F 1100000001 <>",
          malformed_packet),
      bad("connect with padded property length", v5, "10 | <MQTT> 05 00 0000 8000 <>", malformed_packet),
      bad("connect with authentication data and no method", v5, "10 | <MQTT> 05 00 0000 {16 <data>} <>",
          protocol_error),
      bad("v31 connect with empty client id", v31, "10 | <MQIsdp> 03 02 003C <>",
          client_identifier_not_valid),
      bad("v31 connect with client id of 24 letters", v31,
          "10 | <MQIsdp> 03 02 003C <abcdefghijklmnopqrstuvwx>", client_identifier_not_valid),
  };
}

}  // namespace

std::vector<PacketCase> connect_cases() {
  auto cases = good_connects();
  for (const PacketCase& one : bad_connects()) cases.push_back(one);
  return cases;
}

std::vector<PacketCase> connack_cases() {
  using enum Reason;
  const auto refusal = [](Reason reason) { return Connack{.reason = reason}; };
  return {
      good("v5 connack", v5, "20 | 00 00 {}", Connack{}),
      good("v5 connack with session present", v5, "20 | 01 00 {}", Connack{.session_present = true}),
      good("v5 connack with refusal", v5, "20 | 00 87 {1F <no>}",
           Connack{.reason = not_authorized, .properties = properties("1F <no>")}),
      good("v5 connack with limits", v5, "20 | 00 00 {12 <id> 13 0014 21 0010 24 01 25 00 28 00 29 01 2A 00}",
           Connack{.properties = properties("12 <id> 13 0014 21 0010 24 01 25 00 28 00 29 01 2A 00")}),
      good("v311 connack", v311, "20 | 00 00", Connack{}),
      good("v311 connack with session present", v311, "20 | 01 00", Connack{.session_present = true}),
      good("v311 connack 1", v311, "20 | 00 01", refusal(unsupported_protocol_version)),
      good("v311 connack 2", v311, "20 | 00 02", refusal(client_identifier_not_valid)),
      good("v311 connack 3", v311, "20 | 00 03", refusal(server_unavailable)),
      good("v311 connack 4", v311, "20 | 00 04", refusal(bad_user_name_or_password)),
      good("v311 connack 5", v311, "20 | 00 05", refusal(not_authorized)),
      good("v31 connack", v31, "20 | 00 00", Connack{}),
      good("v31 connack 2", v31, "20 | 00 02", refusal(client_identifier_not_valid)),
      bad("v5 connack with reserved flags", v5, "20 | 02 00 {}", malformed_packet),
      bad("v311 connack with reserved flags", v311, "20 | 80 00", malformed_packet),
      bad("v31 connack with session present", v31, "20 | 01 00", malformed_packet),
      bad("v5 connack with session present in a refusal", v5, "20 | 01 87 {}", protocol_error),
      bad("v311 connack with session present in a refusal", v311, "20 | 01 05", protocol_error),
      bad("v311 connack with reserved return code", v311, "20 | 00 06", protocol_error),
      bad("v5 connack with reason of another packet", v5, "20 | 00 8E {}", protocol_error),
      bad("v5 connack with unknown reason", v5, "20 | 00 05 {}", protocol_error),
      bad("v5 connack without properties", v5, "20 | 00 00", malformed_packet),
      bad("v311 connack with properties", v311, "20 | 00 00 {}", malformed_packet),
      bad("v311 connack without return code", v311, "20 | 00", malformed_packet),
      bad("v5 connack with empty body", v5, "20 |", malformed_packet),
      bad("v5 connack with authentication data and no method", v5, "20 | 00 00 {16 <data>}", protocol_error),
  };
}

}  // namespace gaon::mqtt
