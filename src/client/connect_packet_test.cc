#include "client/connect_packet.h"

#include <gtest/gtest.h>

namespace gaon::client {
namespace {

using mqtt::Property;
using mqtt::Version;

std::string mistake(const ConnectOptions& options) {
  const auto made = connect_packet(options, {options.client_id, options.clean_start});
  return made ? "" : made.error().what;
}

TEST(ConnectPacket, options_become_fields_and_properties) {
  ConnectOptions options{.client_id = "c", .clean_start = false, .keep_alive_s = 9, .user_name = "u"};
  options.password = "p";
  options.session_expiry_interval_s = 60;
  options.receive_maximum = 5;
  options.maximum_packet_size = 1000;
  options.topic_alias_maximum = 3;
  options.will = WillOptions{.topic = "w", .payload = "bye", .qos = mqtt::QoS::at_least_once, .retain = true};
  const auto made = connect_packet(options, {options.client_id, options.clean_start});
  ASSERT_TRUE(made);
  const mqtt::Connect& packet = made->packet;
  EXPECT_EQ(packet.client_id, "c");
  EXPECT_FALSE(packet.clean_start);
  EXPECT_EQ(packet.keep_alive_s, 9);
  EXPECT_EQ(packet.user_name, "u");
  EXPECT_EQ(as_text(packet.password.value_or(ByteView())), "p");
  EXPECT_EQ(packet.properties.number(Property::session_expiry_interval), 60U);
  EXPECT_EQ(packet.properties.number(Property::receive_maximum), 5U);
  EXPECT_EQ(packet.properties.number(Property::maximum_packet_size), 1000U);
  EXPECT_EQ(packet.properties.number(Property::topic_alias_maximum), 3U);
  ASSERT_TRUE(packet.will);
  EXPECT_EQ(packet.will->topic, "w");
  EXPECT_TRUE(packet.will->retain);
}

TEST(ConnectPacket, version_3_has_no_properties) {
  ConnectOptions options{.version = Version::v311, .client_id = "c", .session_expiry_interval_s = 60};
  const auto made = connect_packet(options, {"c", true});
  ASSERT_TRUE(made);
  EXPECT_TRUE(made->packet.properties.empty());
  options.properties = "\x17\x01";
  EXPECT_EQ(mistake(options), "properties need MQTT 5");
}

TEST(ConnectPacket, what_mqtt_does_not_allow_is_named) {
  const std::string long_text(65'536, 'x');
  EXPECT_EQ(mistake({.client_id = long_text}), "the client identifier is longer than 65,535 bytes");
  EXPECT_EQ(mistake({.user_name = "\xff"}), "the user name is not UTF-8");
  EXPECT_EQ(mistake({.password = long_text}), "the password is longer than 65,535 bytes");
  EXPECT_EQ(mistake({.version = Version::v311, .password = "p"}),
            "a password without a user name needs MQTT 5");
  EXPECT_EQ(mistake({.will = WillOptions{.topic = "a/#", .payload = ""}}),
            "the will topic is empty or has wildcards");
  EXPECT_EQ(mistake({.will = WillOptions{.topic = "a", .payload = long_text}}),
            "the will is longer than 65,535 bytes");
  // A property that a field makes already.
  ConnectOptions twice{.receive_maximum = 5};
  twice.properties = std::string("\x21\x00\x05", 3);
  EXPECT_TRUE(mistake(twice).starts_with("properties of CONNECT: "));
}

}  // namespace
}  // namespace gaon::client
