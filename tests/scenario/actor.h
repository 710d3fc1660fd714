// One client of a scenario: its connection, what came over it and what it owes for that.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "packet.h"
#include "stage.h"

namespace gaon::scenario {

// Told of everything said and seen; may be empty.
using Transcript = std::function<void(const std::string& line)>;

class Actor {
 public:
  explicit Actor(std::string name) : name_(std::move(name)) {}

  const std::string& name() const { return name_; }
  mqtt::Version version() const { return version_; }

  // Lets go of the connection that there was, without a word.
  void open(std::unique_ptr<Wire> wire, mqtt::Version version);
  bool has_wire() const { return wire_ != nullptr; }
  // Nothing more can come: it was never opened, we ended it or the other side did.
  bool ended() const { return wire_ == nullptr || end_seen_ || wire_->closed(); }
  bool closed_by_broker() const { return wire_ != nullptr && !end_seen_ && wire_->closed(); }
  void end_is_seen() { end_seen_ = true; }
  void hang_up();
  void cut();

  // Fills in the packet id where the fields have none: of an acknowledgement that of the
  // packet it answers, else the next one. Gives the id, 0 if there is none.
  std::uint16_t say(mqtt::PacketType type, Fields fields);
  void write(std::string_view bytes) { wire_->write(bytes); }

  // Takes what came into the inbox and, unless by_hand, acknowledges it; then PUBREL does
  // not show up, since it is answered.
  void look();
  std::deque<Packet> inbox;
  bool by_hand = false;
  bool greeted = false;  // CONNECT was said on this connection

  // The id of the oldest packet of ours for which such an answer is due; 0 for none.
  std::uint16_t due(mqtt::PacketType answer) const;
  void is_answered(mqtt::PacketType answer, std::uint16_t id);

  Transcript transcript;

 private:
  void take_note(const Packet& packet);
  void acknowledge(const Packet& packet);

  std::string name_;
  mqtt::Version version_ = mqtt::Version::v5;
  std::unique_ptr<Wire> wire_;
  std::string unread_;
  bool end_seen_ = true;
  std::uint16_t last_id_ = 0;
  std::map<mqtt::PacketType, std::deque<std::uint16_t>> due_;
  std::map<mqtt::PacketType, std::uint16_t> to_answer_;  // by the type of our answer
};

}  // namespace gaon::scenario
