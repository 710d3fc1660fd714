// What goes on from one connection to the next.
#include "client/conversation_fixture.h"

namespace gaon::client {
namespace {

using mqtt::QoS;
using mqtt::Reason;

class ConversationSessionTest : public ConversationTest {
 protected:
  void SetUp() override {
    make({.client_id = "c", .clean_start = false, .session_expiry_interval_s = 60});
    open();
  }

  void reopen(bool session_present) {
    conversation_->transport_closed("the cable was pulled");
    open({.session_present = session_present});
  }
};

TEST_F(ConversationSessionTest, a_lost_connection_is_told_once) {
  conversation_->transport_closed("the cable was pulled");
  conversation_->transport_closed("again");
  EXPECT_EQ(take<Disconnected>().what, "the cable was pulled");
  EXPECT_FALSE(conversation_->poll_incoming());
  EXPECT_EQ(conversation_->ended().kind, Disconnected::Kind::lost);
}

TEST_F(ConversationSessionTest, what_was_not_acknowledged_is_sent_again) {
  ASSERT_TRUE(publish("a", QoS::at_least_once));
  ASSERT_TRUE(publish("b", QoS::exactly_once));
  say(mqtt::Pubrec{.packet_id = 2});
  told();
  reopen(true);
  EXPECT_EQ(told(),
            (Lines{"sending PUBLISH (d1, q1, r0, m1, 'a', ... (5 bytes))", "sending PUBREL (m2, rc0)"}));
}

TEST_F(ConversationSessionTest, without_a_session_it_is_sent_anew) {
  ASSERT_TRUE(publish("a", QoS::at_least_once));
  told();
  reopen(false);
  const Lines lines = told();
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_TRUE(lines[0].starts_with("sending PUBLISH (d0, q1, r0, m"));
}

TEST_F(ConversationSessionTest, what_is_published_without_a_connection_waits_for_one) {
  conversation_->transport_closed("gone");
  ASSERT_TRUE(publish("a", QoS::at_most_once));
  EXPECT_FALSE(conversation_->idle());
  open({.session_present = true});
  EXPECT_EQ(told(), Lines{"sending PUBLISH (d0, q0, r0, m0, 'a', ... (5 bytes))"});
}

TEST_F(ConversationSessionTest, a_message_of_the_last_connection_is_not_acknowledged_on_this_one) {
  say_message("a", 7, QoS::at_least_once);
  reopen(true);
  take<Received>();
  EXPECT_EQ(told(), Lines{});
  say_message("b", 7, QoS::at_least_once);
  take<Disconnected>();
  take<Received>();
  EXPECT_EQ(told(), Lines{"sending PUBACK (m7, rc0)"});
}

TEST_F(ConversationSessionTest, qos_2_is_taken_once_across_connections) {
  say_message("a", 7, QoS::exactly_once);
  reopen(true);
  say_message("a", 7, QoS::exactly_once, true);
  take<Received>();
  EXPECT_EQ(told(), Lines{"sending PUBREC (m7, rc0)"});
  take<Disconnected>();
  EXPECT_FALSE(conversation_->poll_incoming());
}

TEST_F(ConversationSessionTest, with_a_new_session_an_old_packet_id_is_a_new_message) {
  say_message("a", 7, QoS::exactly_once);
  reopen(false);
  say_message("b", 7, QoS::exactly_once);
  EXPECT_EQ(take<Received>().topic, "a");
  EXPECT_EQ(told(), Lines{});
  take<Disconnected>();
  EXPECT_EQ(take<Received>().topic, "b");
  EXPECT_EQ(told(), Lines{"sending PUBREC (m7, rc0)"});
}

TEST_F(ConversationSessionTest, an_answer_that_never_came_is_forgotten_with_its_connection) {
  ASSERT_TRUE(conversation_->subscribe({{{.filter = "a"}}}, {}));
  reopen(true);
  told();
  EXPECT_TRUE(conversation_->idle());
  take<Disconnected>();
  const std::uint8_t reasons[] = {0x00};
  say(mqtt::Suback{.packet_id = 1, .reasons = reasons});
  EXPECT_EQ(take<Disconnected>().kind, Disconnected::Kind::violation);
}

TEST_F(ConversationSessionTest, a_clean_start_with_an_expiry_goes_on_with_its_own_session) {
  make({.client_id = "c", .clean_start = true, .session_expiry_interval_s = 60});
  open();
  conversation_->transport_closed("gone");
  open({.session_present = true});
  EXPECT_EQ(conversation_->state(), State::open);
}

}  // namespace
}  // namespace gaon::client
