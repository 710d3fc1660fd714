#include "broker/admission.h"

#include <algorithm>

#include "net/networks.h"

namespace gaon::broker {
namespace {

// Client ids that are watched at one time; of more, nothing is known.
constexpr std::size_t kFlappingMax = 100'000;

// Empty for what has no IP address. Of IPv6 a /64, which is what one site gets: it has as many
// addresses as it likes.
std::string key_of(const net::Peer& from) {
  const net::Peer peer = net::plain(from);
  const bool ipv4 = peer.family == net::Peer::Family::ipv4;
  if (!ipv4 && peer.family != net::Peer::Family::ipv6) return {};
  return {reinterpret_cast<const char*>(peer.address.data()), ipv4 ? std::size_t{4} : std::size_t{8}};
}

}  // namespace

Admission::Admission(const Config& config) : doors_(config.listeners.size()) { change(config); }

void Admission::change(const Config& config) {
  const std::scoped_lock lock(mutex_);
  limits_ = config.limits;
  address_max_.clear();
  for (std::size_t i = 0; i < doors_.size(); ++i) {
    const ListenerLimits& limits = config.listeners[i].limits;
    doors_[i].most = limits.connections_max;
    doors_[i].rate = TokenBucket(limits.connects_per_s, Time{});
    address_max_.push_back(limits.connections_per_address_max > 0 ? limits.connections_per_address_max
                                                                  : limits_.connections_per_address_max);
  }
}

bool Admission::counts_addresses(std::uint32_t listener) {
  const std::scoped_lock lock(mutex_);
  return address_max_[listener] > 0;
}

void Admission::Places::leave() {
  if (admission_ == nullptr) return;
  const std::scoped_lock lock(admission_->mutex_);
  if (listener_ != nullptr) --*listener_;
  Admission::leave(admission_->addresses_, address_);
  Admission::leave(admission_->users_, user_);
}

void Admission::leave(Counts& counts, Counts::value_type*& place) {
  if (place != nullptr && --place->second == 0) counts.erase(counts.find(place->first));
  place = nullptr;
}

bool Admission::enter(Counts& counts, std::string key, std::uint32_t most, Counts::value_type*& place) {
  const auto at = counts.try_emplace(std::move(key), 0).first;
  if (at->second >= most) return false;
  ++at->second;
  place = &*at;
  return true;
}

bool Admission::enter_listener(std::uint32_t listener, Places& places) {
  const std::scoped_lock lock(mutex_);
  Door& door = doors_[listener];
  if (door.most == 0) return true;
  if (door.connections >= door.most) return false;
  ++door.connections;
  places.admission_ = this;
  places.listener_ = &door.connections;
  return true;
}

bool Admission::enter_address(std::uint32_t listener, const net::Peer& peer, Places& places) {
  std::string key = key_of(peer);
  const std::scoped_lock lock(mutex_);
  if (address_max_[listener] == 0 || key.empty()) return true;
  places.admission_ = this;
  return enter(addresses_, std::move(key), address_max_[listener], places.address_);
}

bool Admission::enter_user(std::string_view user, std::uint32_t most, bool takes_over, Places& places) {
  if (most == 0 || user.empty()) return true;
  const std::scoped_lock lock(mutex_);
  places.admission_ = this;
  return enter(users_, std::string(user), most + (takes_over ? 1 : 0), places.user_);
}

Time Admission::accepted(std::uint32_t listener, Time now) {
  const std::scoped_lock lock(mutex_);
  TokenBucket& rate = doors_[listener].rate;
  rate.take(1, now);
  return rate.ready(now);
}

bool Admission::is_banned(std::string_view client_id, Time now) {
  const std::scoped_lock lock(mutex_);
  if (limits_.flapping_connects == 0) return false;
  const auto at = flapping_.find(std::string(client_id));
  return at != flapping_.end() && at->second.banned_until > now;
}

void Admission::connected(std::string_view client_id, Time now) {
  const std::scoped_lock lock(mutex_);
  if (limits_.flapping_connects == 0) return;
  if (flapping_.size() >= kFlappingMax) forget_flapping(now);
  if (flapping_.size() >= kFlappingMax) return;
  Flapping& one = flapping_[std::string(client_id)];
  if (now - one.window > seconds(limits_.flapping_window_s)) one = {.window = now};
  if (++one.connects >= limits_.flapping_connects) one.banned_until = now + seconds(limits_.flapping_ban_s);
}

void Admission::forget_flapping(Time now) {
  if (now - forgot_ < seconds(1)) return;
  forgot_ = now;
  std::erase_if(flapping_, [&](const auto& one) {
    return one.second.banned_until <= now && now - one.second.window > seconds(limits_.flapping_window_s);
  });
}

}  // namespace gaon::broker
