#include "broker/client_limits.h"

#include <algorithm>
#include <type_traits>

namespace gaon::broker {
namespace {

template <auto kField>
constexpr ClientLimitKey key(std::string_view name) {
  return {name, [](const ClientLimits& limits) { return static_cast<std::uint64_t>(limits.*kField); },
          [](ClientLimits& limits, std::uint64_t value) {
            limits.*kField = static_cast<std::remove_reference_t<decltype(limits.*kField)>>(value);
          }};
}

constexpr ClientLimitKey kKeys[] = {
    key<&ClientLimits::messages_per_s>("messages_per_s"),
    key<&ClientLimits::bytes_per_s>("bytes_per_s"),
    key<&ClientLimits::packet_bytes_max>("packet_bytes_max"),
    key<&ClientLimits::topic_levels_max>("topic_levels_max"),
    key<&ClientLimits::receive_maximum>("receive_maximum"),
    key<&ClientLimits::inflight_max>("inflight_max"),
    key<&ClientLimits::subscriptions_per_session_max>("subscriptions_per_session_max"),
    key<&ClientLimits::queue_messages_max>("queue_messages_max"),
    key<&ClientLimits::queue_bytes_max>("queue_bytes_max"),
    key<&ClientLimits::connections_per_user_max>("connections_per_user_max"),
    key<&ClientLimits::retained_per_client_max>("retained_per_client_max"),
    key<&ClientLimits::retained_bytes_per_client_max>("retained_bytes_per_client_max"),
};

}  // namespace

std::span<const ClientLimitKey> client_limit_keys() { return kKeys; }

const ClientLimitKey* find_client_limit(std::string_view name) {
  const auto found = std::ranges::find(kKeys, name, &ClientLimitKey::name);
  return found == std::end(kKeys) ? nullptr : found;
}

bool fits(std::string_view pattern, std::string_view name) {
  if (!pattern.ends_with('*')) return pattern == name;
  pattern.remove_suffix(1);
  return name.starts_with(pattern);
}

}  // namespace gaon::broker
