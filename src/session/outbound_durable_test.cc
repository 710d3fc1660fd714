// What a session needs whose copies are recorded: the gate, PUBREL after the record,
// messages that are not in memory, and coming back after a crash.
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "session/outbound_side_test.h"

namespace gaon {
namespace {

using mqtt::QoS;
using mqtt::Reason;
using Kind = Outbound::Answer::Kind;
using State = Copy::State;
using Numbers = std::vector<std::uint32_t>;

constexpr QoS kQoS0 = QoS::at_most_once;
constexpr QoS kQoS1 = QoS::at_least_once;
constexpr QoS kQoS2 = QoS::exactly_once;

struct OutboundDurable : testing::Test, OutboundSide {
  OutboundDurable() {
    outbound.connected(65'535);
    outbound.hold_sends(true);
  }

  void restore(std::uint32_t sequence, QoS qos, State state, std::uint16_t packet_id = 0) {
    outbound.restore({.sequence = sequence,
                      .packet_id = packet_id,
                      .qos = qos,
                      .state = state,
                      .at = {1, sequence * 10},
                      .size = 2});
  }
  // What the owner does when a message was read back.
  void load(std::uint32_t sequence, std::string_view text) {
    outbound.find_sequence(sequence)->restore(message(text));
  }
  void unload(std::uint32_t sequence) { outbound.find_sequence(sequence)->make_absent({1, sequence * 10}); }
  Numbers absent_next(std::size_t max = 100) {
    std::vector<Copy*> copies;
    const std::size_t count = outbound.absent_next(copies, max);
    EXPECT_EQ(count, copies.size());
    Numbers found;
    for (const Copy* copy : copies) found.push_back(copy->sequence);
    return found;
  }
};

// --- the gate

TEST_F(OutboundDurable, what_is_queued_goes_out_only_as_far_as_the_gate_is_open) {
  for (const char* text : {"a", "b", "c"}) enqueue(text, text[0] == 'b' ? kQoS2 : kQoS1);
  EXPECT_EQ(sent(), "");
  outbound.open_to(2);
  EXPECT_EQ(outbound.open_to(), 2u);
  EXPECT_EQ(sent(), "a1 b2");
  outbound.open_to(1);  // It never closes.
  EXPECT_EQ(outbound.open_to(), 2u);
  outbound.open_to(3);
  EXPECT_EQ(sent(), "c3");
}

TEST_F(OutboundDurable, without_hold_there_is_no_gate) {
  outbound.hold_sends(false);
  enqueue("a", kQoS2);
  EXPECT_EQ(outbound.gate_wants(1), std::nullopt);
  EXPECT_EQ(sent(), "a1");
}

TEST_F(OutboundDurable, qos_0_passes_the_gate_but_nobody_before_it) {
  enqueue("a", kQoS0);
  enqueue("b", kQoS1);
  enqueue("c", kQoS0);
  EXPECT_EQ(outbound.gate_wants(1), std::nullopt);
  EXPECT_EQ(sent(), "a");
  EXPECT_EQ(outbound.gate_wants(1), 1u);
  outbound.open_to(1);
  EXPECT_EQ(sent(), "b1 c");
}

TEST_F(OutboundDurable, the_gate_wants_what_is_ahead_and_no_more_than_waits) {
  for (const char* text : {"a", "b", "q", "c"}) enqueue(text, text[0] == 'q' ? kQoS0 : kQoS1);
  EXPECT_EQ(outbound.gate_wants(1), 1u);
  EXPECT_EQ(outbound.gate_wants(2), 2u);
  EXPECT_EQ(outbound.gate_wants(3), 2u);  // QoS 0 stands for what is before it.
  EXPECT_EQ(outbound.gate_wants(4), 3u);
  EXPECT_EQ(outbound.gate_wants(100), 3u);
  outbound.open_to(1);
  EXPECT_EQ(outbound.gate_wants(2), std::nullopt);
  EXPECT_EQ(sent(), "a1");
  EXPECT_EQ(outbound.gate_wants(1), 2u);
}

TEST_F(OutboundDurable, the_gate_wants_nothing_while_something_else_is_in_the_way) {
  EXPECT_EQ(outbound.gate_wants(1), std::nullopt);
  send_now("a");
  outbound.connected(1);
  enqueue("b", kQoS1);
  EXPECT_EQ(outbound.gate_wants(1), std::nullopt);  // A resend is due before it.
  EXPECT_EQ(sent(), "a1+");
  EXPECT_EQ(outbound.gate_wants(1), std::nullopt);  // The window is full.
  puback(1);
  EXPECT_EQ(outbound.gate_wants(1), 2u);
}

TEST_F(OutboundDurable, only_qos_2_may_not_be_sent_before_it_is_recorded) {
  EXPECT_TRUE(outbound.may_send_now(kQoS0));
  EXPECT_TRUE(outbound.may_send_now(kQoS1));
  EXPECT_FALSE(outbound.may_send_now(kQoS2));
  EXPECT_EQ(send_now("a"), 1);
  EXPECT_EQ(outbound.open_to(), 0u);
  outbound.connected(65'535);
  EXPECT_EQ(sent(), "a1+");  // Resends know no gate.
}

TEST_F(OutboundDurable, a_gate_long_unused_does_not_seem_open) {
  outbound.restore_numbers(3'000'000'000, 0);
  puback(send_now("a"));
  enqueue("b", kQoS2);
  EXPECT_EQ(sent(), "");
  EXPECT_EQ(outbound.gate_wants(1), outbound.last_sequence());
}

// --- PUBREL after the record

struct OutboundReceived : OutboundDurable {
  OutboundReceived() {
    for (const char* text : {"a", "b", "c"}) enqueue(text, kQoS2);
    outbound.open_to(3);
    sent();
  }
};

TEST_F(OutboundReceived, pubrec_waits_for_its_record_before_the_pubrel) {
  const auto answer = outbound.handle_pubrec(2, Reason::success);
  EXPECT_EQ(answer.kind, Kind::received);
  EXPECT_EQ(answer.sequence, 2u);
  EXPECT_EQ(outbound.find_sequence(2)->state, State::received);
  EXPECT_EQ(pubrec(2), Kind::repeat);
  EXPECT_EQ(pubrec(2, Reason::not_authorized), Kind::repeat);
  EXPECT_EQ(pubcomp(2), Kind::wrong);
  EXPECT_TRUE(outbound.release(2));
  EXPECT_FALSE(outbound.release(2));
  EXPECT_EQ(pubrec(2), Kind::pubrel);
  EXPECT_EQ(pubcomp(2), Kind::finished);
}

TEST_F(OutboundReceived, a_negative_pubrec_needs_no_release) {
  EXPECT_EQ(pubrec(2, Reason::not_authorized), Kind::finished);
  EXPECT_FALSE(outbound.release(2));
}

TEST_F(OutboundReceived, releases_only_what_was_received) {
  EXPECT_FALSE(outbound.release(1));
  EXPECT_FALSE(outbound.release(9));
  EXPECT_EQ(outbound.find_sequence(1)->state, State::publish_sent);
}

TEST_F(OutboundReceived, what_is_not_released_is_passed_over_when_the_rest_is_sent_again) {
  pubrec(1);
  pubrec(2);
  outbound.connected(65'535);
  enqueue("d", kQoS1);
  outbound.open_to(4);
  EXPECT_EQ(sent(), "c3+ d4");
  EXPECT_TRUE(outbound.release(1));
  EXPECT_TRUE(outbound.release(2));
  EXPECT_EQ(sent(), "");
  EXPECT_EQ(pubcomp(1), Kind::finished);
}

TEST_F(OutboundReceived, what_was_released_without_a_connection_is_sent_in_its_turn) {
  pubrec(2);
  outbound.connected(65'535);
  EXPECT_FALSE(outbound.release(2));
  EXPECT_EQ(sent(), "a1+ !2 c3+");
}

TEST_F(OutboundReceived, counts_against_the_window_until_pubcomp) {
  outbound.connected(3);
  sent();
  enqueue("d", kQoS1);
  outbound.open_to(4);
  pubrec(1);
  EXPECT_EQ(sent(), "");
  outbound.release(1);
  EXPECT_EQ(sent(), "");
  pubcomp(1);
  EXPECT_EQ(sent(), "d4");
}

// --- messages that are not in memory

TEST_F(OutboundDurable, a_copy_holds_its_message_or_the_place_where_it_is_stored) {
  const Message made = message("a");
  const std::vector<std::uint32_t> ids{7, 8};
  Copy copy({.message = made, .qos = kQoS2, .retain = true, .subscription_ids = ids, .share = 5});
  copy.make_absent({3, 4});
  EXPECT_TRUE(copy.absent());
  copy.make_absent({3, 9});  // Its record moved.
  Copy moved(std::move(copy));
  copy = std::move(moved);
  EXPECT_EQ(copy.stored_at(), (StoredAt{3, 9}));
  EXPECT_EQ(copy.qos(), kQoS2);
  EXPECT_TRUE(copy.retain());
  EXPECT_EQ(copy.share(), 5u);
  EXPECT_EQ(copy.subscription_ids().size(), 2u);
  copy.restore(made);
  EXPECT_FALSE(copy.absent());
  EXPECT_EQ(copy.message(), made);
}

TEST_F(OutboundDurable, an_absent_copy_stops_what_is_behind_it_until_its_message_is_back) {
  outbound.hold_sends(false);
  for (const char* text : {"a", "b", "c"}) enqueue(text, kQoS1);
  unload(2);
  EXPECT_EQ(absent_next(), Numbers{});  // a is there and is due first.
  EXPECT_EQ(sent(), "a1");
  EXPECT_EQ(absent_next(), Numbers{2});
  EXPECT_EQ(outbound.next(), std::nullopt);
  load(2, "b");
  EXPECT_EQ(sent(), "b2 c3");
}

TEST_F(OutboundDurable, absent_resends_are_named_first_then_the_front_of_the_queue) {
  outbound.hold_sends(false);
  for (const char* text : {"a", "b", "c", "d"}) enqueue(text, kQoS2);
  sent();
  pubrec(1);
  for (const char* text : {"e", "f", "g"}) enqueue(text, kQoS1);
  for (const std::uint32_t sequence : {2, 3, 4, 5, 6}) unload(sequence);
  outbound.connected(65'535);
  EXPECT_EQ(absent_next(), (Numbers{2, 3, 4, 5, 6}));
  EXPECT_EQ(absent_next(2), (Numbers{2, 3}));
  load(3, "c");
  EXPECT_EQ(absent_next(), Numbers{2});
  EXPECT_EQ(sent(), "!1");  // PUBREL needs no message.
  load(2, "b");
  EXPECT_EQ(sent(), "b2+ c3+");
  EXPECT_EQ(absent_next(), (Numbers{4, 5, 6}));
}

TEST_F(OutboundDurable, nothing_is_read_back_for_a_full_window_or_a_closed_gate) {
  for (const char* text : {"a", "b", "c"}) enqueue(text, kQoS1);
  for (const std::uint32_t sequence : {1, 2, 3}) unload(sequence);
  EXPECT_EQ(absent_next(), Numbers{});
  EXPECT_EQ(outbound.gate_wants(2), 2u);
  outbound.open_to(2);
  EXPECT_EQ(absent_next(), (Numbers{1, 2}));
  outbound.connected(1);
  load(1, "a");
  EXPECT_EQ(sent(), "a1");
  EXPECT_EQ(absent_next(), Numbers{});
}

TEST_F(OutboundDurable, absent_copies_keep_counting_with_their_size) {
  enqueue("aaaaaaaaa", kQoS1);
  enqueue("bbb", kQoS1);
  enqueue("c", kQoS1);
  EXPECT_EQ(outbound.waiting_bytes(), 16u);
  unload(1);
  unload(2);
  EXPECT_EQ(outbound.waiting_bytes(), 16u);
  outbound.drop_oldest_waiting();  // Taken for an average one.
  EXPECT_EQ(outbound.waiting_bytes(), 11u);
  load(2, "a message that is larger than what was counted");
  outbound.drop_oldest_waiting();
  EXPECT_EQ(outbound.waiting_bytes(), 0u);  // Not negative.
  enqueue("d", kQoS1);
  unload(3);
  outbound.drop_oldest_waiting();
  outbound.drop_oldest_waiting();
  EXPECT_EQ(outbound.waiting_bytes(), 0u);
}

TEST_F(OutboundDurable, a_share_is_taken_out_with_what_is_absent) {
  for (const char* text : {"a", "b", "c"}) enqueue(text, kQoS1, text[0] == 'b' ? 0 : 7);
  unload(1);
  const std::vector<Copy> taken = outbound.take_share(7, false);
  ASSERT_EQ(taken.size(), 2u);
  EXPECT_EQ(taken[0].stored_at(), (StoredAt{1, 10}));
  EXPECT_EQ(payload(taken[1].message()), "c");
  EXPECT_EQ(outbound.waiting_bytes(), 2u);
}

// --- coming back

TEST_F(OutboundDurable, restored_copies_go_on_with_dup_and_the_same_ids_in_order) {
  outbound.restore_numbers(70'005, 70'002);
  restore(60'000, kQoS2, State::publish_sent);
  restore(60'001, kQoS2, State::received);
  restore(60'002, kQoS2, State::pubrel_sent);
  restore(70'000, kQoS1, State::publish_sent, 4'000);
  restore(70'002, kQoS1, State::publish_sent);
  restore(70'004, kQoS1, State::waiting);
  restore(70'005, kQoS2, State::waiting);
  EXPECT_EQ(outbound.in_flight(), 5u);
  EXPECT_EQ(outbound.waiting(), 2u);
  EXPECT_EQ(outbound.waiting_bytes(), 4u);
  EXPECT_EQ(outbound.open_to(), 70'002u);
  outbound.connected(65'535);
  EXPECT_EQ(absent_next(), (Numbers{60'000, 70'000, 70'002}));
  for (const std::uint32_t sequence : absent_next()) load(sequence, "x");
  EXPECT_EQ(sent(), "x60000+ !60002 x4000+ x4467+");
  EXPECT_TRUE(outbound.release(60'001));
  EXPECT_EQ(outbound.gate_wants(10), 70'005u);
  outbound.open_to(70'005);
  for (const std::uint32_t sequence : absent_next()) load(sequence, "y");
  EXPECT_EQ(sent(), "y4469 y4470");
  EXPECT_EQ(send_now("z"), 4'471);
  EXPECT_EQ(pubcomp(60'001), Kind::finished);
  EXPECT_EQ(puback(4'000), Kind::finished);
}

TEST_F(OutboundDurable, what_was_recorded_before_one_that_was_sent_was_sent_too) {
  restore(1, kQoS1, State::waiting);
  restore(2, kQoS1, State::publish_sent);
  outbound.connected(65'535);
  EXPECT_EQ(outbound.waiting(), 0u);
  EXPECT_EQ(outbound.waiting_bytes(), 0u);
  EXPECT_EQ(absent_next(), (Numbers{1, 2}));
}

TEST_F(OutboundDurable, two_restored_copies_never_have_one_id) {
  restore(1, kQoS1, State::publish_sent);
  restore(65'536, kQoS1, State::publish_sent);  // Its other id was not recorded any more.
  restore(65'537, kQoS1, State::publish_sent);
  outbound.connected(65'535);
  for (const std::uint32_t sequence : {1, 65'536, 65'537}) load(sequence, "x");
  EXPECT_EQ(sent(), "x1+ x65535+ x2+");
}

TEST_F(OutboundDurable, a_restored_copy_has_what_it_was_recorded_with) {
  const std::vector<std::uint32_t> ids{7, 8};
  outbound.restore({.sequence = 9,
                    .qos = kQoS2,
                    .retain = true,
                    .at = {3, 4},
                    .size = 100,
                    .subscription_ids = ids,
                    .share = 5});
  EXPECT_EQ(outbound.last_sequence(), 9u);
  EXPECT_EQ(outbound.waiting_bytes(), 100u);
  const Copy* copy = outbound.find_sequence(9);
  ASSERT_NE(copy, nullptr);
  EXPECT_EQ(copy->stored_at(), (StoredAt{3, 4}));
  EXPECT_EQ(copy->qos(), kQoS2);
  EXPECT_TRUE(copy->retain());
  EXPECT_EQ(copy->share(), 5u);
  EXPECT_EQ(copy->subscription_ids()[1], 8u);
}

TEST_F(OutboundDurable, every_unfinished_copy_is_told_in_order_with_its_state) {
  for (const char* text : {"a", "b", "c", "q", "d"}) enqueue(text, text[0] == 'q' ? kQoS0 : kQoS2);
  outbound.open_to(3);
  sent();
  pubrec(2);
  pubrec(1, Reason::not_authorized);
  std::string told;
  outbound.for_each([&](const Copy& copy) {
    told += std::to_string(copy.sequence) + ":" + std::to_string(static_cast<int>(copy.state)) + " ";
  });
  EXPECT_EQ(told, "2:2 3:1 4:0 ");
}

}  // namespace
}  // namespace gaon
