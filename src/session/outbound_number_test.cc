// Numbers of copies, and the packet ids that follow from them.
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "session/outbound_side_test.h"

namespace gaon {
namespace {

using mqtt::QoS;
using Kind = Outbound::Answer::Kind;
using Numbers = std::vector<std::uint32_t>;

constexpr QoS kQoS0 = QoS::at_most_once;
constexpr QoS kQoS1 = QoS::at_least_once;
constexpr QoS kQoS2 = QoS::exactly_once;
constexpr std::uint32_t kLast = std::numeric_limits<std::uint32_t>::max();

struct OutboundNumber : testing::Test, OutboundSide {
  OutboundNumber() { outbound.connected(65'535); }

  // Sends and finishes that many.
  void pass(int count) {
    for (int i = 0; i < count; ++i) ASSERT_EQ(puback(send_now("x")), Kind::finished);
  }
  Numbers numbers() const {
    Numbers found;
    outbound.for_each([&](const Copy& copy) { found.push_back(copy.sequence); });
    return found;
  }
};

TEST_F(OutboundNumber, the_packet_id_follows_from_the_number_and_goes_round_evenly) {
  EXPECT_EQ(packet_id_of(1), 1);
  EXPECT_EQ(packet_id_of(65'535), 65'535);
  EXPECT_EQ(packet_id_of(65'536), 1);
  EXPECT_EQ(packet_id_of(kLast), 65'535);
}

TEST_F(OutboundNumber, a_copy_has_its_number_when_it_is_queued_and_keeps_it) {
  outbound.connected(1);
  EXPECT_EQ(outbound.last_sequence(), 0u);
  send_now("a");
  EXPECT_EQ(outbound.last_sequence(), 1u);
  enqueue("b", kQoS1);
  EXPECT_EQ(outbound.last_sequence(), 2u);
  enqueue("c", kQoS2);
  EXPECT_EQ(outbound.last_sequence(), 3u);
  EXPECT_EQ(outbound.drop_oldest_waiting().sequence, 2u);
  EXPECT_EQ(outbound.handle_puback(1).copy.sequence, 1u);
  EXPECT_EQ(sent(), "c3");
}

TEST_F(OutboundNumber, copies_of_qos_0_take_no_number_and_carry_the_last_one) {
  enqueue("a", kQoS0);
  enqueue("b", kQoS1);
  enqueue("c", kQoS0);
  enqueue("d", kQoS1);
  EXPECT_EQ(outbound.last_sequence(), 2u);
  EXPECT_EQ(outbound.drop_oldest_waiting().sequence, 0u);
  EXPECT_EQ(outbound.drop_oldest_waiting().sequence, 1u);
  EXPECT_EQ(outbound.drop_oldest_waiting().sequence, 1u);
  EXPECT_EQ(sent(), "d2");
}

TEST_F(OutboundNumber, a_request_takes_a_number) {
  EXPECT_EQ(outbound.reserve_packet_id(), 1);
  EXPECT_EQ(outbound.last_sequence(), 1u);
  enqueue("a", kQoS1);
  EXPECT_EQ(outbound.last_sequence(), 2u);
}

TEST_F(OutboundNumber, a_request_among_waiting_copies_disturbs_no_order) {
  outbound.connected(1);
  for (const char* text : {"a", "b"}) enqueue(text, kQoS1);
  EXPECT_EQ(sent(), "a1");
  EXPECT_EQ(outbound.reserve_packet_id(), 3);
  puback(1);
  EXPECT_EQ(sent(), "b2");
  outbound.connected(65'535);
  EXPECT_EQ(sent(), "b2+");
  EXPECT_EQ(puback(2), Kind::finished);
  EXPECT_TRUE(outbound.empty());  // A request ends with its connection.
}

TEST_F(OutboundNumber, what_is_sent_at_once_skips_numbers_whose_id_is_in_use) {
  send_now("stuck");
  EXPECT_EQ(outbound.reserve_packet_id(), 2);
  pass(65'533);
  EXPECT_EQ(outbound.last_sequence(), 65'535u);
  EXPECT_EQ(send_now("a"), 3);
  EXPECT_EQ(outbound.last_sequence(), 65'538u);
}

TEST_F(OutboundNumber, a_queued_qos_1_takes_another_id_while_its_own_is_in_use) {
  send_now("stuck");
  pass(65'534);
  enqueue("a", kQoS1);
  enqueue("b", kQoS1);
  EXPECT_EQ(outbound.last_sequence(), 65'537u);
  const auto due = outbound.next();
  ASSERT_TRUE(due);
  EXPECT_EQ(due->copy->sequence, 65'536u);
  EXPECT_NE(due->packet_id, packet_id_of(65'536));
  EXPECT_EQ(sent(), "a65535 b2");
  outbound.connected(65'535);
  EXPECT_EQ(sent(), "stuck1+ a65535+ b2+");
  EXPECT_EQ(outbound.handle_puback(65'535).copy.sequence, 65'536u);
  EXPECT_EQ(outbound.handle_puback(1).copy.sequence, 1u);
  EXPECT_EQ(puback(65'535), Kind::unknown);
  EXPECT_EQ(puback(2), Kind::finished);
}

TEST_F(OutboundNumber, the_other_id_of_a_copy_is_in_use_for_those_whose_own_it_is) {
  send_now("stuck");
  pass(65'534);
  enqueue("a", kQoS1);
  EXPECT_EQ(sent(), "a65535");
  pass(65'533);
  EXPECT_EQ(outbound.last_sequence(), 131'069u);
  EXPECT_EQ(send_now("b"), 2);  // Not 65,535, and not 1.
  EXPECT_EQ(outbound.last_sequence(), 131'072u);
}

TEST_F(OutboundNumber, a_queued_qos_2_waits_until_its_own_id_is_free) {
  send_now("stuck");
  pass(65'534);
  enqueue("a", kQoS2);
  enqueue("b", kQoS0);
  EXPECT_EQ(sent(), "");
  EXPECT_FALSE(outbound.may_send_now(kQoS0));
  puback(1);
  EXPECT_EQ(sent(), "a1 b");
}

TEST_F(OutboundNumber, every_copy_is_found_by_its_id_after_the_ids_went_round) {
  outbound.restore_numbers(kLast - 100'000, kLast - 100'000);
  struct Sent {
    std::uint16_t packet_id;
    std::uint32_t sequence;
  };
  std::vector<Sent> all;
  for (int round = 0; round < 4; ++round) {
    for (int i = 0; i < 50; ++i) {
      const std::uint16_t packet_id = send_now("x");
      all.push_back({packet_id, outbound.last_sequence()});
    }
    pass(50'000);
  }
  for (const std::size_t first : {1u, 0u}) {
    for (std::size_t i = first; i < all.size(); i += 2) {
      const auto answer = outbound.handle_puback(all[i].packet_id);
      ASSERT_EQ(answer.kind, Kind::finished) << i;
      EXPECT_EQ(answer.copy.sequence, all[i].sequence);
      EXPECT_EQ(puback(all[i].packet_id), Kind::unknown) << i;
    }
  }
  EXPECT_TRUE(outbound.empty());
}

TEST_F(OutboundNumber, numbers_wrap_without_zero_and_ids_and_order_go_on) {
  outbound.restore_numbers(kLast - 2, kLast - 2);
  for (const char* text : {"a", "b", "c", "d"}) enqueue(text, kQoS2);
  EXPECT_EQ(numbers(), (Numbers{kLast - 1, kLast, 1, 2}));
  EXPECT_EQ(sent(), "a65534 b65535 c1 d2");
  EXPECT_EQ(numbers(), (Numbers{kLast - 1, kLast, 1, 2}));
  for (const std::uint32_t sequence : {kLast - 1, kLast, 1u, 2u}) {
    ASSERT_NE(outbound.find_sequence(sequence), nullptr) << sequence;
    EXPECT_EQ(outbound.find_sequence(sequence)->sequence, sequence);
  }
  EXPECT_EQ(outbound.find_sequence(0), nullptr);
  for (const std::uint16_t id : std::vector<std::uint16_t>{1, 65'534, 2, 65'535})
    EXPECT_EQ(pubrec(id), Kind::pubrel) << id;
}

TEST_F(OutboundNumber, a_copy_is_found_by_its_number_until_it_is_finished) {
  enqueue("z", kQoS0);
  for (const char* text : {"a", "b", "c"}) enqueue(text, kQoS1);
  sent();
  outbound.connected(1);
  for (const char* text : {"q", "d", "r", "e"}) enqueue(text, text[0] < 'q' ? kQoS1 : kQoS0);
  puback(2);
  EXPECT_EQ(outbound.find_sequence(0), nullptr);
  EXPECT_EQ(outbound.find_sequence(2), nullptr);
  EXPECT_EQ(outbound.find_sequence(6), nullptr);
  const char* texts[] = {"", "a", "", "c", "d", "e"};
  for (const std::uint32_t sequence : {1u, 3u, 4u, 5u}) {
    const Copy* copy = outbound.find_sequence(sequence);
    ASSERT_NE(copy, nullptr) << sequence;
    EXPECT_EQ(payload(copy->message()), texts[sequence]);
  }
  EXPECT_EQ(numbers(), (Numbers{1, 3, 4, 5}));
}

}  // namespace
}  // namespace gaon
