// Connections that break and sessions that go on, in every version and at every byte.
#include <gtest/gtest.h>

#include "session/pair_test.h"

namespace gaon {
namespace {

using mqtt::QoS;
using mqtt::Reason;
using mqtt::Version;

constexpr QoS kQoS0 = QoS::at_most_once;
constexpr QoS kQoS1 = QoS::at_least_once;
constexpr QoS kQoS2 = QoS::exactly_once;

struct Resume : testing::TestWithParam<Version> {};
INSTANTIATE_TEST_SUITE_P(Endpoint, Resume, testing::Values(Version::v31, Version::v311, Version::v5),
                         [](const auto& of) { return "v" + std::to_string(static_cast<int>(of.param)); });

// Payloads without those seen before, and how often those of that QoS came.
struct Deliveries {
  explicit Deliveries(const Side& side) {
    for (const Side::Got& one : side.got) {
      if (std::ranges::find(first, one.payload) == first.end()) {
        first.push_back(one.payload);
      } else if (one.qos == kQoS2) {
        doubled.push_back(one.payload);
      }
    }
  }
  Texts first;
  Texts doubled;
};

// A pair whose session is there, with messages that wait both ways, as its connection
// begins again.
void begin(Pair& pair) {
  pair.open();
  pair.cut();
  for (Side* side : {&pair.client, &pair.server}) {
    side->publish("t", "a1", kQoS1, pair.now);
    side->publish("t", "b2", kQoS2, pair.now);
    side->publish("t", "c1", kQoS1, pair.now);
    side->publish("t", "d2", kQoS2, pair.now);
  }
  pair.connect(false);
}

void expect_all_delivered(const Pair& pair, std::size_t cut) {
  for (const Side* side : {&pair.client, &pair.server}) {
    const Deliveries deliveries(*side);
    EXPECT_EQ(deliveries.first, (Texts{"a1", "b2", "c1", "d2"})) << cut;
    EXPECT_EQ(deliveries.doubled, Texts{}) << cut;
    EXPECT_TRUE(side->session.outbound.empty()) << cut;
    EXPECT_EQ(side->session.inbound.unfinished(), 0u) << cut;
    EXPECT_TRUE(side->violations.empty()) << cut;
  }
}

TEST_P(Resume, after_a_cut_at_every_byte_qos_1_comes_at_least_once_and_qos_2_once) {
  for (const std::uint16_t window : {std::uint16_t{65'535}, std::uint16_t{1}}) {
    for (std::size_t cut = 0;; ++cut) {
      Pair pair(GetParam());
      pair.piece = 1;
      pair.server.options.receive_maximum = pair.client.options.receive_maximum = window;
      begin(pair);
      if (pair.run(cut) < cut) break;  // It was over before.
      pair.open(false);
      expect_all_delivered(pair, cut);
    }
  }
}

TEST_P(Resume, after_two_cuts_nothing_is_lost_or_doubled) {
  for (std::size_t first = 20; first < 160; first += 7) {
    for (std::size_t second = 0; second < 200; second += 3) {
      Pair pair(GetParam());
      pair.piece = 5;
      begin(pair);
      pair.run(first);
      pair.connect(false);
      pair.run(second);
      pair.open(false);
      expect_all_delivered(pair, first * 1'000 + second);
    }
  }
}

TEST_P(Resume, after_a_cut_at_every_byte_with_answers_that_are_late) {
  for (std::size_t cut = 0;; ++cut) {
    Pair pair(GetParam());
    pair.piece = 1;
    pair.server.settles = pair.client.settles = false;
    begin(pair);
    const std::size_t moved = pair.run(cut);
    // Half of what is owed is safe before the new connection is there, half after.
    pair.cut();
    for (Side* side : {&pair.client, &pair.server}) {
      while (side->owed.size() > 2) side->settle(side->owed.size() - 1);
    }
    pair.connect(false);
    pair.run();
    pair.server.settles = pair.client.settles = true;
    pair.server.settle_all();
    pair.client.settle_all();
    pair.run();
    expect_all_delivered(pair, cut);
    if (moved < cut) break;
  }
}

TEST_P(Resume, the_old_order_comes_first_with_dup_and_then_what_is_new) {
  Pair pair(GetParam());
  pair.open();
  pair.client.settles = false;
  for (const char* text : {"a", "b", "c"}) pair.server.publish("t", text, kQoS1, pair.now);
  pair.server.publish("t", "d", kQoS2, pair.now);
  pair.run();
  pair.client.settles = true;
  pair.cut();
  pair.client.owed.clear();
  pair.server.publish("t", "e", kQoS1, pair.now);
  pair.server.publish("t", "f", kQoS0, pair.now);
  pair.to_client.packets.clear();
  pair.open(false);
  const Texts expected = {"CONNACK",
                          "PUBLISH q1 dup #1 t=a",
                          "PUBLISH q1 dup #2 t=b",
                          "PUBLISH q1 dup #3 t=c",
                          "PUBLISH q2 dup #4 t=d",
                          "PUBLISH q1 #5 t=e",
                          "PUBLISH q0 t=f"};
  ASSERT_GE(pair.to_client.packets.size(), expected.size());
  EXPECT_EQ(Texts(pair.to_client.packets.begin(), pair.to_client.packets.begin() + 7), expected);
}

TEST_P(Resume, after_a_pubrec_only_the_pubrel_comes_again) {
  Pair pair(GetParam());
  pair.open();
  pair.client.publish("t", "a", kQoS2, pair.now);
  pair.deliver(pair.to_server, 1'000);
  pair.deliver(pair.to_client, 1'000);
  pair.to_server.packets.clear();
  pair.open(false);
  EXPECT_EQ(pair.to_server.packets, (Texts{"CONNECT", "PUBREL #1"}));  // [MQTT-4.3.3-6]
  EXPECT_EQ(pair.server.payloads(), Texts{"a"});
  EXPECT_EQ(pair.client.finished, Texts{"a"});
}

TEST_P(Resume, what_a_lost_session_had_under_way_begins_anew) {
  Pair pair(GetParam());
  pair.open();
  pair.client.publish("t", "a", kQoS1, pair.now);
  pair.client.publish("t", "b", kQoS2, pair.now);
  pair.client.take_output();
  pair.cut();
  pair.to_server.packets.clear();
  pair.open(true);
  EXPECT_EQ(pair.to_server.packets,
            (Texts{"CONNECT", "PUBLISH q1 #1 t=a", "PUBLISH q2 #2 t=b", "PUBREL #2"}));  // [MQTT-3.2.2-5]
}

TEST(EndpointResume, a_client_follows_the_server_that_lost_the_session) {
  Pair pair;
  pair.open();
  pair.client.publish("t", "a", kQoS2, pair.now);
  pair.client.take_output();
  pair.cut();
  pair.server.has_session = false;
  pair.to_server.packets.clear();
  pair.open(false);
  EXPECT_EQ(pair.to_server.packets, (Texts{"CONNECT", "PUBLISH q2 #1 t=a", "PUBREL #1"}));
}

TEST(EndpointResume, a_qos_2_message_grown_too_large_for_the_peer_still_frees_its_id) {
  Pair pair;
  pair.open();
  const std::string large(100, 'x');
  pair.server.publish("t", large, kQoS2, pair.now);
  pair.server.publish("t", large, kQoS1, pair.now);
  pair.deliver(pair.to_client, 1'000);
  pair.client.options.maximum_packet_size = 50;
  pair.to_client.packets.clear();
  pair.open(false);
  EXPECT_EQ(pair.to_client.packets, (Texts{"CONNACK", "PUBREL #1"}));
  EXPECT_EQ(pair.server.too_large, Texts{large});
  EXPECT_EQ(pair.server.finished, Texts{large});
  EXPECT_TRUE(pair.server.session.outbound.empty());
}

TEST(EndpointResume, new_messages_before_old_pubrels_are_within_the_receive_maximum) {
  Pair pair;
  pair.server.options.receive_maximum = 1;
  pair.open();
  pair.client.publish("t", "a", kQoS2, pair.now);
  pair.deliver(pair.to_server, 1'000);
  pair.deliver(pair.to_client, 1'000);
  // A peer that sends what is new first; it counts from zero.
  pair.connect(false);
  pair.deliver(pair.to_server, 1'000);
  const std::string publish = as_bytes_of(
      mqtt::Publish{.qos = kQoS2, .topic = "t", .packet_id = 9, .payload = as_bytes("b")}, Version::v5);
  pair.server.receive(publish, pair.now);
  EXPECT_EQ(pair.server.payloads(), (Texts{"a", "b"}));
  EXPECT_TRUE(pair.server.violations.empty());
}

}  // namespace
}  // namespace gaon
