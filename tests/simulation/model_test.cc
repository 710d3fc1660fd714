// The judge itself: what is right passes, and each thing that can be wrong is found.
#include "model.h"

#include <gtest/gtest.h>

namespace gaon::simulation {
namespace {

using mqtt::QoS;

struct ModelTest : testing::Test {
  // A publisher and a subscriber to "a", both with sessions that are kept.
  ModelTest() {
    publisher = opened("p");
    subscriber = opened("s");
    model.subscribing(subscriber, "a");
    model.subscribed(subscriber, "a", QoS::exactly_once);
  }

  ClientNo opened(const std::string& name, const Dial& dial = {.expiry_s = 60}) {
    const ClientNo client = model.add_client(name);
    model.dialled(client, dial, now);
    model.opened(client, false, now);
    return client;
  }
  void again(ClientNo client, bool present) {
    model.dialled(client, {.expiry_s = 60}, now);
    model.opened(client, present, now);
  }
  MessageNo publish(QoS qos, bool retain = false) {
    const MessageNo message =
        model.publishing({.publisher = publisher, .topic = "a", .qos = qos, .retain = retain}, now);
    model.sent(message);
    return message;
  }
  MessageNo publish_acknowledged(QoS qos, bool retain = false) {
    const MessageNo message = publish(qos, retain);
    model.acknowledged(message, true, now);
    return message;
  }
  void arrive(MessageNo message, QoS qos, bool dup = false, std::uint16_t id = 1) {
    model.arrived(subscriber, {message, id, qos, dup, false}, now);
    model.handed(subscriber, {message, id, qos, dup, false});
  }
  void pass(Duration duration) { model.pass(now += duration); }
  void expect_wrong(std::string_view what) {
    ASSERT_TRUE(model.failure().has_value());
    EXPECT_NE(model.failure()->find(what), std::string::npos) << *model.failure();
  }
  void expect_right() { EXPECT_FALSE(model.failure().has_value()) << *model.failure(); }

  Time now{seconds(1000)};
  Model model;
  ClientNo publisher;
  ClientNo subscriber;
};

TEST_F(ModelTest, what_was_acknowledged_and_came_is_right) {
  arrive(publish_acknowledged(QoS::at_least_once), QoS::at_least_once);
  model.end();
  expect_right();
}

TEST_F(ModelTest, what_was_acknowledged_and_never_came_is_lost) {
  publish_acknowledged(QoS::at_least_once);
  model.end();
  expect_wrong("lost");
}

TEST_F(ModelTest, what_was_not_acknowledged_may_be_lost) {
  publish(QoS::exactly_once);
  model.end();
  expect_right();
}

TEST_F(ModelTest, a_death_of_the_broker_loses_nothing_that_was_acknowledged) {
  publish_acknowledged(QoS::at_least_once);
  model.died(now);
  model.lost(subscriber, false, now);
  model.back(now, 0);
  again(subscriber, true);
  model.end();
  expect_wrong("lost");
}

TEST_F(ModelTest, who_unsubscribed_is_owed_nothing) {
  publish_acknowledged(QoS::at_least_once);
  model.unsubscribing(subscriber, "a");
  model.end();
  expect_right();
}

TEST_F(ModelTest, what_is_published_after_the_UNSUBACK_must_not_come) {
  model.unsubscribing(subscriber, "a");
  model.unsubscribed(subscriber, "a");
  arrive(publish_acknowledged(QoS::at_least_once), QoS::at_least_once);
  expect_wrong("no subscription");
}

TEST_F(ModelTest, QoS_2_that_comes_twice_is_found) {
  const MessageNo message = publish_acknowledged(QoS::exactly_once);
  arrive(message, QoS::exactly_once);
  model.lost(subscriber, false, now);
  again(subscriber, true);
  arrive(message, QoS::exactly_once, true);
  expect_wrong("twice");
}

TEST_F(ModelTest, QoS_1_may_come_twice_but_then_with_DUP) {
  const MessageNo message = publish_acknowledged(QoS::at_least_once);
  arrive(message, QoS::at_least_once);
  model.lost(subscriber, false, now);
  again(subscriber, true);
  arrive(message, QoS::at_least_once, true);
  expect_right();
  arrive(message, QoS::at_least_once);
  expect_wrong("without DUP");
}

TEST_F(ModelTest, what_its_publisher_sent_again_may_come_again_as_new) {
  const MessageNo message = publish(QoS::at_least_once);
  arrive(message, QoS::at_least_once);
  model.sent(message);
  arrive(message, QoS::at_least_once, false, 2);
  expect_right();
}

TEST_F(ModelTest, DUP_on_what_cannot_have_been_sent_before_is_found) {
  arrive(publish(QoS::at_least_once), QoS::at_least_once, true);
  expect_wrong("with DUP");
}

TEST_F(ModelTest, disorder_of_one_publisher_is_found) {
  const MessageNo first = publish_acknowledged(QoS::at_least_once);
  const MessageNo second = publish_acknowledged(QoS::at_least_once);
  arrive(second, QoS::at_least_once);
  arrive(first, QoS::at_least_once);
  expect_wrong("after #1");
}

TEST_F(ModelTest, a_session_that_is_gone_too_early_is_found) {
  model.lost(subscriber, false, now);
  pass(seconds(50));
  again(subscriber, false);
  expect_wrong("before it expired");
}

TEST_F(ModelTest, a_session_that_is_there_after_its_end_is_found) {
  model.lost(subscriber, false, now);
  model.gone(subscriber, now);
  pass(seconds(70));
  again(subscriber, true);
  expect_wrong("cannot be one");
}

TEST_F(ModelTest, a_message_of_a_shared_subscription_to_two_members_is_found) {
  for (const char* name : {"g1", "g2"}) {
    const ClientNo member = opened(name);
    model.subscribing(member, "$share/g/a");
    model.subscribed(member, "$share/g/a", QoS::exactly_once);
  }
  const MessageNo message = publish_acknowledged(QoS::exactly_once);
  for (const ClientNo member : {ClientNo{2}, ClientNo{3}}) {
    model.handed(member, {message, 1, QoS::exactly_once, false, false});
  }
  expect_wrong("$share/g/a got");
}

TEST_F(ModelTest, who_joins_a_group_after_its_last_session_may_have_ended_is_owed_nothing_of_before) {
  const ClientNo first = opened("g1");
  model.subscribing(first, "$share/g/a");
  model.subscribed(first, "$share/g/a", QoS::exactly_once);
  const MessageNo message = publish_acknowledged(QoS::at_least_once);
  arrive(message, QoS::at_least_once);
  model.lost(first, false, now);
  model.dialled(first, {.clean_start = false, .expiry_s = 60}, now);
  pass(seconds(61));
  const ClientNo second = opened("g2");
  model.subscribing(second, "$share/g/a");
  model.subscribed(second, "$share/g/a", QoS::exactly_once);
  model.opened(first, false, now);
  model.end();
  expect_right();
}

TEST_F(ModelTest, a_crash_may_forget_that_a_will_was_withdrawn_until_a_later_connection_is_confirmed) {
  const MessageNo will =
      model.publishing({.publisher = publisher, .topic = "a", .qos = QoS::at_least_once}, now);
  model.lost(publisher, true, now);
  model.dialled(publisher, {.expiry_s = 60, .will = will}, now);
  model.opened(publisher, true, now);
  model.lost(publisher, true, now);
  model.dialled(publisher, {.expiry_s = 60}, now);
  model.lost(publisher, false, now);
  model.dialled(publisher, {.expiry_s = 60}, now);
  model.died(now);
  arrive(will, QoS::at_least_once);
  expect_right();
}

TEST_F(ModelTest, before_mqtt_5_a_refusal_ends_the_connection_and_its_will_may_come) {
  for (const bool ends : {true, false}) {
    model = Model();
    publisher = opened("p");
    const MessageNo will =
        model.publishing({.publisher = publisher, .topic = "a", .qos = QoS::at_least_once}, now);
    model.lost(publisher, true, now);
    model.dialled(publisher, {.expiry_s = 60, .will = will, .refusal_ends = ends}, now);
    model.opened(publisher, true, now);
    subscriber = opened("s");
    model.subscribing(subscriber, "a");
    model.subscribed(subscriber, "a", QoS::at_least_once);
    publish(QoS::at_least_once);
    model.may_refuse();
    arrive(will, QoS::at_least_once);
    EXPECT_EQ(model.failure().has_value(), !ends);
  }
}

TEST_F(ModelTest, a_message_that_no_member_of_a_shared_subscription_got_is_lost) {
  const ClientNo member = opened("g");
  model.subscribing(member, "$share/g/a");
  model.subscribed(member, "$share/g/a", QoS::exactly_once);
  arrive(publish_acknowledged(QoS::at_least_once), QoS::at_least_once);
  model.end();
  expect_wrong("nobody of $share/g/a");
}

TEST_F(ModelTest, what_comes_after_it_expired_is_found) {
  const MessageNo message =
      model.publishing({.publisher = publisher, .topic = "a", .qos = QoS::at_least_once, .expiry_s = 5}, now);
  model.sent(message);
  model.acknowledged(message, true, now);
  model.lost(subscriber, false, now);
  pass(seconds(6));
  again(subscriber, true);
  arrive(message, QoS::at_least_once);
  expect_wrong("after it expired");
}

TEST_F(ModelTest, a_retained_message_that_was_replaced_is_found) {
  const MessageNo old = publish_acknowledged(QoS::at_least_once, true);
  const MessageNo fresh = publish_acknowledged(QoS::at_least_once, true);
  model.check_retained({{"a", fresh}}, now);
  expect_right();
  model.check_retained({{"a", old}}, now);
  expect_wrong("was replaced");
}

TEST_F(ModelTest, a_retained_message_that_is_gone_is_found) {
  publish_acknowledged(QoS::at_least_once, true);
  model.check_retained({}, now);
  expect_wrong("is nothing");
}

struct WillTest : ModelTest {
  WillTest() {
    mortal = model.add_client("mortal");
    will = model.publishing({.publisher = mortal, .topic = "a", .qos = QoS::exactly_once}, now);
    model.dialled(mortal, {.expiry_s = 60, .will = will, .will_delay_s = 3}, now);
    model.opened(mortal, false, now);
  }
  ClientNo mortal;
  MessageNo will;
};

TEST_F(WillTest, one_that_is_due_must_come) {
  model.lost(mortal, false, now);
  model.gone(mortal, now);
  pass(seconds(10));
  model.end();
  expect_wrong("lost");
}

TEST_F(WillTest, one_that_comes_while_its_connection_lives_is_found) {
  arrive(will, QoS::exactly_once);
  expect_wrong("connection lives");
}

TEST_F(WillTest, one_that_comes_before_its_delay_is_over_is_found) {
  model.lost(mortal, false, now);
  pass(seconds(1));
  arrive(will, QoS::exactly_once);
  expect_wrong("before its delay");
}

TEST_F(WillTest, one_that_was_withdrawn_must_not_come) {
  model.lost(mortal, true, now);
  pass(seconds(10));
  arrive(will, QoS::exactly_once);
  expect_wrong("withdrawn");
}

TEST_F(WillTest, who_comes_back_in_time_withdraws_it) {
  model.lost(mortal, false, now);
  pass(seconds(1));
  again(mortal, true);
  pass(seconds(10));
  arrive(will, QoS::exactly_once);
  expect_wrong("withdrawn");
}

}  // namespace
}  // namespace gaon::simulation
