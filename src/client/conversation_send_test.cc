#include "client/conversation_fixture.h"

namespace gaon::client {
namespace {

using mqtt::Property;
using mqtt::QoS;
using mqtt::Reason;
using mqtt::Version;

TEST_F(ConversationTest, qos_0_goes_out_at_once_and_nothing_remains) {
  open();
  ASSERT_TRUE(publish("a/b", QoS::at_most_once));
  EXPECT_FALSE(conversation_->idle());
  EXPECT_EQ(told(), Lines{"sending PUBLISH (d0, q0, r0, m0, 'a/b', ... (5 bytes))"});
  EXPECT_TRUE(conversation_->idle());
}

TEST_F(ConversationTest, no_more_go_out_than_the_broker_takes_at_once) {
  open(property_bytes({{Property::receive_maximum, 2}}));
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(publish("a", QoS::at_least_once));
  EXPECT_EQ(told(), (Lines{"sending PUBLISH (d0, q1, r0, m1, 'a', ... (5 bytes))",
                           "sending PUBLISH (d0, q1, r0, m2, 'a', ... (5 bytes))"}));
  say(mqtt::Puback{.packet_id = 1});
  EXPECT_EQ(told(), Lines{"sending PUBLISH (d0, q1, r0, m3, 'a', ... (5 bytes))"});
  say(mqtt::Puback{.packet_id = 2});
  EXPECT_FALSE(conversation_->idle());
  say(mqtt::Puback{.packet_id = 3});
  EXPECT_TRUE(conversation_->idle());
  EXPECT_EQ(conversation_->acknowledged(), 3U);
  EXPECT_FALSE(conversation_->poll_incoming());
}

TEST_F(ConversationTest, qos_2_is_finished_by_pubcomp) {
  open();
  ASSERT_TRUE(publish("a", QoS::exactly_once));
  told();
  say(mqtt::Pubrec{.packet_id = 1});
  EXPECT_EQ(told(), Lines{"sending PUBREL (m1, rc0)"});
  EXPECT_FALSE(conversation_->idle());
  say(mqtt::Pubcomp{.packet_id = 1});
  EXPECT_TRUE(conversation_->idle());
}

TEST_F(ConversationTest, a_negative_acknowledgement_is_told) {
  open();
  ASSERT_TRUE(publish("secret", QoS::at_least_once));
  ASSERT_TRUE(publish("full", QoS::exactly_once));
  say(mqtt::Puback{.packet_id = 1, .reason = Reason::not_authorized});
  say(mqtt::Pubrec{.packet_id = 2, .reason = Reason::quota_exceeded});
  const NotDelivered first = take<NotDelivered>();
  EXPECT_EQ(first.topic, "secret");
  EXPECT_EQ(first.what, "Not authorized (0x87)");
  EXPECT_EQ(take<NotDelivered>().topic, "full");
  EXPECT_EQ(conversation_->acknowledged(), 0U);
  told();
  EXPECT_TRUE(conversation_->idle());
}

TEST_F(ConversationTest, what_the_broker_does_not_take_is_not_sent) {
  open(property_bytes({{Property::maximum_qos, 1},  // [MQTT-3.2.2-11]
                       {Property::retain_available, 0},
                       {Property::maximum_packet_size, 40}}));
  EXPECT_EQ(publish("a", QoS::exactly_once).error().what, "the broker takes QoS 1 at most");
  const auto retained = conversation_->publish({.topic = "a", .retain = true}, now_);
  EXPECT_EQ(retained.error().what, "the broker does not retain messages");
  EXPECT_EQ(publish("a", QoS::at_most_once, std::string(40, 'x')).error().what,
            "the message is larger than the broker takes: 40 bytes");
  const std::string filter(40, 'x');
  EXPECT_FALSE(conversation_->subscribe({{{.filter = filter}}}, {}));
  EXPECT_EQ(told(), Lines{});
  EXPECT_TRUE(conversation_->idle());
}

TEST_F(ConversationTest, what_is_no_message_is_not_sent) {
  open();
  constexpr std::string_view kNoTopics[] = {"", "a/#", "+", "\xc3\x28", {"a\0b", 3}};
  for (const std::string_view topic : kNoTopics) {
    EXPECT_FALSE(publish(topic, QoS::at_most_once)) << topic;
  }
  EXPECT_FALSE(publish(std::string(65'536, 't'), QoS::at_most_once));  // [MQTT-4.7.3-3], [MQTT-4.7.3-3@311]
  const std::string id = property_bytes({{Property::subscription_identifier, 1}});
  EXPECT_FALSE(conversation_->publish({.topic = "a", .properties = as_bytes(id)}, now_));
  const std::string foreign = property_bytes({{Property::receive_maximum, 1}});
  EXPECT_FALSE(conversation_->publish({.topic = "a", .properties = as_bytes(foreign)}, now_));
  EXPECT_EQ(told(), Lines{});
}

TEST_F(ConversationTest, a_message_expires_while_it_waits) {
  open(property_bytes({{Property::receive_maximum, 1}}));
  ASSERT_TRUE(publish("first", QoS::at_least_once));
  const std::string properties =
      property_bytes({{Property::message_expiry_interval, 5}, {Property::topic_alias, 9}});
  ASSERT_TRUE(conversation_->publish(
      {.topic = "late", .qos = QoS::at_least_once, .properties = as_bytes(properties)}, now_));
  told();
  now_ += seconds(5);
  say(mqtt::Puback{.packet_id = 1});
  EXPECT_EQ(take<NotDelivered>().topic, "late");
  EXPECT_EQ(told(), Lines{});
  EXPECT_TRUE(conversation_->idle());
}

TEST_F(ConversationTest, properties_are_passed_on_but_aliases_are_the_connections_own) {
  open();
  const std::string properties =
      property_bytes({{Property::payload_format_indicator, 1}, {Property::topic_alias, 9}});
  ASSERT_TRUE(conversation_->publish({.topic = "a", .properties = as_bytes(properties)}, now_));
  // PUBLISH, 7 bytes: topic "a", one property of 2 bytes, no payload.
  EXPECT_EQ(as_text(conversation_->output().bytes().view()), std::string_view("\x30\x06\x00\x01"
                                                                              "a\x02\x01\x01",
                                                                              8));
}

TEST_F(ConversationTest, what_waits_has_a_limit) {
  make({.client_id = "c", .outbound_messages_max = 3});
  open(property_bytes({{Property::receive_maximum, 1}}));
  for (int i = 0; i < 4; ++i) {
    EXPECT_TRUE(conversation_->room());
    ASSERT_TRUE(publish("a", QoS::at_least_once));
  }
  EXPECT_FALSE(conversation_->room());
  EXPECT_EQ(publish("a", QoS::at_least_once).error().what, "too many messages wait to be sent");

  make({.client_id = "c", .outbound_bytes_max = 100});
  ASSERT_TRUE(publish("a", QoS::at_most_once, std::string(100, 'x')));
  EXPECT_FALSE(conversation_->room());
}

TEST_F(ConversationTest, answers_to_subscribe_and_unsubscribe_are_told) {
  open();
  const mqtt::Subscription subscriptions[] = {{.filter = "a/#", .qos = QoS::at_least_once},
                                              {.filter = "$share/g/b"}};
  const auto asked = conversation_->subscribe(subscriptions, {});
  ASSERT_TRUE(asked);
  EXPECT_EQ(told(), Lines{"sending SUBSCRIBE (Mid: 1, Topic: a/#, QoS: 1, Options: 0x00, Topic: $share/g/b, "
                          "QoS: 0, Options: 0x00)"});
  const std::uint8_t reasons[] = {0x01, 0x87};
  say(mqtt::Suback{.packet_id = *asked, .reasons = reasons});
  EXPECT_EQ(take<Subscribed>().reasons, (std::vector<Reason>{Reason::granted_qos_1, Reason::not_authorized}));

  const std::string_view filters[] = {"a/#"};
  const auto asked_again = conversation_->unsubscribe(filters, {});
  ASSERT_TRUE(asked_again);
  const std::uint8_t gone[] = {0x11};
  say(mqtt::Unsuback{.packet_id = *asked_again, .reasons = gone});
  EXPECT_EQ(take<Unsubscribed>().packet_id, *asked_again);
  told();
  EXPECT_TRUE(conversation_->idle());
}

TEST_F(ConversationTest, an_unsuback_of_311_has_no_reasons) {
  make({.version = Version::v311, .client_id = "c"});
  open();
  const std::string_view filters[] = {"a"};
  const auto asked = conversation_->unsubscribe(filters, {});
  ASSERT_TRUE(asked);
  say(mqtt::Unsuback{.packet_id = *asked});
  EXPECT_TRUE(take<Unsubscribed>().reasons.empty());
}

TEST_F(ConversationTest, an_answer_that_nothing_asked_for_ends_it) {
  const std::uint8_t reasons[] = {0x00, 0x00};
  const auto first_end = [&](const mqtt::Packet& answer) {
    make({.client_id = "c"});
    open();
    EXPECT_TRUE(conversation_->subscribe({{{.filter = "a"}}}, {}));
    say(answer);
    return take<Disconnected>().kind;
  };
  EXPECT_EQ(first_end(mqtt::Suback{.packet_id = 9, .reasons = {reasons, 1}}), Disconnected::Kind::violation);
  EXPECT_EQ(first_end(mqtt::Suback{.packet_id = 1, .reasons = reasons}), Disconnected::Kind::violation);
  EXPECT_EQ(first_end(mqtt::Unsuback{.packet_id = 1, .reasons = {reasons, 1}}),
            Disconnected::Kind::violation);
}

TEST_F(ConversationTest, what_is_no_filter_is_not_sent) {
  open();
  for (const std::string_view filter : {"", "a#", "a/#/b", "$share/g", "\xff"}) {
    EXPECT_FALSE(conversation_->subscribe({{{.filter = filter}}}, {})) << filter;
    EXPECT_FALSE(conversation_->unsubscribe({{filter}}, {})) << filter;
  }
  EXPECT_FALSE(conversation_->subscribe({}, {}));
  conversation_->transport_closed("gone");
  EXPECT_FALSE(conversation_->subscribe({{{.filter = "a"}}}, {}));
}

TEST_F(ConversationTest, goodbye_is_said_once_and_nothing_follows) {
  open();
  ASSERT_TRUE(conversation_->disconnect(Reason::disconnect_with_will_message, {}));
  ASSERT_TRUE(conversation_->disconnect(Reason::normal_disconnection, {}));
  EXPECT_EQ(told(), Lines{"sending DISCONNECT"});
  EXPECT_EQ(conversation_->state(), State::closed);
  EXPECT_FALSE(conversation_->poll_incoming());
}

}  // namespace
}  // namespace gaon::client
