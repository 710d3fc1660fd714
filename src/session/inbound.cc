#include "session/inbound.h"

namespace gaon {

using mqtt::PacketType;
using mqtt::QoS;
using mqtt::Reason;

void Inbound::connected(std::uint16_t receive_maximum) {
  receive_maximum_ = receive_maximum;
  owed_.clear();
  owed_qos1_ = repeats_ = 0;
  if (held_) held_->counted = {};
  ++connection_;
}

Inbound::Arrival Inbound::handle_publish(std::uint16_t packet_id, QoS qos) {
  if (full()) return Arrival::too_many;
  const bool repeat = qos == QoS::exactly_once && held_ && held_->all.contains(packet_id);
  const bool counted = repeat && held_->counted.contains(packet_id);
  if (!counted && unfinished() >= receive_maximum_) return Arrival::too_many;
  if (repeat) {
    // Its PUBREC waits for the message as the first one did.
    const bool settled = !held_->unsettled.contains(packet_id);
    if (!settled) ++repeats_;
    held_->counted.insert(packet_id);
    owed_.push_back({packet_id, PacketType::pubrec, Reason::success, settled, true});
    return Arrival::repeat;
  }
  if (qos == QoS::at_least_once) {
    ++owed_qos1_;
    owed_.push_back({packet_id, PacketType::puback, Reason::success});  // [MQTT-4.3.2-4] [MQTT-4.3.2-5]
  } else {
    if (!held_) held_ = std::make_unique<Held>();
    held_->all.insert(packet_id);
    held_->unsettled.insert(packet_id);
    held_->counted.insert(packet_id);
    owed_.push_back({packet_id, PacketType::pubrec, Reason::success});  // [MQTT-4.3.3-8]
  }
  return Arrival::fresh;
}

void Inbound::restore_held(std::uint16_t packet_id) {
  if (!held_) held_ = std::make_unique<Held>();
  held_->all.insert(packet_id);
}

void Inbound::refuse(std::uint16_t packet_id) {
  if (held_ && held_->all.contains(packet_id)) held_->refused.insert(packet_id);
}

bool Inbound::handle_pubrel(std::uint16_t packet_id) {
  const bool was_held = held_ && held_->all.erase(packet_id);  // [MQTT-4.3.3-12]
  if (was_held) {
    held_->unsettled.erase(packet_id);
    held_->refused.erase(packet_id);
    held_->counted.erase(packet_id);
  }
  const Reason reason = was_held ? Reason::success : Reason::packet_identifier_not_found;
  // [MQTT-4.3.3-11], also of a message that expired here: [MQTT-4.3.3-13]
  owed_.push_back({packet_id, PacketType::pubcomp, reason, !was_held});
  return was_held;
}

void Inbound::settle(PacketType type, std::uint16_t packet_id, Reason reason) {
  if (type == PacketType::pubrec && held_) {
    held_->unsettled.erase(packet_id);
    held_->refused.erase(packet_id);
    if (is_error(reason)) {
      held_->all.erase(packet_id);
      held_->counted.erase(packet_id);
    }
  }
  bool found = false;
  for (std::size_t i = 0; i < owed_.size(); ++i) {
    Owed& owed = owed_[i];
    if (owed.settled || owed.type != type || owed.packet_id != packet_id) continue;
    if (found && !owed.repeat) return;  // Another message with the same id.
    owed.settled = found = true;
    owed.reason = reason;
    if (owed.repeat) --repeats_;
    if (repeats_ == 0) return;
  }
}

std::optional<Inbound::Ack> Inbound::poll_ack() {
  if (owed_.empty() || !owed_.front().settled) return std::nullopt;
  const Owed owed = owed_.pop_front();
  if (owed.type == PacketType::puback) --owed_qos1_;
  return Ack{owed.type, owed.packet_id, owed.reason};
}

}  // namespace gaon
