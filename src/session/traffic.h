// Packets seen by the endpoints of one thread, by type.
#pragma once

#include <array>
#include <cstdint>

#include "mqtt/version.h"

namespace gaon {

struct Traffic {
  std::array<std::uint64_t, mqtt::kPacketTypes> received{};
  std::array<std::uint64_t, mqtt::kPacketTypes> sent{};
  std::uint64_t publish_bytes_received = 0;  // payloads only
  std::uint64_t publish_bytes_sent = 0;

  void count_received(mqtt::PacketType type) { ++received[static_cast<std::size_t>(type)]; }
  void count_sent(mqtt::PacketType type) { ++sent[static_cast<std::size_t>(type)]; }
};

}  // namespace gaon
