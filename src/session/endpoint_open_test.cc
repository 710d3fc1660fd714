// How a connection begins: CONNECT and CONNACK, who waits for whom, who is refused.
#include <gtest/gtest.h>

#include "session/pair_test.h"
#include "session/raw_test.h"

namespace gaon {
namespace {

using mqtt::Property;
using mqtt::QoS;
using mqtt::Reason;
using mqtt::Version;
using Role = Endpoint::Role;
using State = Endpoint::State;

constexpr Version kVersions[] = {Version::v31, Version::v311, Version::v5};

std::string connect_bytes(Version version, const std::string& client_id = "c") {
  return as_bytes_of(mqtt::Connect{.version = version, .clean_start = true, .client_id = client_id}, version);
}

TEST(EndpointOpen, a_server_is_open_once_it_has_accepted) {
  for (const Version version : kVersions) {
    Raw raw(Role::server, version);
    EXPECT_EQ(raw.endpoint().state(), State::opening);
    raw.receive_bytes(connect_bytes(version));
    EXPECT_EQ(raw.endpoint().state(), State::open);
    EXPECT_EQ(raw.endpoint().version(), version);
    EXPECT_EQ(raw.say(), Texts{"CONNACK"});
  }
}

TEST(EndpointOpen, a_connect_waits_until_it_is_answered_and_so_does_what_follows_it) {
  Raw raw(Role::server, Version::v5);
  raw.side.answers = false;
  const std::string publish =
      as_bytes_of(mqtt::Publish{.qos = QoS::at_least_once, .topic = "t", .packet_id = 1}, Version::v5);
  raw.receive_bytes(connect_bytes(Version::v5) + publish);
  EXPECT_EQ(raw.say(), Texts{});
  raw.side.answers = true;
  raw.side.waits = false;
  raw.receive_bytes(as_bytes_of(mqtt::Pingreq{}, Version::v5));
  EXPECT_EQ(raw.side.others, (Texts{"CONNECT", "CONNECT"}));  // It is shown again.
  EXPECT_EQ(raw.say(), (Texts{"CONNACK", "PUBACK #1", "PINGRESP"}));
}

TEST(EndpointOpen, a_connection_may_be_carried_elsewhere_before_it_is_answered) {
  const std::string rest = as_bytes_of(mqtt::Pingreq{}, Version::v5);
  const std::string bytes = connect_bytes(Version::v5) + rest;
  for (std::size_t split = connect_bytes(Version::v5).size(); split <= bytes.size(); ++split) {
    Raw here(Role::server, Version::v5);
    here.side.answers = false;
    here.receive_bytes(bytes.substr(0, split));
    const Buffer unread = here.endpoint().take_unread();
    EXPECT_EQ(as_text(unread.view()), bytes.substr(0, split));

    Raw there(Role::server, Version::v5);
    there.side.receive(unread.view(), there.now);
    there.receive_bytes(bytes.substr(split));
    EXPECT_EQ(there.say(), (Texts{"CONNACK", "PINGRESP"}));
  }
}

TEST(EndpointOpen, what_is_taken_away_does_not_have_the_packet_that_was_just_shown) {
  Raw raw = Raw::server(Version::v5);
  const std::string publish = as_bytes_of(mqtt::Publish{.topic = "t"}, Version::v5);
  const std::string ping = as_bytes_of(mqtt::Pingreq{}, Version::v5);
  const std::string bytes = publish + ping;
  raw.endpoint().receive(as_bytes(bytes), raw.now);
  ASSERT_TRUE(std::holds_alternative<mqtt::Publish>(*raw.endpoint().poll_event()));
  EXPECT_EQ(as_text(raw.endpoint().take_unread().view()), ping);
}

TEST(EndpointOpen, the_owner_refuses_with_what_the_version_can_say) {
  struct Case {
    Version version;
    Reason reason;
    std::string answer;
  };
  for (const Case& c : std::initializer_list<Case>{
           {Version::v5, Reason::not_authorized, std::string("\x20\x03\x00\x87\x00", 5)},
           {Version::v5, Reason::server_moved, std::string("\x20\x03\x00\x9D\x00", 5)},
           {Version::v311, Reason::not_authorized, std::string("\x20\x02\x00\x05", 4)},
           {Version::v311, Reason::client_identifier_not_valid, std::string("\x20\x02\x00\x02", 4)},
           {Version::v31, Reason::bad_user_name_or_password, std::string("\x20\x02\x00\x04", 4)},
           {Version::v31, Reason::server_busy, std::string("\x20\x02\x00\x03", 4)},
           {Version::v311, Reason::protocol_error, ""},
           {Version::v31, Reason::malformed_packet, ""}}) {
    Raw raw(Role::server, c.version);
    raw.side.answers = false;
    raw.receive_bytes(connect_bytes(c.version));
    raw.endpoint().refuse({.version = c.version}, c.reason);
    EXPECT_EQ(raw.side.take_output(), c.answer) << dotted(c.version) << ' ' << code(c.reason);
    EXPECT_EQ(raw.endpoint().state(), State::closed);
  }
}

TEST(EndpointOpen, a_refusal_too_large_for_the_client_goes_without_its_properties) {
  Raw raw(Role::server, Version::v5);
  raw.side.answers = false;
  Buffer limits;
  mqtt::PropertyWriter(limits).number(Property::maximum_packet_size, 20);
  const mqtt::Connect connect{.client_id = "c", .properties = mqtt::Properties(limits.view())};
  raw.receive(connect);
  Buffer properties;
  mqtt::PropertyWriter(properties).text(Property::reason_string, std::string(30, 'x'));
  raw.endpoint().refuse(connect, Reason::banned, mqtt::Properties(properties.view()));
  EXPECT_EQ(raw.side.output.size(), 5u);  // [MQTT-3.2.2-19]
  EXPECT_EQ(raw.say(), Texts{"CONNACK 8A"});
}

std::string bytes_of(std::initializer_list<int> bytes) {
  std::string text;
  for (const int byte : bytes) text += static_cast<char>(byte);
  return text;
}

TEST(EndpointOpen, a_bad_connect_is_answered_where_its_version_is_clear) {
  struct Case {
    const char* name;
    std::string connect;
    Reason reason;
    std::string answer;
  };
  const std::string mqtt = bytes_of({0, 4, 'M', 'Q', 'T', 'T'});
  const std::string mqisdp = bytes_of({0, 6, 'M', 'Q', 'I', 's', 'd', 'p'});
  const auto connect = [](const std::string& body) {
    return bytes_of({0x10, static_cast<int>(body.size())}) + body;
  };
  const std::initializer_list<Case> cases = {
      {"5.0 with the reserved flag", connect(mqtt + bytes_of({5, 0x01, 0, 0, 0, 0, 0})),
       Reason::malformed_packet, bytes_of({0x20, 3, 0, 0x81, 0})},
      {"5.0 with receive maximum 0", connect(mqtt + bytes_of({5, 0, 0, 0, 3, 0x21, 0, 0, 0, 0})),
       Reason::protocol_error, bytes_of({0x20, 3, 0, 0x82, 0})},
      {"5.0 that ends early", connect(mqtt + bytes_of({5, 0, 0})), Reason::malformed_packet,
       bytes_of({0x20, 3, 0, 0x81, 0})},
      {"3.1.1 with the reserved flag", connect(mqtt + bytes_of({4, 0x01, 0, 0, 0, 0})),
       Reason::malformed_packet, ""},
      {"3.1.1 that ends early", connect(mqtt + bytes_of({4, 0})), Reason::malformed_packet, ""},
      {"level 6", connect(mqtt + bytes_of({6, 2, 0, 0, 0, 0, 0})), Reason::unsupported_protocol_version,
       bytes_of({0x20, 2, 0, 1})},
      {"level 4 under the old name", connect(mqisdp + bytes_of({4, 2, 0, 0, 0, 0})),
       Reason::unsupported_protocol_version, ""},
      {"another protocol", connect(bytes_of({0, 4, 'H', 'T', 'T', 'P', 4, 2, 0, 0, 0, 0})),
       Reason::unsupported_protocol_version, ""},
      {"3.1 without a client id", connect(mqisdp + bytes_of({3, 2, 0, 0, 0, 0})),
       Reason::client_identifier_not_valid, bytes_of({0x20, 2, 0, 2})}};
  for (const Case& c : cases) {
    Raw raw(Role::server, Version::v5);
    raw.receive_bytes(c.connect);
    EXPECT_EQ(raw.side.take_output(), c.answer) << c.name;
    ASSERT_EQ(raw.side.violations.size(), 1u) << c.name;
    EXPECT_EQ(raw.side.violations[0].reason, c.reason) << c.name;
    EXPECT_EQ(raw.side.violations[0].packet, mqtt::PacketType::connect) << c.name;
    EXPECT_EQ(raw.endpoint().state(), State::closed) << c.name;
  }
}

TEST(EndpointOpen, a_client_is_open_once_it_is_accepted) {
  for (const Version version : kVersions) {
    Raw raw(Role::client, version);
    raw.endpoint().connect(raw.side.session, {.version = version, .client_id = "c"}, raw.now);
    EXPECT_EQ(raw.say(), Texts{"CONNECT"});
    EXPECT_EQ(raw.endpoint().state(), State::opening);
    raw.receive(mqtt::Connack{});
    EXPECT_EQ(raw.endpoint().state(), State::open);
    EXPECT_EQ(raw.side.others, Texts{"CONNACK"});
  }
}

TEST(EndpointOpen, a_client_that_is_refused_is_closed) {
  for (const Version version : kVersions) {
    Raw raw(Role::client, version);
    raw.endpoint().connect(raw.side.session, {.version = version, .client_id = "c"}, raw.now);
    raw.say();
    raw.receive(mqtt::Connack{.reason = Reason::not_authorized});
    EXPECT_EQ(raw.endpoint().state(), State::closed);
    EXPECT_EQ(raw.side.others, Texts{"CONNACK 87"});
    EXPECT_EQ(raw.say(), Texts{});
  }
}

TEST(EndpointOpen, a_client_that_began_anew_takes_no_session_for_present) {
  for (const Version version : {Version::v311, Version::v5}) {
    Raw raw(Role::client, version);
    raw.endpoint().connect(raw.side.session, {.version = version, .clean_start = true, .client_id = "c"},
                           raw.now);
    raw.say();
    raw.receive(mqtt::Connack{.session_present = true});  // [MQTT-3.2.2-4]
    ASSERT_EQ(raw.side.violations.size(), 1u);
    EXPECT_EQ(raw.side.violations[0].reason, Reason::protocol_error);
    EXPECT_EQ(raw.endpoint().state(), State::closed);
  }
}

TEST(EndpointOpen, messages_wait_until_the_connection_is_open) {
  Pair pair;
  pair.connect(true);
  pair.client.publish("t", "early", QoS::at_least_once, pair.now);
  EXPECT_EQ(pair.client.session.outbound.waiting(), 1u);
  pair.run();
  EXPECT_EQ(pair.server.payloads(), Texts{"early"});
}

TEST(EndpointOpen, what_is_announced_before_the_rest_is_there_gets_no_memory) {
  Raw raw(Role::server, Version::v5);
  raw.receive_bytes(std::string("\x10\xFF\xFF\xFF\x7F", 5));
  raw.receive_bytes(std::string(3, '\0'));
  EXPECT_LE(raw.endpoint().take_unread().capacity(), 200'000u);
}

}  // namespace
}  // namespace gaon
