#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "session/outbound_side_test.h"

namespace gaon {
namespace {

using mqtt::QoS;
using mqtt::Reason;
using Kind = Outbound::Answer::Kind;

using Ids = std::vector<std::uint16_t>;
using Texts = std::vector<std::string>;

constexpr QoS kQoS0 = QoS::at_most_once;
constexpr QoS kQoS1 = QoS::at_least_once;
constexpr QoS kQoS2 = QoS::exactly_once;

struct OutboundTest : testing::Test, OutboundSide {
  OutboundTest() { outbound.connected(65'535); }
};

TEST_F(OutboundTest, sends_in_order_of_arrival_over_all_qos) {
  enqueue("a", kQoS1);
  enqueue("b", kQoS0);
  enqueue("c", kQoS2);
  enqueue("d", kQoS0);
  EXPECT_EQ(outbound.waiting(), 4u);
  EXPECT_EQ(outbound.waiting_bytes(), 8u);
  EXPECT_EQ(sent(), "a1 b c2 d");
  EXPECT_EQ(outbound.waiting(), 0u);
  EXPECT_EQ(outbound.waiting_bytes(), 0u);
  EXPECT_EQ(outbound.in_flight(), 2u);
}

TEST_F(OutboundTest, next_says_the_same_until_it_is_sent) {
  enqueue("a", kQoS1);
  EXPECT_EQ(outbound.next()->packet_id, 1);
  EXPECT_EQ(outbound.next()->packet_id, 1);
  EXPECT_EQ(sent(), "a1");
}

TEST_F(OutboundTest, sends_nothing_before_it_is_connected) {
  Outbound fresh;
  const Message made = message("a");
  fresh.enqueue({.message = made, .qos = kQoS1});
  EXPECT_FALSE(fresh.next());
  EXPECT_FALSE(fresh.may_send_now(kQoS1));
}

TEST_F(OutboundTest, qos_1_ends_with_puback) {
  enqueue("a", kQoS1);
  sent();
  const Outbound::Answer answer = outbound.handle_puback(1);
  EXPECT_EQ(answer.kind, Kind::finished);
  EXPECT_EQ(payload(answer.copy.message()), "a");
  EXPECT_TRUE(outbound.empty());
  EXPECT_EQ(puback(1), Kind::unknown);
}

TEST_F(OutboundTest, qos_2_ends_with_pubcomp_after_pubrec) {
  enqueue("a", kQoS2);
  sent();
  EXPECT_EQ(pubrec(1), Kind::pubrel);
  EXPECT_EQ(pubrec(1), Kind::pubrel);
  const Outbound::Answer answer = outbound.handle_pubcomp(1);
  EXPECT_EQ(answer.kind, Kind::finished);
  EXPECT_EQ(payload(answer.copy.message()), "a");
  EXPECT_TRUE(outbound.empty());
  EXPECT_EQ(pubcomp(1), Kind::unknown);
  EXPECT_EQ(pubrec(1), Kind::unknown);
}

TEST_F(OutboundTest, a_negative_pubrec_ends_the_message) {
  enqueue("a", kQoS2);
  sent();
  EXPECT_EQ(pubrec(1, Reason::not_authorized), Kind::finished);
  EXPECT_TRUE(outbound.empty());
}

TEST_F(OutboundTest, a_negative_pubrec_after_a_good_one_does_not_stop_the_pubrel) {
  enqueue("a", kQoS2);
  sent();
  EXPECT_EQ(pubrec(1), Kind::pubrel);
  EXPECT_EQ(pubrec(1, Reason::not_authorized), Kind::pubrel);
}

TEST_F(OutboundTest, an_answer_of_the_wrong_kind_changes_nothing) {
  enqueue("a", kQoS1);
  enqueue("b", kQoS2);
  sent();
  const std::uint16_t reserved = *outbound.reserve_packet_id();
  EXPECT_EQ(pubrec(1), Kind::wrong);
  EXPECT_EQ(pubcomp(1), Kind::wrong);
  EXPECT_EQ(puback(2), Kind::wrong);
  EXPECT_EQ(pubcomp(2), Kind::wrong);
  EXPECT_EQ(puback(reserved), Kind::wrong);
  EXPECT_EQ(pubrec(reserved), Kind::wrong);
  EXPECT_EQ(pubcomp(reserved), Kind::wrong);
  EXPECT_EQ(puback(1), Kind::finished);
  EXPECT_EQ(pubrec(2), Kind::pubrel);
  EXPECT_EQ(puback(2), Kind::wrong);
  EXPECT_EQ(pubcomp(2), Kind::finished);
}

TEST_F(OutboundTest, leaves_no_more_unfinished_than_the_window) {
  outbound.connected(2);
  for (const char* text : {"a", "b", "c", "d", "e"}) enqueue(text, text[0] == 'b' ? kQoS2 : kQoS1);
  EXPECT_EQ(sent(), "a1 b2");
  EXPECT_FALSE(outbound.may_send_now(kQoS1));
  EXPECT_EQ(pubrec(2), Kind::pubrel);
  EXPECT_EQ(sent(), "");  // [MQTT-4.9.0-2]: a good PUBREC gives nothing back.
  puback(1);
  EXPECT_EQ(sent(), "c3");
  pubcomp(2);
  EXPECT_EQ(sent(), "d4");
  EXPECT_EQ(pubcomp(2), Kind::unknown);
  EXPECT_EQ(sent(), "");
}

TEST_F(OutboundTest, a_negative_pubrec_opens_the_window) {
  outbound.connected(1);
  enqueue("a", kQoS2);
  enqueue("b", kQoS2);
  EXPECT_EQ(sent(), "a1");
  pubrec(1, Reason::quota_exceeded);
  EXPECT_EQ(sent(), "b2");
}

TEST_F(OutboundTest, qos_0_waits_behind_what_the_window_stops_but_needs_no_window_itself) {
  outbound.connected(1);
  enqueue("a", kQoS1);
  enqueue("b", kQoS0);
  enqueue("c", kQoS1);
  enqueue("d", kQoS0);
  EXPECT_EQ(sent(), "a1 b");
  puback(1);
  EXPECT_EQ(sent(), "c2 d");
}

TEST_F(OutboundTest, sends_at_once_only_when_nothing_waits_before_it) {
  outbound.connected(2);
  EXPECT_TRUE(outbound.may_send_now(kQoS1));
  EXPECT_EQ(send_now("a"), 1);
  EXPECT_EQ(send_now("b", kQoS2), 2);
  EXPECT_EQ(send_now("c", kQoS0), 0);
  EXPECT_FALSE(outbound.may_send_now(kQoS1));
  EXPECT_TRUE(outbound.may_send_now(kQoS0));
  enqueue("d", kQoS1);
  EXPECT_FALSE(outbound.may_send_now(kQoS0));
  puback(1);
  EXPECT_FALSE(outbound.may_send_now(kQoS1));
  EXPECT_EQ(sent(), "d3");
}

TEST_F(OutboundTest, sends_nothing_at_once_while_resends_are_due) {
  send_now("a");
  outbound.connected(10);
  EXPECT_FALSE(outbound.may_send_now(kQoS0));
  EXPECT_EQ(sent(), "a1+");
  EXPECT_TRUE(outbound.may_send_now(kQoS0));
}

TEST_F(OutboundTest, resends_with_dup_in_the_old_order_before_what_is_new) {
  for (const char* text : {"a", "b", "c", "d"}) enqueue(text, text[0] == 'b' ? kQoS2 : kQoS1);
  EXPECT_EQ(sent(), "a1 b2 c3 d4");
  puback(3);
  enqueue("e", kQoS1);
  outbound.connected(65'535);
  EXPECT_TRUE(outbound.has_queued_next());
  EXPECT_EQ(sent(), "a1+ b2+ d4+ e5");
  EXPECT_EQ(sent(), "");
}

TEST_F(OutboundTest, resends_pubrel_and_never_its_publish) {
  for (const char* text : {"a", "b", "c"}) enqueue(text, kQoS2);
  sent();
  pubrec(2);
  outbound.connected(65'535);
  EXPECT_EQ(sent(), "a1+ !2 c3+");
  outbound.connected(65'535);
  EXPECT_EQ(sent(), "a1+ !2 c3+");
  EXPECT_EQ(pubcomp(2), Kind::finished);
}

TEST_F(OutboundTest, resends_within_the_window_of_the_new_connection) {
  for (const char* text : {"a", "b", "c"}) enqueue(text, kQoS1);
  sent();
  outbound.connected(2);
  EXPECT_EQ(sent(), "a1+ b2+");
  enqueue("d", kQoS0);
  EXPECT_EQ(sent(), "");
  puback(1);
  EXPECT_EQ(sent(), "c3+ d");
}

TEST_F(OutboundTest, the_answer_to_a_resent_pubrel_opens_no_window) {
  enqueue("a", kQoS2);
  sent();
  pubrec(1);
  outbound.connected(1);
  enqueue("b", kQoS1);
  enqueue("c", kQoS1);
  EXPECT_EQ(sent(), "!1 b2");
  EXPECT_EQ(pubcomp(1), Kind::finished);  // U5-4.9-a
  EXPECT_EQ(sent(), "");
  puback(2);
  EXPECT_EQ(sent(), "c3");
}

TEST_F(OutboundTest, does_not_resend_what_is_acknowledged_before_its_turn) {
  for (const char* text : {"a", "b", "c"}) enqueue(text, kQoS1);
  sent();
  outbound.connected(1);
  EXPECT_EQ(sent(), "a1+");
  EXPECT_EQ(puback(2), Kind::finished);
  EXPECT_EQ(sent(), "");
  puback(1);
  EXPECT_EQ(sent(), "c3+");
}

TEST_F(OutboundTest, gives_up_what_cannot_be_sent_and_keeps_neither_id_nor_window) {
  outbound.connected(1);
  enqueue("a", kQoS1);
  enqueue("b", kQoS1);
  EXPECT_EQ(outbound.next()->packet_id, 1);
  EXPECT_EQ(payload(outbound.give_up().message()), "a");
  EXPECT_EQ(outbound.waiting_bytes(), 2u);
  EXPECT_EQ(outbound.next()->packet_id, 2);
  EXPECT_EQ(sent(), "b2");
  EXPECT_EQ(puback(1), Kind::unknown);
}

TEST_F(OutboundTest, gives_up_a_resend) {
  for (const char* text : {"a", "b", "c"}) enqueue(text, kQoS1);
  sent();
  outbound.connected(65'535);
  outbound.next();
  outbound.sent();
  EXPECT_EQ(outbound.next()->packet_id, 2);
  EXPECT_EQ(payload(outbound.give_up().message()), "b");
  EXPECT_EQ(sent(), "c3+");
  EXPECT_EQ(outbound.in_flight(), 2u);
}

TEST_F(OutboundTest, drops_the_oldest_that_waits_and_nothing_that_was_sent) {
  outbound.connected(1);
  for (const char* text : {"a", "b", "c"}) enqueue(text, kQoS1);
  EXPECT_EQ(sent(), "a1");
  EXPECT_EQ(payload(outbound.drop_oldest_waiting().message()), "b");
  EXPECT_EQ(outbound.waiting(), 1u);
  EXPECT_EQ(outbound.waiting_bytes(), 2u);
  puback(1);
  EXPECT_EQ(sent(), "c3");
}

Texts texts(const std::vector<Copy>& copies) {
  Texts found;
  for (const Copy& one : copies) found.push_back(OutboundSide::payload(one.message()));
  return found;
}

TEST_F(OutboundTest, takes_out_a_share_that_waits) {
  outbound.connected(1);
  enqueue("a", kQoS1, 7);
  enqueue("b", kQoS1, 7);
  enqueue("c", kQoS1, 8);
  enqueue("d", kQoS2, 7);
  EXPECT_EQ(sent(), "a1");
  EXPECT_EQ(texts(outbound.take_share(7, false)), (Texts{"b", "d"}));
  EXPECT_EQ(outbound.waiting(), 1u);
  EXPECT_EQ(outbound.waiting_bytes(), 2u);
  EXPECT_EQ(outbound.in_flight(), 1u);
  EXPECT_TRUE(outbound.take_share(9, true).empty());
}

TEST_F(OutboundTest, takes_out_unacknowledged_qos_1_of_a_share_but_never_qos_2) {
  for (int i = 0; i < 3; ++i) {
    enqueue("a" + std::to_string(i), kQoS1, 7);
    enqueue("b" + std::to_string(i), kQoS2, 7);
    enqueue("c" + std::to_string(i), kQoS1, 8);
  }
  sent();
  enqueue("d", kQoS2, 7);
  EXPECT_EQ(texts(outbound.take_share(7, true)), (Texts{"a0", "a1", "a2", "d"}));
  EXPECT_EQ(outbound.in_flight(), 6u);
  outbound.connected(65'535);
  EXPECT_EQ(sent(), "b02+ c03+ b15+ c16+ b28+ c29+");
}

TEST_F(OutboundTest, session_lost_makes_new_what_was_not_received_and_drops_what_was) {
  for (const char* text : {"a", "b", "c"}) enqueue(text, kQoS2);
  sent();
  enqueue("d", kQoS1);
  pubrec(2);
  outbound.session_lost();
  outbound.connected(65'535);
  EXPECT_EQ(outbound.waiting(), 3u);
  EXPECT_EQ(outbound.waiting_bytes(), 6u);
  EXPECT_EQ(pubrec(1), Kind::unknown);
  EXPECT_EQ(sent(), "a1 c3 d4");
  EXPECT_EQ(pubrec(2), Kind::unknown);
}

TEST_F(OutboundTest, session_lost_leaves_numbers_and_order_as_they_are) {
  enqueue("a", kQoS1);
  enqueue("b", kQoS1);
  outbound.next();
  outbound.sent();
  EXPECT_EQ(outbound.next()->packet_id, 2);
  outbound.session_lost();
  outbound.connected(65'535);
  EXPECT_EQ(sent(), "a1 b2");
  EXPECT_EQ(outbound.last_sequence(), 2u);
}

TEST_F(OutboundTest, shares_packet_ids_between_publish_and_requests) {
  EXPECT_EQ(outbound.reserve_packet_id(), 1);
  EXPECT_EQ(send_now("a"), 2);
  EXPECT_EQ(outbound.reserve_packet_id(), 3);
  EXPECT_TRUE(outbound.release_packet_id(3));
  EXPECT_FALSE(outbound.release_packet_id(3));
  EXPECT_FALSE(outbound.release_packet_id(2));
  EXPECT_FALSE(outbound.release_packet_id(4));
  EXPECT_TRUE(outbound.release_packet_id(1));
  EXPECT_EQ(puback(2), Kind::finished);
  EXPECT_TRUE(outbound.empty());
}

TEST_F(OutboundTest, reserved_ids_take_no_window_and_are_not_resent) {
  outbound.connected(1);
  outbound.reserve_packet_id();
  EXPECT_EQ(send_now("a"), 2);
  outbound.reserve_packet_id();
  outbound.connected(1);
  EXPECT_EQ(sent(), "a2+");
  EXPECT_EQ(outbound.in_flight(), 1u);
  EXPECT_FALSE(outbound.release_packet_id(1));
}

TEST_F(OutboundTest, a_request_between_resends_is_skipped) {
  send_now("a");
  send_now("b");
  outbound.connected(65'535);
  outbound.next();
  outbound.sent();
  EXPECT_EQ(outbound.reserve_packet_id(), 3);
  EXPECT_EQ(sent(), "b2+");
  EXPECT_EQ(send_now("c"), 4);
}

TEST_F(OutboundTest, skips_ids_in_use_when_the_counter_comes_round) {  // [MQTT-2.2.1-4]
  const std::uint16_t stuck = send_now("stuck");
  for (int round = 0; round < 3; ++round) {
    std::set<std::uint16_t> seen{stuck};
    for (int i = 0; i < 65'534; ++i) {
      const std::uint16_t id = send_now("x");
      ASSERT_NE(id, 0);
      ASSERT_TRUE(seen.insert(id).second) << id;
      ASSERT_EQ(puback(id), Kind::finished);
    }
  }
  EXPECT_EQ(outbound.in_flight(), 1u);
  EXPECT_EQ(puback(stuck), Kind::finished);
}

TEST_F(OutboundTest, finds_ids_on_both_sides_of_the_wrap) {
  for (int i = 0; i < 65'530; ++i) puback(send_now("x"));
  Ids ids;
  for (int i = 0; i < 10; ++i) ids.push_back(send_now("x"));
  EXPECT_EQ(ids, (Ids{65'531, 65'532, 65'533, 65'534, 65'535, 1, 2, 3, 4, 5}));
  for (const std::uint16_t id : Ids{1, 65'533, 5, 65'531, 4, 2, 65'535, 3, 65'532, 65'534}) {
    EXPECT_EQ(puback(id), Kind::finished) << id;
  }
  EXPECT_TRUE(outbound.empty());
}

TEST_F(OutboundTest, uses_every_id_and_then_none) {
  for (int i = 0; i < 65'535; ++i) ASSERT_TRUE(outbound.may_send_now(kQoS1) && send_now("x") != 0);
  EXPECT_FALSE(outbound.may_send_now(kQoS1));
  EXPECT_EQ(outbound.reserve_packet_id(), std::nullopt);
  EXPECT_EQ(puback(40'000), Kind::finished);
  EXPECT_EQ(outbound.reserve_packet_id(), 40'000);
}

TEST_F(OutboundTest, resends_though_every_id_is_in_use) {
  for (int i = 0; i < 65'535; ++i) send_now("x");
  outbound.connected(2);
  enqueue("y", kQoS1);
  EXPECT_EQ(sent(), "x1+ x2+");
}

TEST_F(OutboundTest, one_that_is_stuck_does_not_hold_the_places_of_the_rest) {
  const std::uint16_t first = send_now("first");
  Ids open;
  for (int i = 0; i < 10'000; ++i) {
    const std::uint16_t id = send_now("x");
    if (i % 1'000 == 0) {
      open.push_back(id);
    } else {
      ASSERT_EQ(puback(id), Kind::finished);
    }
  }
  EXPECT_EQ(outbound.in_flight(), open.size() + 1);
  for (const std::uint16_t id : open) EXPECT_EQ(puback(id), Kind::finished) << id;
  EXPECT_EQ(puback(first), Kind::finished);
  EXPECT_TRUE(outbound.empty());
}

TEST_F(OutboundTest, resends_go_on_at_the_right_place_when_holes_close) {
  for (int i = 0; i < 300; ++i) send_now("x");
  outbound.connected(65'535);
  for (int i = 0; i < 200; ++i) {
    outbound.next();
    outbound.sent();
  }
  for (std::uint16_t id = 2; id <= 199; ++id) ASSERT_EQ(puback(id), Kind::finished);
  for (std::uint16_t id = 202; id <= 300; id += 2) ASSERT_EQ(puback(id), Kind::finished);
  std::string expected;
  for (int id = 201; id < 300; id += 2) expected += (id > 201 ? " x" : "x") + std::to_string(id) + "+";
  EXPECT_EQ(sent(), expected);
  EXPECT_EQ(outbound.in_flight(), 52u);
}

}  // namespace
}  // namespace gaon
