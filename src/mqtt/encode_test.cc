#include "mqtt/encode.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "mqtt/cases_test.h"
#include "mqtt/decode.h"
#include "mqtt/same_test.h"

namespace gaon::mqtt {

namespace {

std::string shown(ByteView bytes) { return testing::PrintToString(std::vector(bytes.begin(), bytes.end())); }

TEST(Encode, gives_the_bytes_of_each_case) {
  for (const PacketCase& one : packet_cases()) {
    if (!one.packet) continue;
    SCOPED_TRACE(one.name);
    Buffer to;
    encode(*one.packet, one.version, to);
    EXPECT_EQ(encoded_size(*one.packet, one.version), to.size());
    if (one.canonical) {
      EXPECT_EQ(shown(to.view()), shown(one.wire));
    } else {
      EXPECT_LT(to.size(), one.wire.size());
    }
  }
}

TEST(Encode, appends_to_what_is_there) {
  Buffer to;
  encode(Pingreq{}, Version::v5, to);
  encode(Puback{.packet_id = 7}, Version::v5, to);
  EXPECT_EQ(shown(to.view()), shown(bytes("C0 00 40 02 0007")));
}

TEST(Encode, leaves_out_before_version_5_what_only_it_has) {
  const struct {
    Packet packet;
    std::string_view wire;
  } cases[] = {
      {Connack{.reason = Reason::server_busy, .properties = properties("1F <no>")}, "20 02 00 03"},
      {Connack{.reason = Reason::banned}, "20 02 00 05"},
      {Publish{.topic = "a", .properties = properties("01 01"), .payload = bytes("'x'")}, "30 | <a> 'x'"},
      {Puback{.packet_id = 1, .reason = Reason::not_authorized, .properties = properties("1F <no>")},
       "40 02 0001"},
      {Pubrel{.packet_id = 1, .reason = Reason::packet_identifier_not_found}, "62 02 0001"},
      {Subscribe{.packet_id = 1, .properties = properties("0B 01"), .subscriptions = subscriptions("<a> 2D")},
       "82 | 0001 <a> 01"},
      {Suback{.packet_id = 1, .properties = properties("1F <no>"), .reasons = bytes("02 87 8F 80 00")},
       "90 | 0001 02 80 80 80 00"},
      {Unsubscribe{.packet_id = 1, .properties = properties("26 <k> <v>"), .filters = filters("<a>")},
       "A2 | 0001 <a>"},
      {Unsuback{.packet_id = 1, .properties = properties("1F <x>"), .reasons = bytes("00 11")}, "B0 02 0001"},
      {Disconnect{.reason = Reason::session_taken_over, .properties = properties("1F <x>")}, "E0 00"},
  };
  for (const auto& one : cases) {
    SCOPED_TRACE(one.wire);
    Buffer to;
    encode(one.packet, Version::v311, to);
    EXPECT_EQ(shown(to.view()), shown(bytes(one.wire)));
    EXPECT_EQ(encoded_size(one.packet, Version::v311), to.size());
  }
}

TEST(Encode, never_says_session_present_in_a_refusal) {
  Buffer to;
  encode(Connack{.session_present = true, .reason = Reason::not_authorized}, Version::v5, to);
  EXPECT_EQ(shown(to.view()), shown(bytes("20 03 00 87 00")));
}

TEST(Encode, writes_the_head_of_a_publish_without_its_payload) {
  const std::uint32_t ids[] = {1, 200};
  const PublishHead head{.dup = true,
                         .qos = QoS::at_least_once,
                         .retain = true,
                         .topic = "a/b",
                         .packet_id = 0x0102,
                         .topic_alias = 7,
                         .message_expiry_interval = 60,
                         .subscription_ids = ids,
                         .properties = bytes("03 <t>"),
                         .payload_size = 5};
  Buffer v5;
  encode_head(head, Version::v5, v5);
  EXPECT_EQ(encoded_size(head, Version::v5), v5.size() + 5);
  v5.append(bytes("'hello'"));
  EXPECT_EQ(shown(v5.view()),
            shown(bytes("3B | <a/b> 0102 {23 0007 02 0000003C 0B 01 0B C801 03 <t>} 'hello'")));

  Buffer v311;
  encode_head(head, Version::v311, v311);
  EXPECT_EQ(encoded_size(head, Version::v311), v311.size() + 5);
  v311.append(bytes("'hello'"));
  EXPECT_EQ(shown(v311.view()), shown(bytes("3B | <a/b> 0102 'hello'")));
}

TEST(Encode, heads_agree_with_whole_publishes) {
  for (const PacketCase& one : publish_cases()) {
    if (!one.packet) continue;
    SCOPED_TRACE(one.name);
    const auto& publish = std::get<Publish>(*one.packet);
    const PublishHead head{.dup = publish.dup,
                           .qos = publish.qos,
                           .retain = publish.retain,
                           .topic = publish.topic,
                           .packet_id = publish.packet_id,
                           .properties = publish.properties.bytes(),
                           .payload_size = publish.payload.size()};
    Buffer to;
    encode_head(head, one.version, to);
    to.append(publish.payload);
    EXPECT_EQ(shown(to.view()), shown(one.wire));
    EXPECT_EQ(encoded_size(head, one.version), one.wire.size());
  }
}

TEST(Encode, counts_a_payload_of_the_largest_size) {
  PublishHead head{.topic = "a", .payload_size = 268'435'455 - 4};
  EXPECT_EQ(encoded_size(head, Version::v5), 268'435'460u);
  Buffer to;
  encode_head(head, Version::v5, to);
  EXPECT_EQ(shown(to.view()), shown(bytes("30 FFFFFF7F <a> 00")));
}

template <class Ack>
void expect_quick_as_packet(Reason reason) {
  for (const Version version : {Version::v31, Version::v311, Version::v5}) {
    Buffer quick;
    encode_ack(Ack::type, 0xABCD, reason, version, quick);
    Buffer whole;
    encode(Ack{.packet_id = 0xABCD, .reason = reason}, version, whole);
    EXPECT_EQ(shown(quick.view()), shown(whole.view())) << name(Ack::type) << " " << name(version);
  }
}

TEST(Encode, quick_acknowledgements_are_those_of_the_packets) {
  for (const Reason reason : {Reason::success, Reason::packet_identifier_not_found}) {
    expect_quick_as_packet<Puback>(reason);
    expect_quick_as_packet<Pubrec>(reason);
    expect_quick_as_packet<Pubrel>(reason);
    expect_quick_as_packet<Pubcomp>(reason);
  }
}

TEST(EncodeDeathTest, ends_the_process_at_what_cannot_be_said) {
  Buffer to;
  const std::string long_text(65536, 'a');
  EXPECT_DEATH(encode(Publish{.topic = long_text}, Version::v5, to), "65535|0xFFFF");
  EXPECT_DEATH(encode(Puback{.packet_id = 0}, Version::v5, to), "packet_id");
  EXPECT_DEATH(encode(Auth{}, Version::v311, to), "v5");
  EXPECT_DEATH(encode(Connack{.reason = Reason::protocol_error}, Version::v311, to), "has_value");
  EXPECT_DEATH(encode_head({.topic = "a", .payload_size = 268'435'456}, Version::v5, to), "kVarintMax");
}

}  // namespace

}  // namespace gaon::mqtt
