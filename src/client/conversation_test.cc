#include "client/conversation.h"

#include "client/conversation_fixture.h"

namespace gaon::client {
namespace {

using mqtt::Property;
using mqtt::QoS;
using mqtt::Reason;
using mqtt::Version;

TEST_F(ConversationTest, a_good_connack_opens_it_and_its_facts_are_known) {
  ASSERT_TRUE(conversation_->open(now_));
  EXPECT_EQ(conversation_->state(), State::opening);
  EXPECT_EQ(told(), Lines{"sending CONNECT"});
  const std::string properties = property_bytes(
      {{Property::server_keep_alive, 7}, {Property::receive_maximum, 3}, {Property::maximum_qos, 1}});
  say(mqtt::Connack{.properties = mqtt::Properties(as_bytes(properties))});
  EXPECT_EQ(conversation_->state(), State::open);
  EXPECT_EQ(conversation_->connected().keep_alive_s, 7);
  EXPECT_EQ(conversation_->connected().receive_maximum, 3);
  EXPECT_EQ(conversation_->connected().maximum_qos, QoS::at_least_once);
  EXPECT_EQ(conversation_->connected().client_id, "c");
  EXPECT_FALSE(conversation_->poll_incoming());
}

TEST_F(ConversationTest, an_assigned_client_id_is_kept_for_the_next_connection) {
  make({});
  Buffer properties;
  mqtt::PropertyWriter(properties).text(Property::assigned_client_identifier, "auto-1");
  open({.properties = mqtt::Properties(properties.view())});
  EXPECT_EQ(conversation_->connected().client_id, "auto-1");
  conversation_->transport_closed("gone");
  ASSERT_TRUE(conversation_->open(now_));
  EXPECT_NE(as_text(conversation_->output().bytes().view()).find("auto-1"), std::string_view::npos);
}

TEST_F(ConversationTest, a_refusal_is_an_end_that_names_the_reason) {
  Buffer properties;
  mqtt::PropertyWriter(properties).text(Property::reason_string, "not you");
  open({.reason = Reason::not_authorized, .properties = mqtt::Properties(properties.view())});
  EXPECT_EQ(conversation_->state(), State::closed);
  EXPECT_EQ(conversation_->ended().kind, Disconnected::Kind::refused);
  EXPECT_EQ(conversation_->ended().what, "connection refused: Not authorized (0x87): not you");
  EXPECT_FALSE(conversation_->poll_incoming());

  make({.version = Version::v311, .client_id = "c"});
  open({.reason = Reason::client_identifier_not_valid});
  EXPECT_EQ(conversation_->ended().what, "connection refused: Client Identifier not valid (return code 2)");
}

TEST_F(ConversationTest, a_session_that_was_not_asked_for_ends_it) {
  open({.session_present = true});  // [MQTT-3.2.2-4]
  EXPECT_EQ(conversation_->state(), State::closed);
  EXPECT_EQ(conversation_->ended().kind, Disconnected::Kind::violation);
}

TEST_F(ConversationTest, options_that_mqtt_does_not_allow_are_refused_before_anything_is_sent) {
  make({.client_id = "\xff"});
  EXPECT_FALSE(conversation_->open(now_));
  EXPECT_EQ(conversation_->ended().kind, Disconnected::Kind::refused);
  EXPECT_EQ(conversation_->ended().what, "the client identifier is not UTF-8");
  EXPECT_TRUE(conversation_->output().empty());
}

TEST_F(ConversationTest, a_message_of_qos_1_is_acknowledged_when_it_is_taken) {
  open();
  say_message("a/b", 7, QoS::at_least_once);
  EXPECT_EQ(told(), Lines{});
  const Received message = take<Received>();
  EXPECT_EQ(message.topic, "a/b");
  EXPECT_EQ(message.payload, "hello");
  EXPECT_EQ(message.packet_id, 7);
  EXPECT_EQ(told(), Lines{"sending PUBACK (m7, rc0)"});
}

TEST_F(ConversationTest, a_message_of_qos_2_is_taken_once_however_often_it_comes) {
  open();
  say_message("a", 7, QoS::exactly_once);
  say_message("a", 7, QoS::exactly_once, true);
  EXPECT_EQ(told(), Lines{});
  take<Received>();
  say_message("a", 7, QoS::exactly_once, true);
  EXPECT_FALSE(conversation_->poll_incoming());
  const Lines lines = told();
  EXPECT_FALSE(lines.empty());
  for (const std::string& line : lines) EXPECT_EQ(line, "sending PUBREC (m7, rc0)");
  say(mqtt::Pubrel{.packet_id = 7});
  EXPECT_EQ(told(), Lines{"sending PUBCOMP (m7, rc0)"});
}

TEST_F(ConversationTest, topic_aliases_of_the_broker_are_resolved) {
  make({.client_id = "c", .topic_alias_maximum = 2});
  open();
  const std::string alias = property_bytes({{Property::topic_alias, 2}});
  const mqtt::Properties properties(as_bytes(alias));
  say(mqtt::Publish{.topic = "long/topic", .properties = properties});
  say(mqtt::Publish{.properties = properties});
  EXPECT_EQ(take<Received>().topic, "long/topic");
  EXPECT_EQ(take<Received>().topic, "long/topic");

  const std::string above = property_bytes({{Property::topic_alias, 3}});
  say(mqtt::Publish{.topic = "t", .properties = mqtt::Properties(as_bytes(above))});
  EXPECT_EQ(take<Disconnected>().reason, Reason::topic_alias_invalid);
}

TEST_F(ConversationTest, more_than_the_receive_maximum_ends_it) {
  make({.client_id = "c", .receive_maximum = 1});
  open();
  say_message("a", 1, QoS::at_least_once);
  say_message("a", 2, QoS::at_least_once);
  EXPECT_EQ(told(), Lines{"sending DISCONNECT"});
  take<Received>();
  EXPECT_EQ(take<Disconnected>().reason, Reason::receive_maximum_exceeded);
}

TEST_F(ConversationTest, a_packet_beyond_the_maximum_packet_size_ends_it) {
  make({.client_id = "c", .maximum_packet_size = 30});
  open();
  say_message("t", 0, QoS::at_most_once);
  say(mqtt::Publish{.topic = "a topic that is longer than that"});
  take<Received>();
  const Disconnected ended = take<Disconnected>();
  EXPECT_EQ(ended.kind, Disconnected::Kind::violation);
  EXPECT_EQ(ended.reason, Reason::packet_too_large);
}

TEST_F(ConversationTest, nothing_more_is_wanted_while_the_inbox_is_full) {
  make({.client_id = "c", .inbox_bytes_max = 1000});
  open();
  int messages = 0;
  for (; conversation_->wants_input(); ++messages) say_message("t", 0, QoS::at_most_once);
  EXPECT_GT(messages, 1);
  EXPECT_LT(messages, 1000);
  take<Received>();
  EXPECT_TRUE(conversation_->wants_input());
}

TEST_F(ConversationTest, the_brokers_disconnect_is_told_behind_what_came_before) {
  open();
  say_message("t", 0, QoS::at_most_once);
  say(mqtt::Disconnect{Reason::session_taken_over});
  EXPECT_EQ(conversation_->state(), State::closed);
  take<Received>();
  const Disconnected ended = take<Disconnected>();
  EXPECT_EQ(ended.kind, Disconnected::Kind::by_broker);
  EXPECT_EQ(ended.what, "the broker ended the connection: Session taken over (0x8E)");
  EXPECT_FALSE(conversation_->poll_incoming());
}

TEST_F(ConversationTest, bytes_that_are_not_mqtt_end_it) {
  open();
  const std::uint8_t nonsense[] = {0x00, 0x00};
  conversation_->receive(nonsense, now_);
  EXPECT_EQ(take<Disconnected>().kind, Disconnected::Kind::violation);
}

TEST_F(ConversationTest, auth_that_was_not_agreed_on_ends_it) {
  open();
  say(mqtt::Auth{Reason::continue_authentication});
  EXPECT_EQ(take<Disconnected>().kind, Disconnected::Kind::violation);
}

TEST_F(ConversationTest, silence_is_ended_by_ping_and_then_by_us) {
  make({.client_id = "c", .keep_alive_s = 10});
  open();
  now_ += seconds(10) - Duration(1);
  conversation_->handle_timeout(now_);
  EXPECT_EQ(told(), Lines{});
  now_ += Duration(1);
  EXPECT_EQ(conversation_->deadline(), now_);
  conversation_->handle_timeout(now_);
  EXPECT_EQ(told(), Lines{"sending PINGREQ"});
  say(mqtt::Pingresp{});
  now_ += seconds(10);
  conversation_->handle_timeout(now_);
  EXPECT_EQ(told(), Lines{"sending PINGREQ"});
  now_ += seconds(10);
  conversation_->handle_timeout(now_);
  EXPECT_EQ(take<Disconnected>().kind, Disconnected::Kind::silent);
  EXPECT_EQ(conversation_->deadline(), kNever);
}

}  // namespace
}  // namespace gaon::client
