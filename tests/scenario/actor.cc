#include "actor.h"

#include <algorithm>

namespace gaon::scenario {
namespace {

using enum mqtt::PacketType;

struct Answer {
  mqtt::PacketType packet;
  std::uint32_t qos;  // of a PUBLISH; 0: any
  mqtt::PacketType answer;
};
constexpr Answer kAnswers[] = {
    {publish, 1, puback}, {publish, 2, pubrec},   {pubrec, 0, pubrel},
    {pubrel, 0, pubcomp}, {subscribe, 0, suback}, {unsubscribe, 0, unsuback},
};

// What has to follow; reserved for nothing.
mqtt::PacketType answer_to(mqtt::PacketType packet, std::uint32_t qos) {
  for (const Answer& row : kAnswers) {
    if (row.packet == packet && (row.qos == 0 || row.qos == qos)) return row.answer;
  }
  return reserved;
}

bool is_answer(mqtt::PacketType packet) {
  return std::ranges::find(kAnswers, packet, &Answer::answer) != std::end(kAnswers);
}

}  // namespace

void Actor::open(std::unique_ptr<Wire> wire, mqtt::Version version) {
  wire_ = std::move(wire);
  version_ = version;
  unread_.clear();
  inbox.clear();
  due_.clear();
  end_seen_ = false;
  greeted = false;
}

void Actor::hang_up() {
  wire_->hang_up();
  end_seen_ = true;
}

void Actor::cut() {
  wire_->cut();
  wire_.reset();
  inbox.clear();
}

std::uint16_t Actor::say(mqtt::PacketType type, Fields fields) {
  const auto id_field = std::ranges::find(fields, std::string_view("id"), &Field::name);
  const auto qos_field = std::ranges::find(fields, std::string_view("qos"), &Field::name);
  const std::uint32_t qos =
      qos_field == fields.end() ? 0 : static_cast<std::uint32_t>(std::stoul(qos_field->value));
  const bool has_id =
      is_answer(type) || (type == publish && qos > 0) || type == subscribe || type == unsubscribe;
  std::uint16_t id = 0;
  if (has_id) {
    if (id_field != fields.end()) {
      id = static_cast<std::uint16_t>(std::stoul(id_field->value));
    } else {
      id = is_answer(type) ? to_answer_[type] : ++last_id_;
      fields.push_back({.name = "id", .value = std::to_string(id)});
    }
  }
  if (const auto answer = answer_to(type, qos); answer != reserved) due_[answer].push_back(id);
  if (type == pubrel) is_answered(pubrec, id);

  Packet packet{.type = type, .fields = std::move(fields)};
  packet.bytes = encode_packet(type, packet.fields, version_);
  if (transcript) transcript(name_ + ": " + show_packet(packet, version_) + "    " + hex(packet.bytes));
  write(packet.bytes);
  return id;
}

void Actor::look() {
  if (wire_ == nullptr) return;
  unread_ += wire_->read();
  while (auto packet = take_packet(unread_, version_)) {
    if (transcript) transcript(name_ + "> " + show_packet(*packet, version_) + "    " + hex(packet->bytes));
    take_note(*packet);
    if (!by_hand) acknowledge(*packet);
    if (by_hand || packet->type != pubrel) inbox.push_back(std::move(*packet));
  }
}

void Actor::take_note(const Packet& packet) {
  const auto answer = answer_to(packet.type, packet.number("qos"));
  if (answer != reserved) to_answer_[answer] = static_cast<std::uint16_t>(packet.number("id"));
}

void Actor::acknowledge(const Packet& packet) {
  if (packet.type != publish && packet.type != pubrel) return;
  const auto answer = answer_to(packet.type, packet.number("qos"));
  if (answer == reserved || wire_->closed() || end_seen_) return;
  const Packet reply{.type = answer,
                     .fields = {{.name = "id", .value = std::to_string(packet.number("id"))}}};
  write(encode_packet(answer, reply.fields, version_));
}

std::uint16_t Actor::due(mqtt::PacketType answer) const {
  const auto found = due_.find(answer);
  return found == due_.end() || found->second.empty() ? std::uint16_t{0} : found->second.front();
}

void Actor::is_answered(mqtt::PacketType answer, std::uint16_t id) {
  if (const auto found = due_.find(answer); found != due_.end()) std::erase(found->second, id);
}

}  // namespace gaon::scenario
