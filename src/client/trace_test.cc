#include "client/trace.h"

#include <gtest/gtest.h>

#include "mqtt/encode.h"

namespace gaon::client {
namespace {

TEST(Trace, packets_are_told_in_the_words_of_mosquitto) {
  const auto sending = [](const mqtt::Packet& packet) { return packet_line(Direction::sending, packet); };
  const auto received = [](const mqtt::Packet& packet) { return packet_line(Direction::received, packet); };
  const std::uint8_t reasons[] = {1, 0x80};
  EXPECT_EQ(sending(mqtt::Connect{}), "sending CONNECT");
  EXPECT_EQ(received(mqtt::Connack{}), "received CONNACK (0)");
  EXPECT_EQ(
      received(mqtt::Publish{.dup = true, .qos = mqtt::QoS::exactly_once, .topic = "t", .packet_id = 4}),
      "received PUBLISH (d1, q2, r0, m4, 't', ... (0 bytes))");
  EXPECT_EQ(received(mqtt::Puback{.packet_id = 3}), "received PUBACK (Mid: 3, RC:0)");
  EXPECT_EQ(sending(mqtt::Puback{.packet_id = 3}), "sending PUBACK (m3, rc0)");
  EXPECT_EQ(received(mqtt::Suback{.packet_id = 3, .reasons = reasons}), "received SUBACK (mid: 3): 1, 128");
  EXPECT_EQ(sending(mqtt::Disconnect{}), "sending DISCONNECT");
  EXPECT_EQ(received(mqtt::Disconnect{mqtt::Reason::session_taken_over}), "received DISCONNECT (142)");
  EXPECT_EQ(sending(mqtt::Pingreq{}), "sending PINGREQ");
}

TEST(Trace, bytes_may_come_in_any_pieces_and_directions_do_not_mix) {
  Buffer bytes;
  mqtt::encode(mqtt::Pingreq{}, mqtt::Version::v5, bytes);
  mqtt::encode(mqtt::Puback{.packet_id = 5}, mqtt::Version::v5, bytes);
  std::vector<std::string> lines;
  Trace trace(mqtt::Version::v5, [&lines](const std::string& line) { lines.push_back(line); });
  for (const std::uint8_t byte : bytes.view()) {
    trace.add(Direction::sending, {&byte, 1});
    if (lines.empty()) trace.add(Direction::received, {&byte, 1});
  }
  EXPECT_EQ(lines, (std::vector<std::string>{"sending PINGREQ", "sending PUBACK (m5, rc0)"}));
}

TEST(Trace, what_is_not_mqtt_is_told_once) {
  std::vector<std::string> lines;
  Trace trace(mqtt::Version::v5, [&lines](const std::string& line) { lines.push_back(line); });
  const std::uint8_t nonsense[] = {0, 0, 0};
  trace.add(Direction::received, nonsense);
  trace.add(Direction::received, nonsense);
  EXPECT_EQ(lines, std::vector<std::string>{"received what is not MQTT"});
}

}  // namespace
}  // namespace gaon::client
