// The packets of MQTT 3.1, 3.1.1 and 5.0 as plain structs. All texts, bytes and lists
// are views: of the frame when decoded, of the caller's memory when encoded.
// Properties, and reasons outside CONNACK and SUBACK, exist in MQTT 5 only; before it
// they are empty and success.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

#include "base/bytes.h"
#include "mqtt/entries.h"
#include "mqtt/property.h"
#include "mqtt/reason.h"
#include "mqtt/version.h"

namespace gaon::mqtt {

struct Will {
  std::string_view topic{};
  ByteView payload{};
  QoS qos = QoS::at_most_once;
  bool retain = false;
  Properties properties{};
};

struct Connect {
  static constexpr PacketType type = PacketType::connect;
  Version version = Version::v5;
  bool clean_start = false;  // clean session before MQTT 5
  std::uint16_t keep_alive_s = 0;
  std::string_view client_id{};
  std::optional<Will> will{};
  std::optional<std::string_view> user_name{};
  std::optional<ByteView> password{};
  Properties properties{};
};

struct Connack {
  static constexpr PacketType type = PacketType::connack;
  bool session_present = false;
  Reason reason = Reason::success;
  Properties properties{};
};

struct Publish {
  static constexpr PacketType type = PacketType::publish;
  bool dup = false;
  QoS qos = QoS::at_most_once;
  bool retain = false;
  std::string_view topic{};
  std::uint16_t packet_id = 0;  // 0 for QoS 0
  Properties properties{};
  ByteView payload{};
};

struct Puback {
  static constexpr PacketType type = PacketType::puback;
  std::uint16_t packet_id = 0;
  Reason reason = Reason::success;
  Properties properties{};
};

struct Pubrec {
  static constexpr PacketType type = PacketType::pubrec;
  std::uint16_t packet_id = 0;
  Reason reason = Reason::success;
  Properties properties{};
};

struct Pubrel {
  static constexpr PacketType type = PacketType::pubrel;
  std::uint16_t packet_id = 0;
  Reason reason = Reason::success;
  Properties properties{};
};

struct Pubcomp {
  static constexpr PacketType type = PacketType::pubcomp;
  std::uint16_t packet_id = 0;
  Reason reason = Reason::success;
  Properties properties{};
};

struct Subscribe {
  static constexpr PacketType type = PacketType::subscribe;
  std::uint16_t packet_id = 0;
  Properties properties{};
  SubscriptionList subscriptions{};
};

struct Suback {
  static constexpr PacketType type = PacketType::suback;
  std::uint16_t packet_id = 0;
  Properties properties{};
  ByteView reasons{};  // one a filter; encoding for 3.x makes 0x80 of every failure
};

struct Unsubscribe {
  static constexpr PacketType type = PacketType::unsubscribe;
  std::uint16_t packet_id = 0;
  Properties properties{};
  FilterList filters{};
};

struct Unsuback {
  static constexpr PacketType type = PacketType::unsuback;
  std::uint16_t packet_id = 0;
  Properties properties{};
  ByteView reasons{};  // one a filter; none before MQTT 5
};

struct Pingreq {
  static constexpr PacketType type = PacketType::pingreq;
};

struct Pingresp {
  static constexpr PacketType type = PacketType::pingresp;
};

struct Disconnect {
  static constexpr PacketType type = PacketType::disconnect;
  Reason reason = Reason::normal_disconnection;
  Properties properties{};
};

struct Auth {
  static constexpr PacketType type = PacketType::auth;
  Reason reason = Reason::success;
  Properties properties{};
};

// In the order of the packet types, from CONNECT = 1 on.
using Packet = std::variant<Connect, Connack, Publish, Puback, Pubrec, Pubrel, Pubcomp, Subscribe, Suback,
                            Unsubscribe, Unsuback, Pingreq, Pingresp, Disconnect, Auth>;

inline PacketType type_of(const Packet& packet) { return static_cast<PacketType>(packet.index() + 1); }

}  // namespace gaon::mqtt
