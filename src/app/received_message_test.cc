#include "app/received_message.h"

#include <gtest/gtest.h>

#include "base/buffer.h"

namespace gaon::app {
namespace {

using mqtt::Property;

TEST(ReceivedMessage, every_property_finds_its_place) {
  Buffer bytes;
  mqtt::PropertyWriter writer(bytes);
  writer.number(Property::payload_format_indicator, 1);
  writer.number(Property::message_expiry_interval, 30);
  writer.text(Property::content_type, "text/plain");
  writer.text(Property::response_topic, "answer");
  writer.data(Property::correlation_data, as_bytes("id"));
  writer.number(Property::subscription_identifier, 3);
  writer.number(Property::subscription_identifier, 400);
  writer.user("k", "v");
  writer.number(Property::topic_alias, 9);
  const client::Received received{.topic = "t",
                                  .payload = "p",
                                  .qos = mqtt::QoS::exactly_once,
                                  .retain = true,
                                  .packet_id = 5,
                                  .property_bytes = std::string(as_text(bytes.view()))};
  const ReceivedMessage message = received_message(received);
  EXPECT_EQ(message.topic, "t");
  EXPECT_EQ(message.payload, "p");
  EXPECT_EQ(message.qos, 2);
  EXPECT_TRUE(message.retain);
  EXPECT_EQ(message.packet_id, 5);
  EXPECT_EQ(message.payload_format, 1);
  EXPECT_EQ(message.message_expiry_s, 30U);
  EXPECT_EQ(message.content_type, "text/plain");
  EXPECT_EQ(message.response_topic, "answer");
  EXPECT_EQ(message.correlation_data, "id");
  EXPECT_EQ(message.subscription_ids, (std::vector<std::uint32_t>{3, 400}));
  ASSERT_EQ(message.user_properties.size(), 1U);
  EXPECT_EQ(message.user_properties[0].first, "k");
  EXPECT_EQ(message.user_properties[0].second, "v");
}

TEST(ReceivedMessage, what_is_absent_stays_absent) {
  const client::Received received{.topic = "t", .payload = "", .property_bytes = ""};
  const ReceivedMessage message = received_message(received);
  EXPECT_FALSE(message.payload_format);
  EXPECT_FALSE(message.content_type);
  EXPECT_TRUE(message.user_properties.empty());
}

}  // namespace
}  // namespace gaon::app
