// Packets as names and values, to bytes and back. A codec of the scenarios' own: it
// writes whatever it is told, right or wrong, and checks the broker's against nothing
// that the broker is made of. Pure functions.
#pragma once

#include <optional>
#include <string>

#include "fields.h"

namespace gaon::scenario {

struct Packet {
  mqtt::PacketType type{};
  Fields fields;
  std::string bytes;  // the whole packet
  std::string fault;  // why it is no packet; the bytes then hold everything

  // The first value of that name, or nullptr.
  const std::string* find(std::string_view name) const;
  std::uint32_t number(std::string_view name, std::uint32_t otherwise = 0) const;
};

// Fields must be without variables. What a version does not have is left out.
std::string encode_packet(mqtt::PacketType type, const Fields& fields, mqtt::Version version);

// Takes the packet that stream begins with; nullopt while it is not whole.
std::optional<Packet> take_packet(std::string& stream, mqtt::Version version);

// As a scenario would write it.
std::string show_packet(const Packet& packet, mqtt::Version version);

}  // namespace gaon::scenario
