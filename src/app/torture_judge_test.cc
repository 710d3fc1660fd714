// Fabricated histories, one for each verdict.
#include "app/torture_judge.h"

#include <gtest/gtest.h>

namespace gaon::app {
namespace {

using Kind = StreamFacts::Kind;

struct Setting {
  std::uint8_t published = 2;
  std::uint8_t subscribed = 2;
  bool group = false;
  Kind kind = Kind::plain;
};

// One stream and one receiver.
struct History {
  explicit History(Setting setting = {}) {
    stream = judge.add(StreamFacts{"p0", "t", setting.published, setting.kind});
    receiver = judge.add(ReceiverFacts{"s0", setting.subscribed, setting.group, {stream}});
    judge.broker_started();
  }
  void publish(std::uint64_t count) {
    for (std::uint64_t i = 0; i < count; ++i) judge.acknowledged(stream, judge.sent(stream));
  }
  void receive(std::uint64_t number, bool dup = false) {
    judge.received({.receiver = receiver, .session = "s0", .stream = stream, .number = number, .dup = dup});
  }
  // Everything that is broken, with how often.
  std::map<Broken, std::uint64_t> verdict() {
    judge.close();
    std::map<Broken, std::uint64_t> found;
    for (std::size_t i = 0; i < kBrokenCount; ++i) {
      const auto what = static_cast<Broken>(i);
      if (judge.count(what) > 0) found[what] = judge.count(what);
    }
    EXPECT_EQ(judge.clean(), found.empty());
    return found;
  }

  Judge judge;
  StreamId stream = 0;
  ReceiverId receiver = 0;
};

using Verdict = std::map<Broken, std::uint64_t>;

TEST(TortureJudge, all_received_once_and_in_order_is_clean) {
  History history;
  history.publish(200);
  for (std::uint64_t i = 0; i < 200; ++i) history.receive(i);
  EXPECT_EQ(history.judge.missing(), 0U);
  EXPECT_EQ(history.verdict(), Verdict{});
}

TEST(TortureJudge, an_acknowledged_message_nobody_got_is_lost) {
  History history;
  history.publish(3);
  history.receive(0);
  history.receive(2);
  EXPECT_EQ(history.judge.missing(), 1U);
  EXPECT_EQ(history.verdict(), (Verdict{{Broken::lost, 1}}));
}

TEST(TortureJudge, an_unacknowledged_message_may_be_lost_or_arrive) {
  History history;
  history.judge.sent(history.stream);
  history.judge.sent(history.stream);
  history.receive(1);
  EXPECT_EQ(history.verdict(), Verdict{});
}

TEST(TortureJudge, a_case_tells_all_that_is_known) {
  History history;
  history.judge.broker_started();
  history.publish(1);
  history.judge.resent(history.stream, 0);
  history.judge.broker_started();
  history.judge.close();
  ASSERT_EQ(history.judge.cases(Broken::lost).size(), 1U);
  EXPECT_EQ(history.judge.cases(Broken::lost).front(),
            "number 0 of 1 by p0 to t, QoS 2, session s0; acknowledged by broker 2, sent again 1 times; seen "
            "at broker 3");
}

TEST(TortureJudge, many_losses_are_counted_and_a_few_told) {
  History history;
  history.publish(1000);
  history.judge.close();
  EXPECT_EQ(history.judge.count(Broken::lost), 1000U);
  EXPECT_EQ(history.judge.count(Broken::lost, 2), 1000U);
  EXPECT_EQ(history.judge.cases(Broken::lost).size(), Judge::kCasesMax);
}

TEST(TortureJudge, a_second_delivery_is_a_duplicate_with_qos_2) {
  for (const bool dup : {false, true}) {
    History history;
    history.publish(1);
    history.receive(0);
    history.receive(0, dup);
    EXPECT_EQ(history.verdict(), (Verdict{{Broken::duplicated, 1}}));
  }
}

TEST(TortureJudge, a_second_delivery_with_dup_is_allowed_with_qos_1) {
  History history({.published = 2, .subscribed = 1});
  history.publish(1);
  history.receive(0);
  history.receive(0, true);
  EXPECT_EQ(history.judge.allowed_repeats(), 1U);
  EXPECT_EQ(history.verdict(), Verdict{});
}

TEST(TortureJudge, a_second_delivery_without_dup_is_none_with_qos_1) {
  for (const std::uint8_t published : {std::uint8_t{1}, std::uint8_t{2}}) {
    History history({.published = published, .subscribed = 1});
    history.publish(1);
    history.receive(0);
    history.receive(0);
    EXPECT_EQ(history.verdict(), (Verdict{{Broken::repeated_without_dup, 1}}));
  }
}

TEST(TortureJudge, what_a_qos_1_publisher_sent_twice_may_be_two_messages_but_not_three) {
  History history({.published = 1, .subscribed = 2});
  history.publish(1);
  history.judge.resent(history.stream, 0);
  history.receive(0);
  history.receive(0);
  EXPECT_EQ(history.judge.allowed_repeats(), 1U);
  EXPECT_TRUE(history.judge.clean());
  history.receive(0);
  EXPECT_EQ(history.verdict(), (Verdict{{Broken::repeated_without_dup, 1}}));
}

TEST(TortureJudge, what_a_qos_2_publisher_sent_twice_is_one_message) {
  History history({.published = 2, .subscribed = 1});
  history.publish(1);
  history.judge.resent(history.stream, 0);
  history.receive(0);
  history.receive(0);
  EXPECT_EQ(history.verdict(), (Verdict{{Broken::repeated_without_dup, 1}}));
}

TEST(TortureJudge, a_first_delivery_after_a_later_one_is_reordered) {
  History history;
  history.publish(3);
  for (const std::uint64_t number : {0U, 2U, 1U}) history.receive(number);
  EXPECT_EQ(history.verdict(), (Verdict{{Broken::reordered, 1}}));
}

TEST(TortureJudge, a_repeat_of_an_earlier_one_is_not_reordered) {
  History history({.published = 1, .subscribed = 1});
  history.publish(2);
  history.receive(0);
  history.receive(1);
  history.receive(0, true);
  EXPECT_EQ(history.verdict(), Verdict{});
}

TEST(TortureJudge, a_group_has_no_order_but_qos_2_only_once) {
  History history({.group = true});
  history.publish(2);
  history.receive(1);
  history.receive(0);
  EXPECT_TRUE(history.judge.clean());
  history.receive(0);
  EXPECT_EQ(history.verdict(), (Verdict{{Broken::duplicated, 1}}));
}

TEST(TortureJudge, another_member_of_a_group_may_get_qos_1_again) {
  History history({.published = 1, .subscribed = 1, .group = true});
  history.publish(1);
  history.receive(0);
  history.receive(0);
  EXPECT_EQ(history.judge.allowed_repeats(), 1U);
  EXPECT_EQ(history.verdict(), Verdict{});
}

TEST(TortureJudge, a_group_that_misses_a_message_lost_it) {
  History history({.group = true});
  history.publish(1);
  EXPECT_EQ(history.verdict(), (Verdict{{Broken::lost, 1}}));
}

TEST(TortureJudge, a_will_that_connack_promised_is_lost_by_its_own_name) {
  History history({.kind = Kind::will});
  history.publish(2);
  history.receive(0);
  EXPECT_EQ(history.verdict(), (Verdict{{Broken::lost_will, 1}}));
}

TEST(TortureJudge, what_was_never_sent_is_invented) {
  History history;
  history.publish(1);
  history.receive(0);
  history.receive(1);
  EXPECT_EQ(history.verdict(), (Verdict{{Broken::invented, 1}}));
}

TEST(TortureJudge, what_a_receiver_did_not_ask_for_is_invented) {
  Judge judge;
  const StreamId stream = judge.add(StreamFacts{"p0", "t", 1, Kind::plain});
  const ReceiverId receiver = judge.add(ReceiverFacts{"s0", 1, false, {}});
  const std::uint64_t number = judge.sent(stream);
  judge.received({.receiver = receiver, .session = "s0", .stream = stream, .number = number, .dup = false});
  EXPECT_EQ(judge.count(Broken::invented), 1U);
}

TEST(TortureJudge, a_retained_number_lies_between_acknowledged_and_sent) {
  struct Row {
    std::uint64_t number;
    bool good;
  };
  for (const Row& row : {Row{1, false}, Row{2, true}, Row{3, true}, Row{4, false}}) {
    History history({.kind = Kind::retained});
    history.publish(3);
    history.judge.sent(history.stream);
    history.judge.retained(history.stream, row.number, history.judge.acknowledged_end(history.stream));
    EXPECT_EQ(history.judge.count(Broken::retained), row.good ? 0U : 1U) << row.number;
  }
}

TEST(TortureJudge, a_retained_topic_without_a_message_is_broken) {
  History history({.kind = Kind::retained});
  history.judge.retained_missing(history.stream);
  EXPECT_EQ(history.verdict(), (Verdict{{Broken::retained, 1}}));
}

TEST(TortureJudge, a_session_that_the_network_shows_forgotten_counts) {
  History history;
  history.judge.broken(Broken::forgotten_session, "s0");
  EXPECT_EQ(history.verdict(), (Verdict{{Broken::forgotten_session, 1}}));
}

}  // namespace
}  // namespace gaon::app
