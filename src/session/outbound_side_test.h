// An Outbound in memory for tests, with the least that an owner does; what it sends can
// be read as text.
#pragma once

#include <string>
#include <vector>

#include "session/outbound.h"

namespace gaon {

struct OutboundSide {
  using Kind = Outbound::Answer::Kind;

  static Message message(std::string_view payload) {
    return Message::make({.topic = "t", .payload = as_bytes(payload)});
  }
  static std::string payload(const Message& of) { return std::string(as_text(of.payload())); }

  void enqueue(std::string_view text, mqtt::QoS qos, ShareTag share = 0) {
    const Message made = message(text);
    outbound.enqueue({.message = made, .qos = qos, .share = share});
  }
  std::uint16_t send_now(std::string_view text, mqtt::QoS qos = mqtt::QoS::at_least_once) {
    const Message made = message(text);
    return outbound.send_now({.message = made, .qos = qos});
  }

  // Sends all that may be sent: "a1 b2 c" are payloads with their packet ids, "b2+" has
  // DUP, "!2" is a PUBREL.
  std::string sent() {
    std::string text;
    while (const auto due = outbound.next()) {
      if (!text.empty()) text += ' ';
      const bool pubrel = due->kind == Outbound::Due::Kind::pubrel;
      text += pubrel ? "!" : payload(due->copy->message());
      if (due->packet_id != 0) text += std::to_string(due->packet_id);
      if (due->dup) text += '+';
      outbound.sent();
    }
    return text;
  }

  Kind puback(std::uint16_t id) { return outbound.handle_puback(id).kind; }
  Kind pubrec(std::uint16_t id, mqtt::Reason reason = mqtt::Reason::success) {
    return outbound.handle_pubrec(id, reason).kind;
  }
  Kind pubcomp(std::uint16_t id) { return outbound.handle_pubcomp(id).kind; }

  Outbound outbound;
};

}  // namespace gaon
