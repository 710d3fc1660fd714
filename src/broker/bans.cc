#include "broker/bans.h"

#include <algorithm>
#include <iterator>

#include "broker/client_limits.h"

namespace gaon::broker {
namespace {

bool any_fits(const std::vector<std::string>& patterns, std::string_view name) {
  return std::ranges::any_of(patterns, [&](const std::string& pattern) { return fits(pattern, name); });
}

}  // namespace

Bans::Bans(std::span<const BanEntry> entries) {
  for (const BanEntry& entry : entries) {
    if (!entry.client.empty()) clients_.push_back(entry.client);
    if (!entry.user.empty()) users_.push_back(entry.user);
    if (auto networks = net::Networks::parse(entry.address); networks && !networks->empty())
      networks_.push_back(std::move(*networks));
  }
}

Bans Bans::added(std::vector<BanEntry> entries, std::vector<BanEntry> before) {
  std::ranges::sort(entries);
  std::ranges::sort(before);
  std::vector<BanEntry> more;
  std::ranges::set_difference(entries, before, std::back_inserter(more));
  return Bans(more);
}

bool Bans::address(const net::Peer& peer) const {
  return std::ranges::any_of(networks_,
                             [&](const net::Networks& networks) { return networks.contain(peer); });
}

bool Bans::client(std::string_view client_id) const { return any_fits(clients_, client_id); }
bool Bans::user(std::string_view user) const { return any_fits(users_, user); }

}  // namespace gaon::broker
