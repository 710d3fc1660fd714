// The three versions of the protocol, its packet types and its qualities of service.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace gaon::mqtt {

// The value is the protocol level that CONNECT names.
enum class Version : std::uint8_t { v31 = 3, v311 = 4, v5 = 5 };

enum class QoS : std::uint8_t { at_most_once, at_least_once, exactly_once };

enum class PacketType : std::uint8_t {
  reserved,
  connect,
  connack,
  publish,
  puback,
  pubrec,
  pubrel,
  pubcomp,
  subscribe,
  suback,
  unsubscribe,
  unsuback,
  pingreq,
  pingresp,
  disconnect,
  auth,
};

inline constexpr std::size_t kPacketTypes = 16;

// "PUBLISH".
std::string_view name(PacketType type);
// "3.1.1".
const char* name(Version version);

// The low nibble of the first byte; PUBLISH has flags of its own there. [MQTT-2.1.3-1] [MQTT-3.6.1-1]
// [MQTT-3.8.1-1] [MQTT-3.10.1-1] [MQTT-3.14.1-1] [MQTT-3.15.1-1]
constexpr std::uint8_t fixed_flags(PacketType type) {
  return type == PacketType::pubrel || type == PacketType::subscribe || type == PacketType::unsubscribe ? 2
                                                                                                        : 0;
}

}  // namespace gaon::mqtt
