#include "mqtt/cases_test.h"

namespace gaon::mqtt {

namespace {

using enum Version;
using enum QoS;
using enum Reason;

}  // namespace

std::vector<PacketCase> publish_cases() {
  const auto flags = [](bool dup, QoS qos, bool retain, std::uint16_t packet_id) {
    return Publish{.dup = dup,
                   .qos = qos,
                   .retain = retain,
                   .topic = "a/b",
                   .packet_id = packet_id,
                   .payload = bytes("'hello'")};
  };
  const auto plain = flags(false, at_most_once, false, 0);
  return {
      good("v5 publish", v5, "30 | <a/b> {} 'hello'", plain),
      good("v5 publish retained", v5, "31 | <a/b> {} 'hello'", flags(false, at_most_once, true, 0)),
      good("v5 publish QoS 1", v5, "32 | <a/b> 0001 {} 'hello'", flags(false, at_least_once, false, 1)),
      good("v5 publish QoS 1 repeated", v5, "3A | <a/b> FFFF {} 'hello'",
           flags(true, at_least_once, false, 65535)),
      good("v5 publish QoS 2 repeated and retained", v5, "3D | <a/b> 0102 {} 'hello'",
           flags(true, exactly_once, true, 0x0102)),
      good("v5 publish without payload", v5, "30 | <a> {}", Publish{.topic = "a"}),
      good("v5 publish with all properties", v5,
           "30 | <a> {01 01 02 0000000A 03 <t> 08 <r/t> 09 0001 00 0B 01 0B FFFFFF7F 23 0007 26 <k> <v>} 'x'",
           Publish{.topic = "a",
                   .properties = properties("01 01 02 0000000A 03 <t> 08 <r/t> 09 0001 00 0B 01 0B FFFFFF7F "
                                            "23 0007 26 <k> <v>"),
                   .payload = bytes("'x'")}),
      good("v5 publish with alias instead of topic", v5, "30 | <> {23 0001} 'x'",
           Publish{.topic = "", .properties = properties("23 0001"), .payload = bytes("'x'")}),
      good("v5 publish with topic of every length of UTF-8", v5, "30 | <aé€😀> {}", Publish{.topic = "aé€😀"}),
      good("v5 publish with U+FEFF, control and non-characters", v5, "30 | 000A EFBBBF 01 C280 EFBFBF 7F {}",
           Publish{.topic = "\xEF\xBB\xBF\x01\xC2\x80\xEF\xBF\xBF\x7F"}),
      good("v5 publish with a dollar topic", v5, "30 | <$SYS/x> {}", Publish{.topic = "$SYS/x"}),
      good("v311 publish", v311, "30 | <a/b> 'hello'", plain),
      good("v311 publish QoS 1", v311, "32 | <a/b> 000A 'hello'", flags(false, at_least_once, false, 10)),
      good("v311 publish QoS 2 repeated and retained", v311, "3D | <a/b> 000A 'hello'",
           flags(true, exactly_once, true, 10)),
      good("v31 publish", v31, "30 | <a/b> 'hello'", plain),
      good("v31 publish QoS 1 retained", v31, "33 | <a/b> 000A 'hello'",
           flags(false, at_least_once, true, 10)),
      bad("v5 publish with QoS 3", v5, "36 | <a> 0001 {}", malformed_packet),
      bad("v311 publish with QoS 3", v311, "36 | <a> 0001", malformed_packet),
      bad("v5 publish with DUP and QoS 0", v5, "38 | <a> {}", malformed_packet),
      bad("v5 publish QoS 1 with packet id 0", v5, "32 | <a> 0000 {}", protocol_error),
      bad("v311 publish QoS 2 with packet id 0", v311, "34 | <a> 0000", protocol_error),
      bad("v5 publish with plus in topic", v5, "30 | <a/+> {}", topic_name_invalid),
      bad("v5 publish with hash in topic", v5, "30 | <a/#> {}", topic_name_invalid),
      bad("v311 publish with wildcard in topic", v311, "30 | <#>", topic_name_invalid),
      bad("v5 publish with U+0000 in topic", v5, "30 | 0003 'a' 00 'b' {}", malformed_packet),
      bad("v311 publish with U+0000 in topic", v311, "30 | 0003 'a' 00 'b'", malformed_packet),
      bad("v5 publish with empty topic and no alias", v5, "30 | <> {} 'x'", protocol_error),
      bad("v311 publish with empty topic", v311, "30 | <> 'x'", protocol_error),
      bad("v5 publish with topic alias 0", v5, "30 | <a> {23 0000}", topic_alias_invalid),
      bad("v5 publish without properties", v5, "30 | <a>", malformed_packet),
      bad("v5 publish QoS 1 without packet id", v5, "32 | <a>", malformed_packet),
      bad("v5 publish with topic beyond the packet", v5, "30 | 0005 'abcd'", malformed_packet),
      bad("v5 publish with empty body", v5, "30 |", malformed_packet),
      bad("v5 publish with property length beyond the packet", v5, "30 | <a> 05 01 01", malformed_packet),
      bad("v5 publish with padded property length", v5, "30 | <a> 8000", malformed_packet),
      bad("v5 publish with property length of five bytes", v5, "30 | <a> 8080808001", malformed_packet),
      bad("v5 publish with wildcard in response topic", v5, "30 | <a> {08 <r/#>}", protocol_error),
      bad("v5 publish with plus in response topic", v5, "30 | <a> {08 <+>}", protocol_error),
  };
}

std::vector<PacketCase> ack_cases() {
  return {
      good("v5 puback", v5, "40 | 0001", Puback{.packet_id = 1}),
      good("v5 puback with reason", v5, "40 | 0001 10",
           Puback{.packet_id = 1, .reason = no_matching_subscribers}),
      good("v5 puback with properties", v5, "40 | 0001 87 {1F <no> 26 <k> <v>}",
           Puback{.packet_id = 1, .reason = not_authorized, .properties = properties("1F <no> 26 <k> <v>")}),
      good("v5 puback of success with properties", v5, "40 | 0001 00 {1F <ok>}",
           Puback{.packet_id = 1, .properties = properties("1F <ok>")}),
      longer("v5 puback of success in three bytes", v5, "40 | 0001 00", Puback{.packet_id = 1}),
      longer("v5 puback with empty properties", v5, "40 | 0001 00 {}", Puback{.packet_id = 1}),
      good("v311 puback", v311, "40 | ABCD", Puback{.packet_id = 0xABCD}),
      good("v31 puback", v31, "40 | ABCD", Puback{.packet_id = 0xABCD}),
      good("v5 pubrec", v5, "50 | 0002", Pubrec{.packet_id = 2}),
      good("v5 pubrec with reason", v5, "50 | 0002 97", Pubrec{.packet_id = 2, .reason = quota_exceeded}),
      good("v311 pubrec", v311, "50 | 0002", Pubrec{.packet_id = 2}),
      good("v31 pubrec", v31, "50 | 0002", Pubrec{.packet_id = 2}),
      good("v5 pubrel", v5, "62 | 0003", Pubrel{.packet_id = 3}),
      good("v5 pubrel with reason", v5, "62 | 0003 92",
           Pubrel{.packet_id = 3, .reason = packet_identifier_not_found}),
      good("v311 pubrel", v311, "62 | 0003", Pubrel{.packet_id = 3}),
      good("v31 pubrel", v31, "62 | 0003", Pubrel{.packet_id = 3}),
      good("v5 pubcomp", v5, "70 | FFFF", Pubcomp{.packet_id = 65535}),
      good(
          "v5 pubcomp with reason and properties", v5, "70 | 0004 92 {1F <?>}",
          Pubcomp{.packet_id = 4, .reason = packet_identifier_not_found, .properties = properties("1F <?>")}),
      good("v311 pubcomp", v311, "70 | 0004", Pubcomp{.packet_id = 4}),
      good("v31 pubcomp", v31, "70 | 0004", Pubcomp{.packet_id = 4}),
      bad("v5 puback with packet id 0", v5, "40 | 0000", protocol_error),
      bad("v311 pubrec with packet id 0", v311, "50 | 0000", protocol_error),
      bad("v5 puback with empty body", v5, "40 |", malformed_packet),
      bad("v5 puback with half a packet id", v5, "40 | 00", malformed_packet),
      bad("v5 puback with reason of pubrel", v5, "40 | 0001 92", protocol_error),
      bad("v5 puback with unknown reason", v5, "40 | 0001 55", protocol_error),
      bad("v5 pubrec with reason of disconnect", v5, "50 | 0001 8E", protocol_error),
      bad("v5 pubrel with reason of puback", v5, "62 | 0001 10", protocol_error),
      bad("v5 pubcomp with reason of puback", v5, "70 | 0001 87", protocol_error),
      bad("v311 puback with reason", v311, "40 | 0001 00", malformed_packet),
      bad("v31 pubrel with reason", v31, "62 | 0001 00", malformed_packet),
      bad("v5 puback with bytes after its properties", v5, "40 | 0001 00 {} 00", malformed_packet),
      bad("v5 pubrel with wrong flags", v5, "60 | 0001", malformed_packet),
      bad("v5 puback with wrong flags", v5, "42 | 0001", malformed_packet),
  };
}

}  // namespace gaon::mqtt
