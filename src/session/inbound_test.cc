#include "session/inbound.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace gaon {
namespace {

using mqtt::PacketType;
using mqtt::QoS;
using mqtt::Reason;
using Arrival = Inbound::Arrival;

using Ids = std::vector<std::uint16_t>;

constexpr QoS kQoS1 = QoS::at_least_once;
constexpr QoS kQoS2 = QoS::exactly_once;

Inbound connected(std::uint16_t receive_maximum = 65'535) {
  Inbound inbound;
  inbound.connected(receive_maximum);
  return inbound;
}

// What may leave now: "A5 R9 C1" for PUBACK 5, PUBREC 9, PUBCOMP 1, with "!" for errors.
std::string acks(Inbound& inbound) {
  std::string text;
  while (const auto ack = inbound.poll_ack()) {
    if (!text.empty()) text += ' ';
    text += ack->type == PacketType::puback ? 'A' : ack->type == PacketType::pubrec ? 'R' : 'C';
    text += std::to_string(ack->packet_id);
    if (is_error(ack->reason)) text += '!';
  }
  return text;
}

void settle(Inbound& inbound, char type, std::uint16_t packet_id, Reason reason = Reason::success) {
  inbound.settle(type == 'A'   ? PacketType::puback
                 : type == 'R' ? PacketType::pubrec
                               : PacketType::pubcomp,
                 packet_id, reason);
}

TEST(Inbound, acknowledges_nothing_before_it_is_settled) {
  Inbound inbound = connected();
  EXPECT_EQ(inbound.handle_publish(5, kQoS1), Arrival::fresh);
  EXPECT_EQ(inbound.handle_publish(6, kQoS2), Arrival::fresh);
  EXPECT_EQ(acks(inbound), "");
  settle(inbound, 'A', 5);
  settle(inbound, 'R', 6);
  EXPECT_EQ(acks(inbound), "A5 R6");
  EXPECT_EQ(acks(inbound), "");
}

TEST(Inbound, acknowledges_in_order_of_receipt_whatever_the_order_of_settling) {
  Inbound inbound = connected();
  for (const std::uint16_t id : Ids{5, 3, 9}) inbound.handle_publish(id, kQoS1);
  inbound.handle_publish(4, kQoS2);
  settle(inbound, 'R', 4);
  settle(inbound, 'A', 9);
  settle(inbound, 'A', 3);
  EXPECT_EQ(acks(inbound), "");
  settle(inbound, 'A', 5);
  EXPECT_EQ(acks(inbound), "A5 A3 A9 R4");
}

TEST(Inbound, settles_one_of_two_with_the_same_id_at_a_time) {
  Inbound inbound = connected();
  EXPECT_EQ(inbound.handle_publish(5, kQoS1), Arrival::fresh);
  EXPECT_EQ(inbound.handle_publish(5, kQoS1), Arrival::fresh);
  settle(inbound, 'A', 5);
  EXPECT_EQ(acks(inbound), "A5");
  settle(inbound, 'A', 5);
  EXPECT_EQ(acks(inbound), "A5");
}

TEST(Inbound, carries_the_reason_of_the_owner) {
  Inbound inbound = connected();
  inbound.handle_publish(5, kQoS1);
  settle(inbound, 'A', 5, Reason::no_matching_subscribers);
  EXPECT_EQ(inbound.poll_ack()->reason, Reason::no_matching_subscribers);
}

TEST(Inbound, takes_a_qos_2_message_once_until_its_pubrel) {
  Inbound inbound = connected();
  EXPECT_EQ(inbound.handle_publish(5, kQoS2), Arrival::fresh);
  settle(inbound, 'R', 5);
  EXPECT_EQ(acks(inbound), "R5");
  EXPECT_EQ(inbound.handle_publish(5, kQoS2), Arrival::repeat);
  EXPECT_EQ(acks(inbound), "R5");
  EXPECT_TRUE(inbound.handle_pubrel(5));
  EXPECT_EQ(acks(inbound), "");
  settle(inbound, 'C', 5);
  EXPECT_EQ(acks(inbound), "C5");
  EXPECT_EQ(inbound.handle_publish(5, kQoS2), Arrival::fresh);  // [MQTT-4.3.3-12]
}

TEST(Inbound, answers_a_repeat_no_earlier_than_the_message_is_settled) {
  Inbound inbound = connected();
  EXPECT_EQ(inbound.handle_publish(5, kQoS2), Arrival::fresh);
  EXPECT_EQ(inbound.handle_publish(5, kQoS2), Arrival::repeat);
  inbound.handle_publish(6, kQoS1);
  settle(inbound, 'A', 6);
  EXPECT_EQ(acks(inbound), "");
  settle(inbound, 'R', 5);
  EXPECT_EQ(acks(inbound), "R5 R5 A6");
}

TEST(Inbound, settles_repeats_of_one_message_and_not_the_next_with_its_id) {
  Inbound inbound = connected();
  inbound.handle_publish(5, kQoS2);
  inbound.handle_publish(5, kQoS2);
  inbound.handle_pubrel(5);
  settle(inbound, 'C', 5);
  EXPECT_EQ(inbound.handle_publish(5, kQoS2), Arrival::fresh);
  EXPECT_EQ(inbound.handle_publish(5, kQoS2), Arrival::repeat);
  settle(inbound, 'R', 5);
  EXPECT_EQ(acks(inbound), "R5 R5 C5");
}

TEST(Inbound, counts_a_refused_id_as_free_for_the_record_and_as_held_for_repeats) {
  Inbound inbound = connected();
  inbound.handle_publish(1, kQoS2);
  inbound.handle_publish(2, kQoS2);
  inbound.refuse(1);
  Ids held;
  inbound.for_each_held([&](std::uint16_t id) { held.push_back(id); });
  EXPECT_EQ(held, Ids{2});
  EXPECT_TRUE(inbound.holds(1));
  EXPECT_EQ(inbound.handle_publish(1, kQoS2), Arrival::repeat);
  settle(inbound, 'R', 1, Reason::quota_exceeded);
  EXPECT_FALSE(inbound.holds(1));
}

TEST(Inbound, answers_an_unknown_pubrel_with_packet_identifier_not_found) {
  Inbound inbound = connected();
  EXPECT_FALSE(inbound.handle_pubrel(9));
  const auto ack = inbound.poll_ack();
  ASSERT_TRUE(ack);
  EXPECT_EQ(ack->type, PacketType::pubcomp);
  EXPECT_EQ(ack->reason, Reason::packet_identifier_not_found);
}

TEST(Inbound, a_negative_pubrec_frees_the_id) {
  Inbound inbound = connected(1);
  inbound.handle_publish(5, kQoS2);
  settle(inbound, 'R', 5, Reason::not_authorized);
  EXPECT_EQ(acks(inbound), "R5!");
  EXPECT_EQ(inbound.unfinished(), 0u);
  EXPECT_EQ(inbound.handle_publish(5, kQoS2), Arrival::fresh);
}

TEST(Inbound, holds_qos_2_ids_across_connections) {
  Inbound inbound = connected();
  inbound.handle_publish(5, kQoS2);
  inbound.handle_publish(6, kQoS2);
  settle(inbound, 'R', 5);
  settle(inbound, 'R', 6);
  inbound.connected(65'535);
  EXPECT_EQ(inbound.handle_publish(5, kQoS2), Arrival::repeat);
  EXPECT_TRUE(inbound.handle_pubrel(6));
}

TEST(Inbound, forgets_what_was_owed_to_an_older_connection) {
  Inbound inbound = connected();
  const auto connection = inbound.connection();
  inbound.handle_publish(5, kQoS1);
  settle(inbound, 'A', 5);
  inbound.connected(65'535);
  EXPECT_NE(inbound.connection(), connection);
  EXPECT_EQ(acks(inbound), "");
  EXPECT_EQ(inbound.unfinished(), 0u);
}

TEST(Inbound, a_late_settling_answers_the_repeat_on_the_new_connection) {
  Inbound inbound = connected();
  inbound.handle_publish(5, kQoS2);
  inbound.connected(65'535);
  EXPECT_EQ(inbound.handle_publish(5, kQoS2), Arrival::repeat);
  EXPECT_EQ(acks(inbound), "");
  settle(inbound, 'R', 5);
  EXPECT_EQ(acks(inbound), "R5");
}

TEST(Inbound, a_settling_that_came_between_connections_lets_the_repeat_be_answered_at_once) {
  Inbound inbound = connected();
  inbound.handle_publish(5, kQoS2);
  inbound.connected(65'535);
  settle(inbound, 'R', 5);
  EXPECT_EQ(inbound.handle_publish(5, kQoS2), Arrival::repeat);
  EXPECT_EQ(acks(inbound), "R5");
}

TEST(Inbound, session_lost_frees_the_held_ids) {
  Inbound inbound = connected();
  inbound.handle_publish(5, kQoS2);
  inbound.session_lost();
  inbound.connected(65'535);
  EXPECT_EQ(inbound.handle_publish(5, kQoS2), Arrival::fresh);
}

TEST(Inbound, refuses_more_than_the_receive_maximum) {
  for (const QoS qos : {kQoS1, kQoS2}) {
    Inbound inbound = connected(3);
    EXPECT_EQ(inbound.handle_publish(1, kQoS1), Arrival::fresh);
    EXPECT_EQ(inbound.handle_publish(2, kQoS2), Arrival::fresh);
    EXPECT_EQ(inbound.handle_publish(3, kQoS2), Arrival::fresh);
    EXPECT_EQ(inbound.unfinished(), 3u);
    EXPECT_EQ(inbound.handle_publish(4, qos), Arrival::too_many);
  }
}

TEST(Inbound, a_pubrec_gives_no_room_back_but_puback_and_pubrel_do) {
  Inbound inbound = connected(2);
  inbound.handle_publish(1, kQoS1);
  inbound.handle_publish(2, kQoS2);
  settle(inbound, 'R', 2);
  settle(inbound, 'A', 1);
  EXPECT_EQ(acks(inbound), "A1 R2");
  EXPECT_EQ(inbound.handle_publish(3, kQoS1), Arrival::fresh);
  EXPECT_EQ(inbound.unfinished(), 2u);
  inbound.handle_pubrel(2);
  EXPECT_EQ(inbound.handle_publish(4, kQoS2), Arrival::fresh);
  EXPECT_EQ(inbound.handle_publish(5, kQoS2), Arrival::too_many);
}

TEST(Inbound, a_repeat_takes_no_more_room) {
  Inbound inbound = connected(1);
  inbound.handle_publish(1, kQoS2);
  EXPECT_EQ(inbound.handle_publish(1, kQoS2), Arrival::repeat);
  EXPECT_EQ(inbound.unfinished(), 1u);
}

TEST(Inbound, counts_an_id_held_from_before_only_once_it_is_published_again) {
  Inbound inbound = connected(1);
  inbound.handle_publish(1, kQoS2);
  settle(inbound, 'R', 1);
  inbound.connected(1);  // U5-4.9-a: the peer counts from zero, its PUBREL may come last.
  EXPECT_EQ(inbound.unfinished(), 0u);
  EXPECT_EQ(inbound.handle_publish(2, kQoS2), Arrival::fresh);
  EXPECT_TRUE(inbound.handle_pubrel(1));
  EXPECT_EQ(inbound.unfinished(), 1u);
  inbound.connected(1);
  EXPECT_EQ(inbound.handle_publish(2, kQoS2), Arrival::repeat);
  EXPECT_EQ(inbound.handle_publish(3, kQoS2), Arrival::too_many);
}

TEST(Inbound, is_full_when_a_peer_asks_without_reading_answers) {
  Inbound inbound = connected();
  inbound.handle_publish(1, kQoS1);
  int asked = 0;
  while (!inbound.full() && asked < 1'000'000) {
    inbound.handle_pubrel(7);
    ++asked;
  }
  EXPECT_LT(asked, 1'000'000);
  EXPECT_EQ(inbound.handle_publish(2, kQoS1), Arrival::too_many);
}

Ids held(const Inbound& inbound) {
  Ids ids;
  inbound.for_each_held([&](std::uint16_t id) { ids.push_back(id); });
  std::ranges::sort(ids);
  return ids;
}

TEST(Inbound, tells_which_ids_are_held) {
  Inbound inbound = connected();
  EXPECT_EQ(held(inbound), Ids{});
  Ids all;
  for (std::uint16_t id = 1; id <= 50; ++id) {
    inbound.handle_publish(id, kQoS2);
    all.push_back(id);
    ASSERT_EQ(held(inbound), all);
  }
  for (std::uint16_t id = 1; id <= 48; ++id) inbound.handle_pubrel(id);
  EXPECT_EQ(held(inbound), (Ids{49, 50}));
}

TEST(Inbound, a_restored_id_is_held_safe_and_not_counted) {
  Inbound inbound;
  inbound.restore_held(7);
  inbound.restore_held(8);
  inbound.connected(1);
  EXPECT_EQ(held(inbound), (Ids{7, 8}));
  EXPECT_EQ(inbound.unfinished(), 0u);
  EXPECT_EQ(inbound.handle_publish(7, kQoS2), Arrival::repeat);
  EXPECT_EQ(acks(inbound), "R7");
  EXPECT_TRUE(inbound.handle_pubrel(7));
  EXPECT_TRUE(inbound.handle_pubrel(8));
  EXPECT_EQ(held(inbound), Ids{});
}

}  // namespace
}  // namespace gaon
