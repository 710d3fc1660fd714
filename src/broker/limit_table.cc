#include "broker/limit_table.h"

#include <algorithm>

namespace gaon::broker {
namespace {

ClientLimits changed(ClientLimits limits, const ClientLimitValues& values) {
  for (const ClientLimitValue& one : values) one.key->put(limits, one.value);
  return limits;
}

bool is_about(const LimitEntry& entry, std::string_view user, std::string_view client_id) {
  return (entry.user.empty() || (!user.empty() && fits(entry.user, user))) &&
         (entry.client.empty() || fits(entry.client, client_id));
}

}  // namespace

LimitTable::LimitTable(const Config& config) : entries_(config.limit_entries) {
  const auto add = [&](const ClientLimits& limits) {
    allowances_.push_back({limits,
                           {.maximum_packet_size = limits.packet_bytes_max,
                            .receive_maximum = limits.receive_maximum,
                            .topic_alias_maximum = config.limits.topic_alias_maximum,
                            .inflight_max = limits.inflight_max}});
  };
  for (std::size_t i = 0; i <= config.listeners.size(); ++i) {
    const bool listens = i < config.listeners.size();
    const ClientLimits base =
        changed(config.limits, listens ? config.listeners[i].limits.of_clients : ClientLimitValues{});
    add(base);
    for (const LimitEntry& entry : entries_) add(changed(base, entry.values));
  }
  before_connect_ = allowances_.front().endpoint;
  before_connect_.maximum_packet_size =
      std::min(config.limits.connect_bytes_max, config.limits.packet_bytes_max);
}

bool LimitTable::limits_retained() const {
  return std::ranges::any_of(allowances_, [](const Allowance& one) {
    return one.limits.retained_per_client_max > 0 || one.limits.retained_bytes_per_client_max > 0;
  });
}

const Allowance& LimitTable::of(std::optional<std::uint32_t> listener, std::string_view user,
                                std::string_view client_id) const {
  const std::size_t row = 1 + entries_.size();
  const std::size_t rows = allowances_.size() / row;
  const std::size_t first = (listener ? *listener : rows - 1) * row;
  const auto entry =
      std::ranges::find_if(entries_, [&](const LimitEntry& one) { return is_about(one, user, client_id); });
  const bool found = entry != entries_.end();
  return allowances_[first + (found ? 1 + static_cast<std::size_t>(entry - entries_.begin()) : 0)];
}

}  // namespace gaon::broker
