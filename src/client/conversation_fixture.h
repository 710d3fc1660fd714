// A conversation and the broker at its other end, which says what the test tells it to
// and shows what it was told. In memory, with a clock that the test moves.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "client/conversation.h"
#include "client/trace.h"
#include "mqtt/encode.h"

namespace gaon::client {

inline std::string property_bytes(std::initializer_list<std::pair<mqtt::Property, std::uint32_t>> numbers) {
  Buffer buffer;
  mqtt::PropertyWriter writer(buffer);
  for (const auto& [id, number] : numbers) writer.number(id, number);
  return std::string(as_text(buffer.view()));
}

class ConversationTest : public testing::Test {
 protected:
  using State = Conversation::State;
  using Lines = std::vector<std::string>;

  // Starts anew with other options.
  void make(ConnectOptions options) {
    version_ = options.version;
    conversation_.emplace(std::move(options));
  }

  void open(const mqtt::Connack& connack = {}) {
    ASSERT_TRUE(conversation_->open(now_));
    ASSERT_EQ(told().size(), 1U);
    say(connack);
  }
  void open(const std::string& properties) {
    open(mqtt::Connack{.properties = mqtt::Properties(as_bytes(properties))});
  }

  // The broker says something.
  void say(const mqtt::Packet& packet) {
    Buffer bytes;
    mqtt::encode(packet, version_, bytes);
    conversation_->receive(bytes.view(), now_);
  }

  // The broker publishes.
  void say_message(std::string_view topic, std::uint16_t packet_id, mqtt::QoS qos, bool dup = false) {
    say(mqtt::Publish{
        .dup = dup, .qos = qos, .topic = topic, .packet_id = packet_id, .payload = as_bytes("hello")});
  }

  // What the broker was told since it was asked last, a line a packet.
  Lines told() {
    Lines lines;
    Trace trace(version_, [&lines](const std::string& line) { lines.push_back(line); });
    Output& output = conversation_->output();
    while (!output.empty()) {
      iovec piece;
      output.gather(&piece, 1);
      trace.add(Direction::sending, {static_cast<const std::uint8_t*>(piece.iov_base), piece.iov_len});
      output.consume(piece.iov_len);
    }
    return lines;
  }

  Result<void> publish(std::string_view topic, mqtt::QoS qos, std::string_view payload = "hello") {
    return conversation_->publish({.topic = topic, .payload = as_bytes(payload), .qos = qos}, now_);
  }

  // The next thing that happened, which must be a T.
  template <class T>
  T take() {
    const auto incoming = conversation_->poll_incoming();
    if (!incoming || !std::holds_alternative<T>(*incoming)) {
      ADD_FAILURE() << "something else happened, or nothing";
      return {};
    }
    return std::get<T>(*incoming);
  }

  Time now_{Duration(1'000'000)};
  mqtt::Version version_ = mqtt::Version::v5;
  std::optional<Conversation> conversation_{std::in_place, ConnectOptions{.client_id = "c"}};
};

}  // namespace gaon::client
