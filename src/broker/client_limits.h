// The limits in which clients may differ, and the table of their names. Values come from
// [limits], [listener.limits] and [[limit]]; the later place wins (broker/limit_table.h).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "broker/sizes.h"

namespace gaon::broker {

struct ClientLimits {
  // PUBLISH packets that it sends; 0: no limit. Beyond it its socket is not read for a while.
  std::uint32_t messages_per_s = 0;
  std::uint64_t bytes_per_s = 0;  // of those packets

  std::uint32_t packet_bytes_max = 10 * kMiB;  // 1 KiB … 256 MiB: announced as Maximum Packet Size
  std::uint32_t topic_levels_max = 128;        // 1 … 65,535, of names and filters
  std::uint16_t receive_maximum = 1'000;       // 1 … 65,535: QoS 1 and 2 we take unacknowledged
  std::uint16_t inflight_max = 1'000;          // 1 … 65,535; the client's Receive Maximum may lower it

  std::uint32_t subscriptions_per_session_max = 100'000;
  std::uint32_t queue_messages_max = 200'000;
  std::uint64_t queue_bytes_max = 256 * kMiB;

  std::uint32_t connections_per_user_max = 0;       // 0: no limit; of a user that was proven
  std::uint32_t retained_per_client_max = 0;        // 0: no limit; messages that it has retained
  std::uint64_t retained_bytes_per_client_max = 0;  // their topics, properties and payloads
};

// One of the fields above, by the name that it has in the configuration.
struct ClientLimitKey {
  std::string_view name;  // "packet_bytes_max"
  std::uint64_t (*get)(const ClientLimits& limits);
  void (*put)(ClientLimits& limits, std::uint64_t value);  // value is within its bounds
};

// All of them.
std::span<const ClientLimitKey> client_limit_keys();
// Null when there is none of that name.
const ClientLimitKey* find_client_limit(std::string_view name);

// What a place of the configuration says otherwise.
struct ClientLimitValue {
  const ClientLimitKey* key;
  std::uint64_t value;

  bool operator==(const ClientLimitValue&) const = default;
};
using ClientLimitValues = std::vector<ClientLimitValue>;

// A [[limit]]: who is meant, and what holds for them. An empty text means everybody; a '*' at
// the end stands for anything.
struct LimitEntry {
  std::string user;  // proven, not only claimed
  std::string client;
  ClientLimitValues values;

  bool operator==(const LimitEntry&) const = default;
};

inline constexpr std::size_t kLimitEntriesMax = 1'000;

// Whether name is what pattern says, or begins with what stands before its '*'.
bool fits(std::string_view pattern, std::string_view name);

}  // namespace gaon::broker
