// UNSUBSCRIBE, and the end of all subscriptions of a session.
#include <algorithm>

#include "broker/worker.h"
#include "topic/name.h"

namespace gaon::broker {

using mqtt::Reason;

bool Worker::on_unsubscribe(Connection& connection, const mqtt::Unsubscribe& packet) {
  const bool well_formed = std::ranges::all_of(packet.filters, [](std::string_view filter) {
    return topic::is_shared(filter) ? topic::parse_shared(filter).has_value() : topic::valid_filter(filter);
  });
  if (!well_formed) {
    mark(connection);
    connection.endpoint.disconnect(Reason::malformed_packet);
    on_violation(connection,
                 {Reason::malformed_packet, mqtt::PacketType::unsubscribe, "ill-formed topic filter"});
    return false;
  }
  std::vector<std::uint8_t> reasons;
  std::vector<std::string> lost;
  for (const std::string_view filter : packet.filters) {  // [MQTT-3.10.4-6] [MQTT-3.11.3-1]
    const bool existed = unsubscribe(*connection.client, filter, lost);
    // [MQTT-3.10.4-5]
    reasons.push_back(static_cast<std::uint8_t>(existed ? Reason::success : Reason::no_subscription_existed));
  }
  withdraw(std::move(lost));
  PendingSuback& answer = subacks_.add();
  answer.type = mqtt::PacketType::unsuback;
  answer.client = connection.client->ref;
  answer.connection = connection.client->session.inbound.connection();
  answer.packet_id = packet.packet_id;
  answer.reasons.assign(reasons.begin(), reasons.end());
  finish_suback(answer);
  return true;
}

bool Worker::unsubscribe(Client& client, std::string_view filter, std::vector<std::string>& lost) {
  if (const auto shared = topic::parse_shared(filter)) {
    const Seat* seat = find_seat(client, shared->share_name, shared->filter);
    if (seat == nullptr) return false;
    leave(client, seat->ref, false);
    records_.unsubscribed(client, filter);
    return true;
  }
  const auto id = interest_.find(filter);  // [MQTT-3.10.4-1]
  if (!id || std::erase(client.subscriptions, *id) == 0) return false;
  std::erase_if(client.replays, [&](const RetainedReplay& replay) { return replay.filter == *id; });
  metrics.subscriptions.add(-1);
  records_.unsubscribed(client, filter);
  // What the session has already stays: [MQTT-3.10.4-2] [MQTT-3.10.4-3]
  if (interest_.remove(*id, {.slot = client.ref.slot})) lost.emplace_back(filter);
  return true;
}

void Worker::withdraw(std::vector<std::string> filters) {
  if (filters.empty()) return;
  for (std::size_t to = 0; to < broker_.workers(); ++to) {
    if (to == id_) continue;
    send_mail(static_cast<WorkerId>(to),
              mail::Interest{std::make_unique<std::vector<std::string>>(filters), 0});
  }
}

void Worker::remove_subscriptions(Client& client) {
  std::vector<std::string> lost;
  client.replays.clear();
  for (const topic::FilterId id : client.subscriptions) {
    std::string filter = interest_.text(id);
    if (interest_.remove(id, {.slot = client.ref.slot})) lost.push_back(std::move(filter));
  }
  metrics.subscriptions.add(-static_cast<std::int64_t>(client.subscriptions.size()));
  client.subscriptions.clear();
  withdraw(std::move(lost));
}

}  // namespace gaon::broker
