// Two endpoints talking: messages of every QoS both ways, windows, aliases, sizes,
// expiry, keep alive.
#include "session/endpoint.h"

#include <gtest/gtest.h>

#include "session/pair_test.h"

namespace gaon {
namespace {

using mqtt::PacketType;
using mqtt::Property;
using mqtt::QoS;
using mqtt::Reason;
using mqtt::Version;

constexpr QoS kQoS0 = QoS::at_most_once;
constexpr QoS kQoS1 = QoS::at_least_once;
constexpr QoS kQoS2 = QoS::exactly_once;

struct EveryVersion : testing::TestWithParam<Version> {};
INSTANTIATE_TEST_SUITE_P(Endpoint, EveryVersion, testing::Values(Version::v31, Version::v311, Version::v5),
                         [](const auto& of) { return "v" + std::to_string(static_cast<int>(of.param)); });

TEST_P(EveryVersion, messages_of_each_qos_go_both_ways) {
  Pair pair(GetParam());
  pair.open();
  for (Side* side : {&pair.client, &pair.server}) {
    side->publish("a", "0", kQoS0, pair.now);
    side->publish("b", "1", kQoS1, pair.now);
    side->publish("c", "2", kQoS2, pair.now);
  }
  pair.run();
  for (const Side* side : {&pair.client, &pair.server}) {
    EXPECT_EQ(side->payloads(), (Texts{"0", "1", "2"}));
    EXPECT_EQ(side->finished, (Texts{"1", "2"}));
    EXPECT_TRUE(side->session.outbound.empty());
    EXPECT_EQ(side->session.inbound.unfinished(), 0u);
  }
  EXPECT_EQ(pair.to_server.packets,
            (Texts{"CONNECT", "PUBLISH q0 a=0", "PUBLISH q1 #1 b=1", "PUBLISH q2 #2 c=2", "PUBACK #1",
                   "PUBREC #2", "PUBREL #2", "PUBCOMP #2"}));
}

TEST_P(EveryVersion, bytes_may_come_in_pieces_of_any_size) {
  for (std::size_t piece = 1; piece < 40; ++piece) {
    Pair pair(GetParam());
    pair.piece = piece;
    pair.open();
    pair.client.publish("topic", "first", kQoS2, pair.now);
    pair.server.publish("topic", std::string(5'000, 'x'), kQoS2, pair.now);
    pair.client.publish("topic", "second", kQoS1, pair.now);
    pair.run();
    EXPECT_EQ(pair.server.payloads(), (Texts{"first", "second"}));
    EXPECT_EQ(pair.client.payloads(), (Texts{std::string(5'000, 'x')}));
    EXPECT_EQ(pair.client.finished, (Texts{"second", "first"}));
  }
}

TEST_P(EveryVersion, acknowledgements_wait_until_they_are_settled_and_keep_their_order) {
  Pair pair(GetParam());
  pair.server.settles = false;
  pair.open();
  pair.to_client.packets.clear();
  for (const char* text : {"a", "b", "c"}) pair.client.publish("t", text, kQoS1, pair.now);
  pair.run();
  EXPECT_EQ(pair.to_client.packets, Texts{});
  pair.server.settle(2);
  pair.server.settle(1);
  pair.run();
  EXPECT_EQ(pair.to_client.packets, Texts{});
  pair.server.settle(0);
  pair.run();
  EXPECT_EQ(pair.to_client.packets, (Texts{"PUBACK #1", "PUBACK #2", "PUBACK #3"}));  // [MQTT-4.6.0-2]
}

TEST_P(EveryVersion, a_slow_settling_does_not_stop_messages_the_other_way) {
  Pair pair(GetParam());
  pair.server.settles = false;
  pair.open();
  pair.client.publish("t", "a", kQoS2, pair.now);
  pair.run();
  pair.server.publish("t", "b", kQoS2, pair.now);
  pair.run();
  EXPECT_EQ(pair.client.payloads(), Texts{"b"});
  EXPECT_EQ(pair.server.finished, Texts{"b"});
}

TEST_P(EveryVersion, an_output_that_is_full_makes_messages_wait_in_order) {
  Pair pair(GetParam());
  pair.open();
  pair.server.output_high = 1'000;
  Texts expected;
  for (int i = 0; i < 30; ++i) {
    const std::string text(100, static_cast<char>('a' + i % 26));
    pair.server.publish("t", text, i % 2 == 0 ? kQoS0 : kQoS1, pair.now);
    expected.push_back(text);
  }
  EXPECT_LT(pair.server.output.size(), 1'200u);
  EXPECT_GT(pair.server.session.outbound.waiting(), 15u);
  while (pair.client.got.size() < 30) {
    const std::size_t before = pair.client.got.size();
    pair.run();
    pair.server.pump(pair.now);
    pair.run();
    ASSERT_GT(pair.client.got.size(), before);
  }
  EXPECT_EQ(pair.client.payloads(), expected);
}

TEST(Endpoint, tells_the_sender_how_the_receiver_answered) {
  Pair pair;
  pair.server.settles = false;
  pair.open();
  pair.client.publish("t", "a", kQoS1, pair.now);
  pair.client.publish("t", "b", kQoS2, pair.now);
  pair.client.publish("t", "c", kQoS2, pair.now);
  pair.run();
  pair.server.settle(0, Reason::no_matching_subscribers);
  pair.server.settle(0, Reason::not_authorized);
  pair.server.settle(0, Reason::no_matching_subscribers);
  pair.run();
  EXPECT_EQ(pair.client.finished, (Texts{"a 10", "b 87"}));
  pair.server.settle_all();
  pair.run();
  EXPECT_EQ(pair.client.finished.back(), "c");
  EXPECT_EQ(pair.server.session.inbound.unfinished(), 0u);
}

// --- receive maximum

TEST(Endpoint, neither_side_exceeds_the_receive_maximum_of_the_other) {
  for (const QoS qos : {kQoS1, kQoS2}) {
    Pair pair;
    pair.server.options.receive_maximum = 2;
    pair.client.options.receive_maximum = 3;
    pair.server.settles = pair.client.settles = false;
    pair.open();
    Texts expected;
    for (int i = 0; i < 10; ++i) {
      expected.push_back(std::to_string(i));
      pair.client.publish("t", expected.back(), qos, pair.now);
      pair.server.publish("t", expected.back(), qos, pair.now);
    }
    pair.run();
    EXPECT_EQ(pair.server.got.size(), 2u);
    EXPECT_EQ(pair.client.got.size(), 3u);
    pair.server.settles = pair.client.settles = true;
    pair.server.settle_all();
    pair.client.settle_all();
    pair.run();
    EXPECT_EQ(pair.server.payloads(), expected);
    EXPECT_EQ(pair.client.payloads(), expected);
    EXPECT_EQ(pair.to_server.unfinished_most, 2u);
    EXPECT_EQ(pair.to_client.unfinished_most, 3u);
    EXPECT_TRUE(pair.server.violations.empty() && pair.client.violations.empty());
  }
}

TEST(Endpoint, leaves_no_more_unfinished_than_its_own_maximum) {
  Pair pair;
  pair.server.options.inflight_max = 4;
  pair.client.settles = false;
  pair.open();
  for (int i = 0; i < 10; ++i) pair.server.publish("t", "x", kQoS1, pair.now);
  pair.run();
  EXPECT_EQ(pair.client.got.size(), 4u);
}

// --- topic aliases

TEST(Endpoint, a_repeated_topic_goes_by_alias_both_ways) {
  Pair pair;
  pair.server.options.topic_alias_maximum = 1;
  pair.client.options.topic_alias_maximum = 2;
  pair.open();
  pair.to_server.packets.clear();
  pair.to_client.packets.clear();
  for (const char* topic : {"a", "b", "c", "a", "b", "c"}) {
    pair.client.publish(topic, "x", kQoS0, pair.now);
    pair.server.publish(topic, "x", kQoS0, pair.now);
  }
  pair.run();
  EXPECT_EQ(pair.to_server.packets, (Texts{"PUBLISH q0 a~1=x", "PUBLISH q0 b=x", "PUBLISH q0 c=x",
                                           "PUBLISH q0 ~1=x", "PUBLISH q0 b=x", "PUBLISH q0 c=x"}));
  EXPECT_EQ(pair.to_client.packets, (Texts{"PUBLISH q0 a~1=x", "PUBLISH q0 b~2=x", "PUBLISH q0 c=x",
                                           "PUBLISH q0 ~1=x", "PUBLISH q0 ~2=x", "PUBLISH q0 c=x"}));
  for (const Side* side : {&pair.server, &pair.client}) {
    std::string topics;
    for (const Side::Got& one : side->got) topics += one.topic;
    EXPECT_EQ(topics, "abcabc");
  }
}

TEST(Endpoint, sets_no_more_aliases_than_its_own_maximum) {
  Pair pair;
  pair.client.options.topic_alias_maximum = 65'535;
  pair.server.options.topic_aliases_set_max = 3;
  pair.open();
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 10; ++i) pair.server.publish("t" + std::to_string(i), "x", kQoS0, pair.now);
  }
  pair.run();
  EXPECT_EQ(std::ranges::count_if(pair.to_client.packets,
                                  [](const std::string& text) { return text.find('~') != text.npos; }),
            6);
}

TEST(Endpoint, aliases_do_not_outlive_the_connection) {
  Pair pair;
  pair.client.options.topic_alias_maximum = 5;
  pair.open();
  pair.server.publish("a", "1", kQoS0, pair.now);
  pair.run();
  pair.open(false);
  pair.to_client.packets.clear();
  pair.server.publish("a", "2", kQoS0, pair.now);
  pair.run();
  EXPECT_EQ(pair.to_client.packets, Texts{"PUBLISH q0 a~1=2"});
}

// --- maximum packet size

TEST(Endpoint, gives_up_a_message_that_is_too_large_for_the_peer) {
  Pair pair;
  pair.client.options.maximum_packet_size = 60;
  pair.client.options.receive_maximum = 1;
  pair.open();
  const std::string large(100, 'x');
  pair.server.publish("t", "a", kQoS1, pair.now);
  pair.server.publish("t", large, kQoS1, pair.now);  // in the queue
  pair.server.publish("t", "b", kQoS1, pair.now);
  pair.run();
  pair.server.publish("t", large, kQoS2, pair.now);  // at once
  pair.server.publish("t", "c", kQoS2, pair.now);
  pair.run();
  EXPECT_EQ(pair.client.payloads(), (Texts{"a", "b", "c"}));
  EXPECT_EQ(pair.server.too_large, Texts{large});
  EXPECT_TRUE(pair.server.session.outbound.empty());
  EXPECT_LE(pair.to_client.largest, 60u);
}

TEST(Endpoint, sends_up_to_the_last_byte_that_the_peer_takes) {
  for (std::uint32_t payload = 20; payload < 60; ++payload) {
    Pair pair;
    pair.client.options.maximum_packet_size = 50;
    pair.client.options.topic_alias_maximum = 1;
    pair.open();
    // Type, length, topic, length of the properties: 2 + 4 + 1 without an alias.
    pair.server.publish("tt", std::string(payload, 'x'), kQoS0, pair.now);
    pair.run();
    EXPECT_EQ(pair.client.got.size(), payload + 7 <= 50 ? 1u : 0u) << payload;
    EXPECT_TRUE(pair.client.violations.empty());
  }
}

TEST(Endpoint, leaves_properties_out_of_a_packet_that_would_be_too_large) {
  Pair pair;
  pair.client.options.maximum_packet_size = 30;
  pair.open();
  Buffer properties;
  mqtt::PropertyWriter(properties).text(Property::reason_string, std::string(40, 'x'));
  const std::uint8_t reasons[] = {0x80};
  pair.server.endpoint->send(mqtt::Suback{7, mqtt::Properties(properties.view()), reasons});
  EXPECT_EQ(pair.server.output.size(), 6u);
  pair.run();
  EXPECT_EQ(pair.client.others.back(), "SUBACK #7");
}

TEST(Endpoint, sends_nothing_that_is_too_large_even_so) {
  Pair pair;
  pair.client.options.maximum_packet_size = 10;
  pair.open();
  const std::vector<std::uint8_t> reasons(20, 0x80);
  pair.server.endpoint->send(mqtt::Suback{7, {}, reasons});
  EXPECT_TRUE(pair.server.output.empty());
}

TEST(Endpoint, refuses_a_packet_above_its_own_maximum_by_its_head) {
  Pair pair;
  pair.server.options.maximum_packet_size = 100;
  pair.open();
  pair.server.receive(std::string("\x30\x80\x01", 3), pair.now);
  ASSERT_EQ(pair.server.violations.size(), 1u);
  EXPECT_EQ(pair.server.violations[0].reason, Reason::packet_too_large);
  EXPECT_EQ(pair.server.violations[0].packet, PacketType::publish);
  EXPECT_EQ(pair.server.say(), Texts{"DISCONNECT 95"});
}

// --- message expiry and what else a copy carries

TEST(Endpoint, sends_the_seconds_that_are_left) {
  Pair pair;
  pair.open();
  const Message message = Message::make({.deadline = pair.now + seconds(10), .topic = "t"});
  pair.server.publish({.message = message, .qos = kQoS0}, pair.now);
  pair.pass(seconds(4));
  pair.server.publish({.message = message, .qos = kQoS0}, pair.now);
  pair.run();
  ASSERT_EQ(pair.client.got.size(), 2u);
  EXPECT_EQ(pair.client.got[0].expiry, 10u);
  EXPECT_EQ(pair.client.got[1].expiry, 6u);
}

TEST(Endpoint, does_not_send_what_expired_while_it_waited) {
  Pair pair;
  pair.open();
  pair.cut();
  const Message message =
      Message::make({.deadline = pair.now + seconds(10), .topic = "t", .payload = as_bytes("old")});
  pair.server.publish({.message = message, .qos = kQoS1}, pair.now);
  pair.server.publish("t", "new", kQoS1, pair.now);
  pair.pass(seconds(10));
  pair.open(false);
  EXPECT_EQ(pair.server.expired, Texts{"old"});
  EXPECT_EQ(pair.client.payloads(), Texts{"new"});
}

TEST(Endpoint, resends_what_expired_after_it_was_sent) {
  for (const QoS qos : {kQoS1, kQoS2}) {
    Pair pair;
    pair.open();
    const Message message = Message::make({.deadline = pair.now + seconds(10), .topic = "t"});
    pair.server.publish({.message = message, .qos = qos}, pair.now);
    pair.pass(seconds(20));
    pair.open(false);
    ASSERT_EQ(pair.client.got.size(), 1u);
    EXPECT_EQ(pair.client.got[0].expiry, 1u);  // [MQTT-4.3.3-7]
    EXPECT_TRUE(pair.server.session.outbound.empty());
  }
}

TEST(Endpoint, a_message_brings_its_subscription_ids_whether_it_waited_or_not) {
  Pair pair;
  pair.open();
  const Message message = Message::make({.topic = "t"});
  const std::vector<std::uint32_t> ids = {5, 268'435'455, 1};
  pair.server.publish({.message = message, .qos = kQoS1, .subscription_ids = ids}, pair.now);
  pair.cut();
  pair.server.publish({.message = message, .qos = kQoS1, .subscription_ids = {ids.data(), 1}}, pair.now);
  pair.open(false);
  ASSERT_EQ(pair.client.got.size(), 2u);
  EXPECT_EQ(pair.client.got[0].subscription_ids, ids);
  EXPECT_EQ(pair.client.got[1].subscription_ids, std::vector<std::uint32_t>{5});
}

// --- keep alive

TEST(Endpoint, a_server_waits_one_and_a_half_times_the_keep_alive) {
  for (const int keep_alive_s : {1, 2, 3, 60, 65'535}) {
    Pair pair;
    pair.keep_alive_s = static_cast<std::uint16_t>(keep_alive_s);
    pair.open();
    EXPECT_EQ(pair.server.endpoint->deadline(), pair.now + milliseconds(1'500 * keep_alive_s));
    pair.pass(seconds(1));
    pair.client.endpoint->send(mqtt::Pingreq{});
    pair.run();
    EXPECT_EQ(pair.server.endpoint->deadline(), pair.now + milliseconds(1'500 * keep_alive_s));
  }
}

TEST(Endpoint, without_keep_alive_there_is_no_deadline) {
  Pair pair;
  pair.open();
  EXPECT_EQ(pair.server.endpoint->deadline(), kNever);
  EXPECT_EQ(pair.client.endpoint->deadline(), kNever);
  EXPECT_TRUE(pair.client.endpoint->handle_timeout(pair.now + seconds(100'000)));
}

TEST(Endpoint, the_servers_keep_alive_replaces_the_clients) {
  Pair pair;
  pair.keep_alive_s = 60;
  pair.connect(true);
  Buffer properties;
  mqtt::PropertyWriter(properties).number(Property::server_keep_alive, 10);
  pair.server.announced = mqtt::Properties(properties.view());
  pair.run();
  EXPECT_EQ(pair.client.endpoint->deadline(), pair.now + seconds(10));
}

TEST_P(EveryVersion, a_client_asks_when_it_is_due_and_goes_on_when_it_is_answered) {
  Pair pair(GetParam());
  pair.keep_alive_s = 10;
  pair.open();
  for (int round = 0; round < 3; ++round) {
    const Time deadline = pair.client.endpoint->deadline();
    EXPECT_EQ(deadline, pair.now + seconds(10));
    EXPECT_TRUE(pair.client.endpoint->handle_timeout(deadline - milliseconds(1)));
    EXPECT_TRUE(pair.client.output.empty());
    pair.now = deadline;
    EXPECT_TRUE(pair.client.endpoint->handle_timeout(pair.now));
    pair.run();
    EXPECT_EQ(pair.to_server.packets.back(), "PINGREQ");
    EXPECT_EQ(pair.to_client.packets.back(), "PINGRESP");
  }
}

TEST_P(EveryVersion, a_client_gives_up_without_an_answer_and_does_not_take_back_its_will) {
  Pair pair(GetParam());
  pair.keep_alive_s = 10;
  pair.open();
  pair.pass(seconds(10));
  EXPECT_TRUE(pair.client.endpoint->handle_timeout(pair.now));
  EXPECT_EQ(pair.client.say(), Texts{"PINGREQ"});
  EXPECT_EQ(pair.client.endpoint->deadline(), pair.now + seconds(10));
  pair.pass(seconds(10));
  EXPECT_FALSE(pair.client.endpoint->handle_timeout(pair.now));
  EXPECT_EQ(pair.client.say(), GetParam() == Version::v5 ? Texts{"DISCONNECT 80"} : Texts{});
  EXPECT_EQ(pair.client.endpoint->state(), Endpoint::State::closed);
  EXPECT_EQ(pair.client.endpoint->deadline(), kNever);
}

}  // namespace
}  // namespace gaon
