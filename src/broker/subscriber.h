// One value of the local subscription index: who gets what matches, and how.
#pragma once

#include <cstdint>

#include "mqtt/entries.h"

namespace gaon::broker {

struct Subscriber {
  std::uint32_t slot = 0;             // of a client, or of a shared group
  std::uint32_t subscription_id = 0;  // 0: none
  bool is_group : 1 = false;
  bool no_local : 1 = false;
  bool retain_as_published : 1 = false;
  mqtt::QoS qos = mqtt::QoS::at_most_once;

  bool operator==(const Subscriber&) const = default;
};
static_assert(sizeof(Subscriber) == 12);

}  // namespace gaon::broker
