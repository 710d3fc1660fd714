#include "client/trace.h"

#include <cstdio>

#include "mqtt/decode.h"

namespace gaon::client {
namespace {

using namespace std::string_literals;

template <class Number>
std::string text(Number number) {
  return std::to_string(static_cast<unsigned>(number));
}

// One overload for each packet: what stands behind its name.
struct Details {
  Direction direction;

  std::string operator()(const mqtt::Publish& p) const {
    return " (d" + text(p.dup) + ", q" + text(p.qos) + ", r" + text(p.retain) + ", m" + text(p.packet_id) +
           ", '" + std::string(p.topic) + "', ... (" + std::to_string(p.payload.size()) + " bytes))";
  }

  std::string operator()(const mqtt::Subscribe& p) const {
    std::string details = " (Mid: " + text(p.packet_id);
    for (const mqtt::Subscription& subscription : p.subscriptions) {
      char options[8];
      std::snprintf(options, sizeof options, "0x%02x", options_of(subscription) & ~3u);
      details += ", Topic: " + std::string(subscription.filter) + ", QoS: " + text(subscription.qos) +
                 ", Options: " + options;
    }
    return details + ")";
  }

  std::string operator()(const mqtt::Unsubscribe& p) const {
    std::string details = " (Mid: " + text(p.packet_id);
    for (const std::string_view filter : p.filters) details += ", Topic: " + std::string(filter);
    return details + ")";
  }

  std::string operator()(const mqtt::Suback& p) const { return answers(p.packet_id, p.reasons); }
  std::string operator()(const mqtt::Unsuback& p) const { return answers(p.packet_id, p.reasons); }
  std::string operator()(const mqtt::Connack& p) const { return " (" + text(p.reason) + ")"; }
  std::string operator()(const mqtt::Disconnect& p) const {
    return direction == Direction::sending ? ""s : " (" + text(p.reason) + ")";
  }
  std::string operator()(const mqtt::Puback& p) const { return acknowledgement(p); }
  std::string operator()(const mqtt::Pubrec& p) const { return acknowledgement(p); }
  std::string operator()(const mqtt::Pubrel& p) const { return acknowledgement(p); }
  std::string operator()(const mqtt::Pubcomp& p) const { return acknowledgement(p); }
  template <class Packet>
  std::string operator()(const Packet&) const {
    return {};
  }

 private:
  static std::string answers(std::uint16_t packet_id, ByteView reasons) {
    std::string details = " (mid: " + text(packet_id) + ")";
    for (std::size_t i = 0; i < reasons.size(); ++i) details += (i == 0 ? ": " : ", ") + text(reasons[i]);
    return details;
  }

  template <class Packet>
  std::string acknowledgement(const Packet& p) const {
    if (direction == Direction::sending) return " (m" + text(p.packet_id) + ", rc" + text(p.reason) + ")";
    return " (Mid: " + text(p.packet_id) + ", RC:" + text(p.reason) + ")";
  }
};

}  // namespace

std::string packet_line(Direction direction, const mqtt::Packet& packet) {
  return (direction == Direction::sending ? "sending " : "received ") +
         std::string(name(mqtt::type_of(packet))) + std::visit(Details{direction}, packet);
}

void Trace::add(Direction direction, ByteView bytes) {
  Stream& stream = streams_[static_cast<std::size_t>(direction)];
  if (stream.broken) return;
  stream.unread.append(bytes);
  for (;;) {
    const auto frame = mqtt::frame(stream.unread.view(), mqtt::kPacketSizeMax);
    if (frame && !*frame) return;
    if (frame) {
      if (const auto packet = mqtt::decode(**frame, version_)) {
        sink_(packet_line(direction, *packet));
        stream.unread.consume((*frame)->size);
        continue;
      }
    }
    stream.broken = true;
    stream.unread.release();
    sink_(direction == Direction::sending ? "sending what is not MQTT" : "received what is not MQTT");
    return;
  }
}

}  // namespace gaon::client
