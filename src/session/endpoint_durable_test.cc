// Sessions that are recorded, over connections that break and a broker that comes back.
#include <gtest/gtest.h>

#include "session/pair_test.h"

namespace gaon {
namespace {

using mqtt::PacketType;
using mqtt::QoS;
using mqtt::Reason;
using State = Copy::State;

constexpr QoS kQoS0 = QoS::at_most_once;
constexpr QoS kQoS1 = QoS::at_least_once;
constexpr QoS kQoS2 = QoS::exactly_once;

// The server's session is recorded.
struct EndpointDurable : testing::Test {
  EndpointDurable() {
    pair.open();
    server().session.outbound.hold_sends(true);
    pair.to_client.packets.clear();
  }

  Side& server() { return pair.server; }
  Outbound& outbound() { return pair.server.session.outbound; }
  Texts& packets() { return pair.to_client.packets; }

  void publish(std::string_view text, QoS qos) { server().publish("t", text, qos, pair.now); }
  void open_gate(std::uint32_t sequence) {
    outbound().open_to(sequence);
    server().pump(pair.now);
    pair.run();
  }
  void reopen() {
    pair.cut();
    packets().clear();
    pair.open(false);
  }
  // The broker ended and came back, with nothing yet of this session.
  void crash() {
    pair.cut();
    packets().clear();
    server().session = Session();
    outbound().hold_sends(true);
  }
  void restore(std::uint32_t sequence, QoS qos, State state) {
    outbound().restore({.sequence = sequence, .qos = qos, .state = state, .at = {1, sequence}, .size = 2});
  }
  void load(std::uint32_t sequence, std::string_view text) {
    outbound().find_sequence(sequence)->restore(Message::make({.topic = "t", .payload = as_bytes(text)}));
  }

  Pair pair;
};

TEST_F(EndpointDurable, qos_1_goes_out_at_once_and_qos_2_when_the_gate_opens) {
  publish("a", kQoS1);
  publish("b", kQoS2);
  publish("c", kQoS0);
  pair.run();
  EXPECT_EQ(packets(), (Texts{"PUBLISH q1 #1 t=a"}));
  EXPECT_EQ(outbound().gate_wants(8), 2u);
  open_gate(2);
  EXPECT_EQ(packets(), (Texts{"PUBLISH q1 #1 t=a", "PUBLISH q2 #2 t=b", "PUBLISH q0 t=c"}));
}

TEST_F(EndpointDurable, pubrel_leaves_when_the_owner_has_recorded_the_pubrec) {
  publish("a", kQoS2);
  open_gate(1);
  ASSERT_EQ(server().received.size(), 1u);
  EXPECT_EQ(server().received[0].packet_id, 1);
  EXPECT_EQ(server().received[0].sequence, 1u);
  EXPECT_EQ(packets(), Texts{"PUBLISH q2 #1 t=a"});
  server().endpoint->release(1);
  server().endpoint->release(1);
  pair.run();
  EXPECT_EQ(packets(), (Texts{"PUBLISH q2 #1 t=a", "PUBREL #1"}));
  EXPECT_EQ(server().finished, Texts{"a"});
}

TEST_F(EndpointDurable, a_repeated_pubrec_gets_nothing_before_the_release_and_pubrel_after_it) {
  publish("a", kQoS2);
  open_gate(1);
  packets().clear();
  const std::string pubrec = as_bytes_of(mqtt::Pubrec{.packet_id = 1}, pair.version);
  server().receive(pubrec, pair.now);
  pair.run();
  EXPECT_EQ(server().received.size(), 1u);
  EXPECT_EQ(packets(), Texts{});
  server().endpoint->release(1);
  server().receive(pubrec, pair.now);
  EXPECT_EQ(server().say(), (Texts{"PUBREL #1", "PUBREL #1"}));
  EXPECT_TRUE(server().violations.empty());
}

TEST_F(EndpointDurable, a_release_after_a_reconnect_writes_the_pubrel_then) {
  publish("a", kQoS2);
  open_gate(1);
  publish("b", kQoS1);
  reopen();
  EXPECT_EQ(packets(), (Texts{"CONNACK", "PUBLISH q1 dup #2 t=b"}));
  server().endpoint->release(1);
  pair.run();
  EXPECT_EQ(packets().back(), "PUBREL #1");
  EXPECT_EQ(server().finished, (Texts{"b", "a"}));
  EXPECT_EQ(pair.client.payloads(), (Texts{"a", "b"}));
}

TEST_F(EndpointDurable, a_release_without_a_connection_shows_with_the_next_one) {
  publish("a", kQoS2);
  open_gate(1);
  pair.cut();
  outbound().release(1);
  reopen();
  EXPECT_EQ(packets(), (Texts{"CONNACK", "PUBREL #1"}));
  EXPECT_EQ(server().finished, Texts{"a"});
}

TEST_F(EndpointDurable, a_release_on_a_connection_that_is_closed_writes_nothing) {
  publish("a", kQoS2);
  open_gate(1);
  packets().clear();
  server().endpoint->disconnect(Reason::server_shutting_down);
  server().endpoint->release(1);
  EXPECT_EQ(server().say(), Texts{"DISCONNECT 8B"});
  reopen();
  EXPECT_EQ(packets(), (Texts{"CONNACK", "PUBREL #1"}));
}

TEST_F(EndpointDurable, qos_2_grown_too_large_for_the_peer_is_recorded_as_received) {
  const std::string large(100, 'x');
  pair.client.settles = false;
  publish(large, kQoS2);
  open_gate(1);
  pair.client.owed.clear();
  pair.client.settles = true;
  pair.client.options.maximum_packet_size = 50;
  reopen();
  EXPECT_EQ(packets(), Texts{"CONNACK"});
  ASSERT_EQ(server().received.size(), 1u);
  EXPECT_EQ(server().received[0].packet_id, 1);
  EXPECT_EQ(server().received[0].sequence, 1u);
  server().endpoint->release(1);
  pair.run();
  EXPECT_EQ(packets(), (Texts{"CONNACK", "PUBREL #1"}));
  EXPECT_TRUE(outbound().empty());
}

// Whether they were sent or given up is not known: after what follows them they are too late.
TEST_F(EndpointDurable, copies_in_doubt_are_not_sent_once_they_expired) {
  crash();
  outbound().restore_numbers(3, 3);
  for (const std::uint32_t sequence : {1u, 2u, 3u}) {
    outbound().restore({.sequence = sequence,
                        .qos = sequence == 2 ? kQoS2 : kQoS1,
                        .state = State::publish_sent,
                        .in_doubt = true,
                        .at = {1, sequence},
                        .size = 2});
  }
  std::vector<Copy*> absent;
  pair.open(false);
  ASSERT_EQ(outbound().absent_next(absent, 3), 3u);
  for (Copy* copy : absent) {
    const Time deadline = copy->sequence == 3 ? kNever : pair.now;
    copy->restore(
        Message::make({.deadline = deadline, .qos = copy->qos(), .topic = "t", .payload = as_bytes("x")}));
  }
  server().pump(pair.now);
  pair.run();
  EXPECT_EQ(packets(), (Texts{"CONNACK", "PUBLISH q1 dup #3 t=x"}));
  ASSERT_EQ(server().received.size(), 1u);
  server().endpoint->release(2);
  pair.run();
  EXPECT_EQ(packets().back(), "PUBREL #2");
  EXPECT_TRUE(outbound().empty());
}

// Of what is sent once more only what is in doubt is asked about.
TEST_F(EndpointDurable, copies_that_their_owner_refuses_are_given_up) {
  crash();
  outbound().restore_numbers(4, 4);
  for (const std::uint32_t sequence : {1u, 2u, 3u, 4u}) {
    outbound().restore({.sequence = sequence,
                        .qos = sequence == 2 ? kQoS2 : kQoS1,
                        .state = sequence == 4 ? State::waiting : State::publish_sent,
                        .in_doubt = sequence < 3,
                        .at = {1, sequence},
                        .size = 2});
  }
  pair.open(false);
  for (const std::uint32_t sequence : {1u, 2u, 3u, 4u}) load(sequence, "x");
  std::vector<Gone> gone;
  server().endpoint->pump(pair.now, server().output_high, gone, [](const Copy&) { return true; });
  pair.run();
  EXPECT_EQ(packets(), (Texts{"CONNACK", "PUBLISH q1 dup #3 t=x"}));
  ASSERT_EQ(gone.size(), 3u);
  EXPECT_EQ(gone[0].why, Gone::Why::refused);
  EXPECT_EQ(gone[0].copy.sequence, 1u);
  EXPECT_EQ(gone[1].why, Gone::Why::as_received);  // Its id may be held, and PUBREL frees it.
  EXPECT_EQ(gone[1].copy.sequence, 2u);
  EXPECT_EQ(gone[2].why, Gone::Why::refused);
  EXPECT_EQ(gone[2].copy.sequence, 4u);
}

TEST_F(EndpointDurable, a_restored_session_goes_on_as_one_that_lived_on) {
  pair.client.settles = false;
  for (const char* text : {"a", "b", "c", "d"}) publish(text, text[0] == 'b' ? kQoS2 : kQoS1);
  open_gate(4);
  EXPECT_EQ(pair.client.payloads(), (Texts{"a", "b", "c", "d"}));
  pair.client.owed.clear();
  pair.client.settles = true;
  crash();
  outbound().restore_numbers(5, 4);
  restore(1, kQoS1, State::publish_sent);
  restore(2, kQoS2, State::publish_sent);
  restore(3, kQoS1, State::publish_sent);
  restore(5, kQoS1, State::waiting);
  pair.open(false);
  EXPECT_EQ(packets(), Texts{"CONNACK"});
  std::vector<Copy*> absent;
  ASSERT_EQ(outbound().absent_next(absent, 10), 3u);
  load(1, "a");
  load(2, "b");
  load(3, "c");
  server().pump(pair.now);
  pair.run();
  EXPECT_EQ(packets(),
            (Texts{"CONNACK", "PUBLISH q1 dup #1 t=a", "PUBLISH q2 dup #2 t=b", "PUBLISH q1 dup #3 t=c"}));
  load(5, "e");
  open_gate(5);
  EXPECT_EQ(packets().back(), "PUBLISH q1 #5 t=e");
  EXPECT_EQ(pair.client.payloads(), (Texts{"a", "b", "c", "d", "a", "c", "e"}));  // b only once.
}

TEST_F(EndpointDurable, a_restored_pubrel_is_sent_again_without_its_message) {
  crash();
  restore(1, kQoS2, State::pubrel_sent);
  pair.open(false);
  EXPECT_EQ(packets(), (Texts{"CONNACK", "PUBREL #1"}));
  EXPECT_EQ(server().finished, Texts{"(absent) 92"});  // This client never had it.
}

TEST_F(EndpointDurable, a_restored_qos_2_id_is_a_repeat_and_not_a_message) {
  pair.client.publish("t", "a", kQoS2, pair.now);
  pair.client.take_output();
  crash();
  server().session.inbound.restore_held(1);
  pair.to_server.packets.clear();
  pair.open(false);
  EXPECT_EQ(pair.to_server.packets, (Texts{"CONNECT", "PUBLISH q2 dup #1 t=a", "PUBREL #1"}));
  EXPECT_EQ(packets(), (Texts{"CONNACK", "PUBREC #1", "PUBCOMP #1"}));
  EXPECT_EQ(server().payloads(), Texts{});
  EXPECT_EQ(server().session.inbound.unfinished(), 0u);
}

}  // namespace
}  // namespace gaon
