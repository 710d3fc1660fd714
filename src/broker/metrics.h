// What one worker counts. Written by its thread, read by any; sums are made by who
// shows them.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/metric.h"
#include "mqtt/version.h"

namespace gaon::broker {

// Why a message did not reach a subscriber or the store.
enum class DropReason : std::uint8_t {
  queue_full,     // the session's or group's queue was at its limit
  offline_qos0,   // QoS 0 for a session that was not connected
  expired,        // its message expiry interval had passed
  too_large,      // for the subscriber's maximum packet size
  retained_full,  // the retained store was at its limit
  not_allowed,    // the publisher, or the subscriber, may not
  session_ended,  // it waited in a session that ended
  journal_full,   // the disk has no room for it
  memory_full,    // limits.memory_bytes_max is near
  unreadable,     // it was in the journal, and cannot be read any more
};
inline constexpr std::array<std::string_view, 10> kDropReasonNames = {
    "queue_full",  "offline_qos0",  "expired",      "too_large",   "retained_full",
    "not_allowed", "session_ended", "journal_full", "memory_full", "unreadable"};

// Why a connection was not taken.
enum class Refusal : std::uint8_t {
  connections,           // limits.connections_max
  listener_connections,  // listener.limits.connections_max
  address_connections,   // connections_per_address_max
  user_connections,      // connections_per_user_max
  banned,                // by a [[ban]]
  flapping,              // limits.flapping_connects
  memory,                // limits.memory_bytes_max
};
inline constexpr std::array<std::string_view, 7> kRefusalNames = {
    "connections", "listener_connections", "address_connections", "user_connections", "banned", "flapping",
    "memory"};

struct Metrics {
  Metric connections;  // open now, before CONNECT too
  Metric clients_connected;
  Metric sessions;       // connected and not
  Metric sessions_kept;  // of those: the journal knows them
  Metric sessions_expired;
  Metric subscriptions;
  Metric shared_subscriptions;
  Metric retained_messages;  // the same on every worker
  Metric retained_bytes;
  Metric queued_messages;
  Metric cleaned_segments;  // of the journal
  Metric cleaned_bytes;     // that had to be written again for it
  Metric spared_messages;   // acknowledged by a kept session before they were recorded
  Metric violations;
  Metric publishers_waiting;  // connections that are not read, as they have to wait to publish: now
  Metric authentications_refused;
  Metric publish_bytes_received;
  Metric publish_bytes_sent;
  std::array<Metric, mqtt::kPacketTypes> received;
  std::array<Metric, mqtt::kPacketTypes> sent;
  std::array<Metric, kDropReasonNames.size()> dropped;

  std::array<Metric, kRefusalNames.size()> refused;

  void drop(DropReason reason, std::int64_t n = 1) { dropped[static_cast<std::size_t>(reason)].add(n); }
};

}  // namespace gaon::broker
