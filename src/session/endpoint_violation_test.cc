// What a peer may not do, and what is said and done about it. Every rule in every
// version that has it.
#include <gtest/gtest.h>

#include "session/raw_test.h"

namespace gaon {
namespace {

using mqtt::PacketType;
using mqtt::Property;
using mqtt::QoS;
using mqtt::Reason;
using mqtt::Version;
using Role = Endpoint::Role;
using State = Endpoint::State;

constexpr QoS kQoS1 = QoS::at_least_once;
constexpr QoS kQoS2 = QoS::exactly_once;
constexpr Version kVersions[] = {Version::v31, Version::v311, Version::v5};
constexpr std::uint8_t kFailure[] = {0x80};

mqtt::Publish publish(std::uint16_t packet_id, QoS qos) {
  return {.qos = qos, .topic = "t", .packet_id = packet_id};
}

// The endpoint must have closed because of that packet, and have said so if it can.
void expect_violation(Raw& raw, PacketType packet, Reason reason, const char* what) {
  ASSERT_EQ(raw.side.violations.size(), 1u) << what << ' ' << dotted(raw.version);
  EXPECT_EQ(raw.side.violations[0].packet, packet) << what;
  EXPECT_EQ(raw.side.violations[0].reason, reason) << what;
  EXPECT_EQ(raw.endpoint().state(), State::closed) << what;
  const Texts said = raw.say();
  if (raw.version == Version::v5) {
    ASSERT_FALSE(said.empty()) << what;
    EXPECT_EQ(said.back(), "DISCONNECT " + code(reason)) << what;
  } else {
    EXPECT_TRUE(said.empty() || !said.back().starts_with("DISCONNECT")) << what;
  }
  // Nothing more is heard or said.
  raw.receive(mqtt::Pingreq{});
  raw.endpoint().send(mqtt::Pingresp{});
  raw.side.settle_all();
  EXPECT_EQ(raw.say(), Texts{}) << what;
  EXPECT_EQ(raw.side.violations.size(), 1u) << what;
}

TEST(Violation, nothing_but_connect_opens_a_connection) {
  for (const Version version : kVersions) {
    for (const mqtt::Packet& packet : std::initializer_list<mqtt::Packet>{
             mqtt::Pingreq{}, publish(1, kQoS1), mqtt::Puback{1}, mqtt::Connack{}, mqtt::Disconnect{}}) {
      Raw raw(Role::server, version);
      raw.receive(packet);
      ASSERT_EQ(raw.side.violations.size(), 1u) << told(packet);
      EXPECT_EQ(raw.side.violations[0].packet, type_of(packet));
      EXPECT_EQ(raw.endpoint().state(), State::closed);
      EXPECT_EQ(raw.say(), Texts{});  // No DISCONNECT before a CONNACK.
    }
  }
}

TEST(Violation, nothing_but_connack_or_auth_answers_a_connect) {
  for (const Version version : kVersions) {
    for (const mqtt::Packet& packet : std::initializer_list<mqtt::Packet>{mqtt::Pingresp{}, publish(1, kQoS1),
                                                                          mqtt::Suback{1, {}, kFailure}}) {
      Raw raw(Role::client, version);
      raw.endpoint().connect(raw.side.session, {.version = version, .client_id = "c"}, raw.now);
      raw.say();
      raw.receive(packet);
      ASSERT_EQ(raw.side.violations.size(), 1u) << told(packet);
      EXPECT_EQ(raw.say(), Texts{});
    }
  }
}

TEST(Violation, a_second_connect) {
  for (const Version version : kVersions) {
    Raw raw = Raw::server(version);
    raw.receive(mqtt::Connect{.version = version, .client_id = "c"});
    expect_violation(raw, PacketType::connect, Reason::protocol_error, "CONNECT");
  }
}

TEST(Violation, a_second_connack) {
  for (const Version version : kVersions) {
    Raw raw = Raw::client(version);
    raw.receive(mqtt::Connack{});
    expect_violation(raw, PacketType::connack, Reason::protocol_error, "CONNACK");
  }
}

TEST(Violation, a_packet_for_the_other_direction) {
  for (const Version version : kVersions) {
    for (const mqtt::Packet& packet : std::initializer_list<mqtt::Packet>{
             mqtt::Connack{}, mqtt::Suback{1, {}, kFailure}, mqtt::Pingresp{},
             mqtt::Unsuback{1, {}, version == Version::v5 ? ByteView(kFailure) : ByteView()}}) {
      Raw raw = Raw::server(version);
      raw.receive(packet);
      expect_violation(raw, type_of(packet), Reason::protocol_error, "to a server");
    }
    Raw raw = Raw::client(version);
    raw.receive(mqtt::Pingreq{});
    expect_violation(raw, PacketType::pingreq, Reason::protocol_error, "to a client");
  }
  for (const Version version : {Version::v31, Version::v311}) {  // U311-2.2.1-a
    Raw raw = Raw::client(version);
    raw.receive(mqtt::Disconnect{});
    expect_violation(raw, PacketType::disconnect, Reason::protocol_error, "DISCONNECT before MQTT 5");
  }
}

TEST(Violation, auth_is_the_owners_to_judge_in_mqtt_5_and_unknown_before) {
  Raw raw = Raw::server(Version::v5);
  Buffer method;
  mqtt::PropertyWriter(method).text(Property::authentication_method, "m");
  const mqtt::Auth auth{Reason::re_authenticate, mqtt::Properties(method.view())};
  raw.receive(auth);
  EXPECT_EQ(raw.side.others, Texts{"AUTH 19"});
  for (const Version version : {Version::v31, Version::v311}) {
    Raw old = Raw::server(version);
    old.receive_bytes(as_bytes_of(auth, Version::v5));
    expect_violation(old, PacketType::auth, Reason::malformed_packet, "AUTH");
  }
}

TEST(Violation, an_acknowledgement_of_the_wrong_kind) {
  struct Case {
    const char* name;
    QoS qos;
    mqtt::Packet answer;
  };
  const std::initializer_list<Case> cases = {{"PUBREC of QoS 1", kQoS1, mqtt::Pubrec{1}},
                                             {"PUBCOMP of QoS 1", kQoS1, mqtt::Pubcomp{1}},
                                             {"PUBACK of QoS 2", kQoS2, mqtt::Puback{1}},
                                             {"PUBCOMP before PUBREC", kQoS2, mqtt::Pubcomp{1}}};
  for (const Version version : kVersions) {
    for (const Case& c : cases) {
      Raw raw = Raw::server(version);
      raw.side.publish("t", "x", c.qos, raw.now);
      raw.say();
      raw.receive(c.answer);
      expect_violation(raw, type_of(c.answer), Reason::protocol_error, c.name);
    }
  }
}

TEST(Violation, an_acknowledgement_of_an_unknown_id_is_none) {
  for (const Version version : kVersions) {
    const bool v5 = version == Version::v5;
    Raw raw = Raw::server(version);
    raw.receive(mqtt::Puback{9});
    raw.receive(mqtt::Pubcomp{9});
    EXPECT_EQ(raw.say(), Texts{});
    raw.receive(mqtt::Pubrec{9});
    EXPECT_EQ(raw.say(), Texts{v5 ? "PUBREL #9 92" : "PUBREL #9"});  // U5-3.6-a
    raw.receive(mqtt::Pubrel{9});
    EXPECT_EQ(raw.say(), Texts{v5 ? "PUBCOMP #9 92" : "PUBCOMP #9"});
    if (v5) raw.receive(mqtt::Pubrec{9, Reason::unspecified_error});
    EXPECT_EQ(raw.say(), Texts{});
    EXPECT_EQ(raw.endpoint().state(), State::open);
    EXPECT_TRUE(raw.side.violations.empty());
  }
}

TEST(Violation, more_unfinished_than_the_receive_maximum) {
  for (const QoS qos : {kQoS1, kQoS2}) {
    Raw raw = Raw::server(Version::v5, {.receive_maximum = 2});
    raw.side.settles = false;
    raw.receive(publish(1, kQoS1));
    raw.receive(publish(2, kQoS2));
    raw.receive(mqtt::Publish{.topic = "t"});
    EXPECT_EQ(raw.side.got.size(), 3u);
    EXPECT_TRUE(raw.side.violations.empty());
    raw.receive(publish(3, qos));
    EXPECT_EQ(raw.side.got.size(), 3u);
    expect_violation(raw, PacketType::publish, Reason::receive_maximum_exceeded, "receive maximum");
  }
}

TEST(Violation, qos_2_counts_against_the_receive_maximum_until_its_pubrel) {
  Raw raw = Raw::server(Version::v5, {.receive_maximum = 2});
  raw.receive(publish(1, kQoS2));
  raw.receive(publish(2, kQoS2));
  EXPECT_EQ(raw.say(), (Texts{"PUBREC #1", "PUBREC #2"}));
  raw.receive(mqtt::Pubrel{1});
  raw.receive(publish(3, kQoS2));
  EXPECT_TRUE(raw.side.violations.empty());
  raw.receive(publish(4, kQoS2));
  expect_violation(raw, PacketType::publish, Reason::receive_maximum_exceeded, "QoS 2");
}

TEST(Violation, a_client_before_mqtt_5_knows_no_receive_maximum) {
  Raw raw = Raw::server(Version::v311, {.receive_maximum = 1});
  raw.side.settles = false;
  for (std::uint16_t id = 1; id <= 50; ++id) raw.receive(publish(id, kQoS2));
  EXPECT_EQ(raw.side.got.size(), 50u);
}

struct Aliased {
  Aliased(std::uint16_t alias, std::string_view topic) {
    mqtt::PropertyWriter writer(properties);
    writer.number(Property::topic_alias, alias);
    packet = {.topic = topic, .properties = mqtt::Properties(properties.view())};
  }
  Buffer properties;
  mqtt::Publish packet;
};

TEST(Violation, topic_aliases_that_are_not_to_be) {
  struct Case {
    const char* name;
    std::uint16_t maximum;
    std::uint16_t alias;
    const char* topic;
    Reason reason;
  };
  for (const Case& c : {Case{"above the maximum", 5, 6, "t", Reason::topic_alias_invalid},
                        {"none announced", 0, 1, "t", Reason::topic_alias_invalid},
                        {"never set", 5, 5, "", Reason::protocol_error}}) {
    for (const Role role : {Role::server, Role::client}) {
      const EndpointOptions options{.topic_alias_maximum = c.maximum};
      Raw raw = role == Role::server ? Raw::server(Version::v5, options) : Raw::client(Version::v5, options);
      raw.receive(Aliased(c.alias, c.topic).packet);
      expect_violation(raw, PacketType::publish, c.reason, c.name);
      EXPECT_TRUE(raw.side.got.empty());
    }
  }
}

TEST(Violation, topic_alias_0) {
  Raw raw = Raw::server(Version::v5, {.topic_alias_maximum = 5});
  raw.receive_bytes(std::string("\x30\x07\x00\x01t\x03\x23\x00\x00", 9));
  expect_violation(raw, PacketType::publish, Reason::topic_alias_invalid, "alias 0");
}

TEST(Violation, an_alias_may_be_moved_to_another_topic) {
  Raw raw = Raw::server(Version::v5, {.topic_alias_maximum = 5});
  raw.receive(Aliased(5, "a").packet);
  raw.receive(Aliased(5, "").packet);
  raw.receive(Aliased(5, "b").packet);
  raw.receive(Aliased(5, "").packet);
  std::string topics;
  for (const Side::Got& one : raw.side.got) topics += one.topic;
  EXPECT_EQ(topics, "aabb");
}

TEST(Violation, an_alias_is_set_by_a_repeat_too) {
  Raw raw = Raw::server(Version::v5, {.topic_alias_maximum = 5});
  raw.receive(publish(1, kQoS2));
  Aliased repeat(5, "t");
  repeat.packet.qos = kQoS2;
  repeat.packet.packet_id = 1;
  raw.receive(repeat.packet);
  raw.receive(Aliased(5, "").packet);
  EXPECT_EQ(raw.side.got.size(), 2u);
  EXPECT_EQ(raw.side.got.back().topic, "t");
}

TEST(Violation, a_subscription_identifier_from_a_client) {
  Buffer properties;
  mqtt::PropertyWriter(properties).number(Property::subscription_identifier, 1);
  const mqtt::Publish packet{.topic = "t", .properties = mqtt::Properties(properties.view())};
  Raw raw = Raw::server(Version::v5);
  raw.receive(packet);
  expect_violation(raw, PacketType::publish, Reason::protocol_error, "subscription identifier");
  Raw client = Raw::client(Version::v5);
  client.receive(packet);
  EXPECT_EQ(client.side.got.size(), 1u);
}

TEST(Violation, a_malformed_packet) {
  for (const Version version : kVersions) {
    Raw raw = Raw::server(version);
    raw.receive_bytes(std::string("\x30\x03\x00\x05t", 5));
    expect_violation(raw, PacketType::publish, Reason::malformed_packet, "topic longer than the packet");
    Raw flags = Raw::server(version);
    flags.receive_bytes(std::string("\x80\x00", 2));
    expect_violation(flags, PacketType::subscribe, Reason::malformed_packet, "flags of SUBSCRIBE");
  }
}

TEST(Violation, what_came_before_it_stands_and_what_comes_after_it_does_not) {
  Raw raw = Raw::server(Version::v5);
  const std::string good = as_bytes_of(publish(1, kQoS1), Version::v5);
  raw.receive_bytes(good + as_bytes_of(mqtt::Pingresp{}, Version::v5) + good);
  EXPECT_EQ(raw.side.got.size(), 1u);
  EXPECT_EQ(raw.say(), (Texts{"PUBACK #1", "DISCONNECT 82"}));
}

TEST(Violation, a_pubrel_storm_without_reading_the_answers) {
  Raw raw = Raw::server(Version::v311);
  raw.side.settles = false;
  raw.receive(publish(1, kQoS1));  // Everything behind it waits.
  std::string storm;
  for (int i = 0; i < 10'000; ++i) storm += as_bytes_of(mqtt::Pubrel{7}, Version::v311);
  for (int i = 0; i < 100 && raw.side.violations.empty(); ++i) raw.receive_bytes(storm);
  expect_violation(raw, PacketType::pubrel, Reason::quota_exceeded, "PUBREL");
}

TEST(Disconnect, closes_and_is_the_last_word_of_both) {
  for (const Version version : kVersions) {
    Raw raw = Raw::server(version);
    raw.side.settles = false;
    raw.receive(publish(1, kQoS1));
    raw.receive(mqtt::Disconnect{});
    EXPECT_EQ(raw.side.others, Texts{"DISCONNECT"});
    EXPECT_EQ(raw.endpoint().state(), State::closed);
    raw.endpoint().settle(PacketType::puback, 1, Reason::success);
    raw.receive(publish(2, kQoS1));
    EXPECT_EQ(raw.side.got.size(), 1u);
    EXPECT_EQ(raw.say(), Texts{});
  }
}

TEST(Disconnect, is_said_by_a_client_of_any_version_and_by_a_server_of_mqtt_5) {
  for (const Version version : kVersions) {
    Raw client = Raw::client(version);
    client.endpoint().disconnect(Reason::normal_disconnection);
    EXPECT_EQ(client.say(), Texts{"DISCONNECT"});
    Raw server = Raw::server(version);
    server.endpoint().disconnect(Reason::session_taken_over);
    EXPECT_EQ(server.say(), version == Version::v5 ? Texts{"DISCONNECT 8E"} : Texts{});
  }
}

}  // namespace
}  // namespace gaon
