#include "app/client_options.h"

#include <gtest/gtest.h>

#include "mqtt/property.h"

namespace gaon::app {
namespace {

using mqtt::Property;

TEST(ClientOptions, what_was_read_is_handed_on) {
  ConnectionOptions options{.host = "box", .port = 1884, .client_id = "c", .user = "u", .password = "p"};
  options.keep_alive_s = 7;
  options.clean_start = false;
  options.session_expiry_s = 60;
  options.will = WillOption{.topic = "w", .payload = "bye", .qos = 2, .retain = true};
  options.properties = {{.place = PropertyPlace::will, .id = 0x18, .number = 5}};
  const client::ConnectOptions to = client_options(options, 0);
  EXPECT_EQ(to_string(to.url), "mqtt://box:1884");
  EXPECT_EQ(to.version, mqtt::Version::v5);
  EXPECT_EQ(to.client_id, "c");
  EXPECT_FALSE(to.clean_start);
  EXPECT_EQ(to.keep_alive_s, 7);
  EXPECT_EQ(to.user_name, "u");
  EXPECT_EQ(to.password, "p");
  EXPECT_EQ(to.session_expiry_interval_s, 60U);
  ASSERT_TRUE(to.will);
  EXPECT_EQ(to.will->qos, mqtt::QoS::exactly_once);
  EXPECT_EQ(mqtt::Properties(as_bytes(to.will->properties)).number(Property::will_delay_interval), 5U);
  EXPECT_TRUE(to.properties.empty());
}

TEST(ClientOptions, properties_that_the_client_acts_on_are_its_options) {
  ConnectionOptions options;
  options.properties = {{.place = PropertyPlace::connect, .id = 0x11, .number = 9},
                        {.place = PropertyPlace::connect, .id = 0x21, .number = 2},
                        {.place = PropertyPlace::connect, .id = 0x22, .number = 0},
                        {.place = PropertyPlace::connect, .id = 0x27, .number = 500},
                        {.place = PropertyPlace::connect, .id = 0x26, .key = "k", .text = "v"}};
  const client::ConnectOptions to = client_options(options, 0);
  EXPECT_EQ(to.session_expiry_interval_s, 9U);
  EXPECT_EQ(to.receive_maximum, 2);
  EXPECT_EQ(to.topic_alias_maximum, 0);
  EXPECT_EQ(to.maximum_packet_size, 500U);
  EXPECT_EQ(to.properties, std::string("\x26\x00\x01k\x00\x01v", 7));
}

TEST(ClientOptions, before_version_5_there_is_always_an_identifier) {
  EXPECT_EQ(client_options({.version = 3}, 0xAB).client_id, "gaon-00000000000000ab");
  EXPECT_EQ(client_options({.version = 4, .session_expiry_s = 9}, 0).session_expiry_interval_s, 0U);
  EXPECT_EQ(client_options({.version = 5}, 0xAB).client_id, "");
}

TEST(ClientOptions, every_kind_of_property_is_encoded_for_its_packet_only) {
  const PropertyOption options[] = {
      {.place = PropertyPlace::publish, .id = 0x01, .number = 1},
      {.place = PropertyPlace::publish, .id = 0x03, .text = "text/plain"},
      {.place = PropertyPlace::publish, .id = 0x09, .text = "id"},
      {.place = PropertyPlace::subscribe, .id = 0x0B, .number = 300},
  };
  const std::string bytes = encoded_properties(options, PropertyPlace::publish);
  const mqtt::Properties properties(as_bytes(bytes));
  EXPECT_EQ(properties.number(Property::payload_format_indicator), 1U);
  EXPECT_EQ(properties.text(Property::content_type), "text/plain");
  EXPECT_EQ(as_text(properties.data(Property::correlation_data).value_or(ByteView())), "id");
  EXPECT_FALSE(properties.has(Property::subscription_identifier));
}

}  // namespace
}  // namespace gaon::app
