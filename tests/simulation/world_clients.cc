// Who there is, and what they do.
#include <array>

#include "world.h"

namespace gaon::simulation {

using mqtt::QoS;
using mqtt::Version;

namespace {

constexpr std::array<const char*, 5> kTopics = {"a/x", "a/y", "b/x", "c", "a/b/c"};
constexpr std::array<const char*, 8> kFilters = {"a/#", "+/x", "c", "a/y", "#", "will/+", "a/+/c", "nobody"};
constexpr std::array<const char*, 2> kShared = {"$share/g/a/#", "$share/h/+/x"};
constexpr std::array<std::uint32_t, 4> kExpiries = {8, 60, 3600, kExpiryNever};

}  // namespace

SimClient& World::add_client(const Profile& profile) {
  clients_.push_back(std::make_unique<SimClient>(profile, model_, events_, random_));
  return *clients_.back();
}

// p: publishers, s: subscribers, g: members of shared groups.
void World::add_clients() {
  constexpr std::string_view kRoles = "pppsssssgggg";
  for (std::size_t i = 0; i < kRoles.size(); ++i) {
    Profile profile{.id = std::string(1, kRoles[i]) + std::to_string(i),
                    .version = random_.once_in(3) ? Version::v311 : Version::v5,
                    .expiry_s = random_.once_in(4) ? 0 : kExpiries[random_.below(kExpiries.size())],
                    .wills = random_.once_in(3)};
    if (profile.version == Version::v311 && profile.expiry_s > 0) profile.expiry_s = kExpiryNever;
    add_client(profile);
  }
}

void World::act(SimClient& client) {
  if (!client.connected()) {
    if (!random_.once_in(4)) dial(client, false);
    return;
  }
  if (random_.once_in(25)) return client.cut(random_.once_in(2), now_);
  if (client.open()) act_open(client);
}

void World::act_open(SimClient& client) {
  switch (random_.below(40)) {
    case 0:
      return client.half_close(now_);
    case 1:
      return client.disconnect(random_.once_in(3), now_);
    default:
      break;
  }
  if (client.profile().id[0] == 'p') return publish(client);
  if (client.subscriptions().empty() || random_.once_in(6)) subscribe(client);
}

void World::publish(SimClient& client) {
  if (client.waiting() > 30) return;
  const auto qos = static_cast<QoS>(random_.below(3));
  const bool retain = qos != QoS::at_most_once && random_.once_in(5);
  const bool clears = retain && qos == QoS::at_least_once && random_.once_in(3);
  std::optional<std::uint32_t> expiry_s;
  if (random_.once_in(6)) expiry_s = static_cast<std::uint32_t>(random_.between(1, 20));
  client.publish(kTopics[random_.below(kTopics.size())], qos, retain, clears, expiry_s, now_);
}

void World::subscribe(SimClient& client) {
  const bool shared = client.profile().id[0] == 'g';
  const std::string filter = shared ? kShared[(client.profile().id.back() - '0') % kShared.size()]
                                    : kFilters[random_.below(kFilters.size())];
  if (!client.subscriptions().contains(filter)) {
    if (client.subscriptions().size() >= 3) return;
    const std::size_t least = shared || !random_.once_in(4) ? 1 : 0;
    client.subscribe(filter, static_cast<QoS>(random_.between(least, 2)), now_);
  } else if (random_.once_in(3)) {
    client.unsubscribe(filter, now_);
  }
}

void World::dial(SimClient& client, bool quick) {
  if (!broker_ || !client.may_dial()) return;
  LinkQuality quality;
  if (!quick) {
    quality.delay_ms_max = random_.once_in(2) ? random_.below(5) : random_.below(150);
    if (random_.once_in(4))
      quality.chunk = random_.once_in(3) ? random_.between(1, 20) : random_.between(20, 500);
    quality.slow_reader = random_.once_in(6);
  }
  net::MemoryBackend& backend = *backends_[random_.below(plan_.workers)];
  const bool clean_start = !quick && random_.once_in(15);
  client.dial(backend.peer(backend.connect()), quality, clean_start, now_);
}

}  // namespace gaon::simulation
