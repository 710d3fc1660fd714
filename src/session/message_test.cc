#include "session/message.h"

#include <gtest/gtest.h>

#include "session/copy.h"

namespace gaon {
namespace {

TEST(Message, keeps_what_it_is_made_of) {
  const Message message = Message::make({.id = {7},
                                         .publisher = 9,
                                         .deadline = Time(seconds(5)),
                                         .qos = mqtt::QoS::exactly_once,
                                         .retain = true,
                                         .topic = "a/b",
                                         .properties = as_bytes("props"),
                                         .payload = as_bytes("payload")});
  EXPECT_EQ(message.id(), MessageId{7});
  EXPECT_EQ(message.publisher(), 9u);
  EXPECT_EQ(message.deadline(), Time(seconds(5)));
  EXPECT_EQ(message.qos(), mqtt::QoS::exactly_once);
  EXPECT_TRUE(message.retain());
  EXPECT_EQ(message.topic(), "a/b");
  EXPECT_EQ(as_text(message.properties()), "props");
  EXPECT_EQ(as_text(message.payload()), "payload");
  EXPECT_EQ(message.size(), 15u);
}

TEST(Message, may_have_nothing_but_a_topic) {
  const Message message = Message::make({.topic = "a"});
  EXPECT_TRUE(message.properties().empty());
  EXPECT_TRUE(message.payload().empty());
  EXPECT_EQ(message.deadline(), kNever);
  EXPECT_FALSE(message.expired(Time(seconds(1'000'000'000))));
}

TEST(Message, takes_a_topic_of_the_largest_size) {
  const std::string topic(65'535, 't');
  const Message message = Message::make({.topic = topic, .payload = as_bytes("x")});
  EXPECT_EQ(message.topic(), topic);
  EXPECT_EQ(as_text(message.payload()), "x");
}

TEST(Message, rounds_the_seconds_left_up_and_never_says_zero) {
  const Message message = Message::make({.deadline = Time(milliseconds(10'000)), .topic = "a"});
  struct Case {
    int now_ms;
    std::uint32_t left;
  };
  for (const Case& c : {Case{0, 10},
                        {1, 10},
                        {999, 10},
                        {1'000, 9},
                        {8'999, 2},
                        {9'000, 1},
                        {9'999, 1},
                        {10'000, 1},
                        {20'000, 1}}) {
    EXPECT_EQ(message.seconds_left(Time(milliseconds(c.now_ms))), c.left) << c.now_ms;
  }
}

TEST(Message, says_the_largest_number_when_more_is_left) {
  const Message message = Message::make({.deadline = Time(seconds(10'000'000'000)), .topic = "a"});
  EXPECT_EQ(message.seconds_left(Time()), 0xFFFFFFFFu);
}

TEST(Message, expires_when_its_deadline_is_reached) {
  const Message message = Message::make({.deadline = Time(milliseconds(10)), .topic = "a"});
  EXPECT_FALSE(message.expired(Time(milliseconds(9))));
  EXPECT_TRUE(message.expired(Time(milliseconds(10))));
}

TEST(Message, copies_share_one_body) {
  const Message message = Message::make({.topic = "a"});
  const Message copy = message;
  EXPECT_EQ(copy, message);
  EXPECT_EQ(copy.topic().data(), message.topic().data());
  EXPECT_FALSE(Message());
}

TEST(MessageId, orders_by_incarnation_first) {
  EXPECT_LT(MessageId::make(1, 1000, 1), MessageId::make(2, 0, 0));
}

// A copy with these subscription ids and this share, moved about as in a queue.
void keeps(ShareTag share, std::vector<std::uint32_t> ids) {
  const Message message = Message::make({.topic = "a"});
  Copy made({.message = message,
             .qos = mqtt::QoS::at_least_once,
             .retain = true,
             .subscription_ids = ids,
             .share = share});
  Copy moved(std::move(made));
  Copy copy;
  copy = std::move(moved);
  moved = Copy();
  EXPECT_EQ(copy.message(), message);
  EXPECT_EQ(copy.qos(), mqtt::QoS::at_least_once);
  EXPECT_TRUE(copy.retain());
  EXPECT_EQ(copy.share(), share);
  EXPECT_EQ(std::vector(copy.subscription_ids().begin(), copy.subscription_ids().end()), ids);
}

TEST(Copy, keeps_share_and_subscription_ids) {
  keeps(0, {});
  keeps(0, {1});
  keeps(0, {268'435'455});
  keeps(0, {3, 1, 2});
  keeps(1, {});
  keeps(0xFFFF'FFFF'FFFF'FFFF, {5});
}

}  // namespace
}  // namespace gaon
