// SUBSCRIBE: register here, let the other workers know of filters that are new to this
// one, and answer when they do: so no publish that is sent after the SUBACK came is
// missed. Retained messages follow the SUBACK.
#include <algorithm>

#include "broker/worker.h"
#include "topic/name.h"

namespace gaon::broker {

using mqtt::Property;
using mqtt::Reason;

bool Worker::on_subscribe(Connection& connection, const mqtt::Subscribe& packet) {
  if (const auto fault = forbidden(packet, connection.endpoint.version())) {
    mark(connection);
    connection.endpoint.disconnect(fault->reason);
    on_violation(connection, {fault->reason, mqtt::PacketType::subscribe, fault->what});
    return false;
  }
  Client& client = *connection.client;
  PendingSuback& suback = subacks_.add();
  suback.client = client.ref;
  suback.connection = client.session.inbound.connection();
  suback.packet_id = packet.packet_id;
  const std::uint32_t id = packet.properties.number(Property::subscription_identifier).value_or(0);
  std::vector<std::string> news;
  for (const mqtt::Subscription& wanted : packet.subscriptions) {  // In order: [MQTT-3.8.4-5] [MQTT-3.9.3-1]
    const Reason reason = subscribe(client, wanted, id, suback, news);
    suback.reasons.push_back(static_cast<std::uint8_t>(reason));
  }
  announce(std::move(news), &suback);
  finish_suback(suback);
  return true;
}

// What closes the connection, looked at before anything is done.
std::optional<mqtt::Fault> Worker::forbidden(const mqtt::Subscribe& packet, mqtt::Version version) const {
  const ProtocolPolicy& protocol = config_.protocol;
  // U5-3.2.2.3.12-a
  if (packet.properties.has(Property::subscription_identifier) && !protocol.subscription_id_available) {
    return mqtt::Fault{Reason::subscription_identifiers_not_supported,
                       "subscription identifiers are switched off"};
  }
  for (const mqtt::Subscription& wanted : packet.subscriptions) {
    std::string_view filter = wanted.filter;
    if (topic::is_shared(filter)) {
      const auto shared = topic::parse_shared(filter);
      if (!shared) {  // [MQTT-4.8.2-1] [MQTT-4.8.2-2]
        return mqtt::Fault{Reason::malformed_packet, "ill-formed shared subscription"};
      }
      if (wanted.no_local)
        return mqtt::Fault{Reason::protocol_error, "no local on a shared subscription"};  // [MQTT-3.8.3-4]
      if (!protocol.shared_available) {                                                   // U5-3.2.2.3.13-a
        return mqtt::Fault{Reason::shared_subscriptions_not_supported,
                           "shared subscriptions are switched off"};
      }
      filter = shared->filter;
    }
    if (!topic::valid_filter(filter)) {  // [MQTT-4.7.1-1] [MQTT-4.7.1-2]
      return mqtt::Fault{Reason::malformed_packet, "ill-formed topic filter"};
    }
    // Before MQTT 5 there is no telling that there are none: each is refused alone.  [MQTT-3.8.3-2@311]
    const bool told = version == mqtt::Version::v5;
    if (told && !protocol.wildcard_available && topic::has_wildcard(filter)) {  // U5-3.2.2.3.11-a
      return mqtt::Fault{Reason::wildcard_subscriptions_not_supported,
                         "wildcard subscriptions are switched off"};
    }
  }
  return std::nullopt;
}

Reason Worker::subscribe(Client& client, const mqtt::Subscription& wanted, std::uint32_t subscription_id,
                         PendingSuback& suback, std::vector<std::string>& news) {
  const Limits& limits = config_.limits;
  const ClientLimits& allowed = client.allowance->limits;
  if (wanted.filter.size() > limits.topic_bytes_max ||
      topic::levels(wanted.filter) > allowed.topic_levels_max) {
    return Reason::topic_filter_invalid;
  }
  if (!config_.protocol.wildcard_available && topic::has_wildcard(wanted.filter)) {
    return Reason::wildcard_subscriptions_not_supported;
  }
  const bool full =
      client.subscriptions.size() + client.seats.size() >= allowed.subscriptions_per_session_max;
  if (suback.reasons.size() >= limits.filters_per_subscribe_max ||
      (full && !has_subscription(client, wanted.filter))) {
    return Reason::quota_exceeded;
  }
  if (!may_subscribe(client, wanted.filter)) return Reason::not_authorized;
  // In 3.1.1 too: U311-4.7-a. No retained messages: U5-3.8.4-b
  if (topic::is_shared(wanted.filter)) return join(client, wanted, subscription_id, suback);
  const auto granted =
      // [MQTT-3.2.2-10]
      static_cast<mqtt::QoS>(std::min(static_cast<std::uint8_t>(wanted.qos), config_.protocol.maximum_qos));
  const Subscriber subscriber{.slot = client.ref.slot,
                              .subscription_id = subscription_id,  // U5-3.8.4-a
                              .is_group = false,
                              .no_local = wanted.no_local,
                              .retain_as_published = wanted.retain_as_published,
                              .qos = granted};
  const Interest::Added added = interest_.add(wanted.filter, subscriber, client.subscriptions);
  if (!added.existed) {
    client.subscriptions.push_back(added.filter);
    metrics.subscriptions.add();
  }
  records_.subscribed(client, wanted.filter, subscriber);
  if (added.first) news.emplace_back(wanted.filter);
  const bool wants_retained =  // [MQTT-3.3.1-9] [MQTT-3.3.1-10] [MQTT-3.3.1-11]
      wanted.retain_handling == mqtt::RetainHandling::send ||
      (wanted.retain_handling == mqtt::RetainHandling::send_if_new && !added.existed);
  if (wants_retained) suback.retained.push_back({std::string(wanted.filter), subscriber});  // [MQTT-3.8.4-4]
  return static_cast<Reason>(granted);                                                      // [MQTT-3.8.4-7]
}

bool Worker::has_subscription(Client& client, std::string_view filter) {
  if (const auto shared = topic::parse_shared(filter)) {
    return find_seat(client, shared->share_name, shared->filter) != nullptr;
  }
  const auto id = interest_.find(filter);
  return id && std::ranges::find(client.subscriptions, *id) != client.subscriptions.end();
}

// One round of mail for all of a packet's new filters. A SUBACK also waits for rounds
// that are under way for filters it shares with others.
void Worker::announce(std::vector<std::string> filters, PendingSuback* suback) {
  if (broker_.workers() > 1 && !filters.empty()) {
    ++last_round_;
    rounds_.push_back({last_round_, static_cast<std::uint32_t>(broker_.workers() - 1)});
    for (std::size_t to = 0; to < broker_.workers(); ++to) {
      if (to == id_) continue;
      send_mail(static_cast<WorkerId>(to),
                mail::Interest{std::make_unique<std::vector<std::string>>(filters), last_round_});
    }
  }
  if (suback == nullptr || rounds_.empty()) return;
  suback->round = last_round_;
  subacks_at_round_.push_back({last_round_, suback->ref});
}

void Worker::finish_suback(PendingSuback& suback) {
  if (suback.joins > 0 || suback.round != 0) return;
  Client* client = clients_.find(suback.client);
  if (client != nullptr && client->kept && !suback.recorded) {  // A restart must not forget what it says.
    return owe({.client = suback.ref, .kind = Owed::Kind::suback});
  }
  if (client != nullptr && client->connection != nullptr && suback.type == mqtt::PacketType::unsuback &&
      client->session.inbound.connection() == suback.connection) {
    mark(*client->connection);
    // [MQTT-2.2.1-6] [MQTT-3.8.4-1] [MQTT-3.8.4-2]
    client->connection->endpoint.send(
        mqtt::Unsuback{.packet_id = suback.packet_id, .reasons = suback.reasons});  // [MQTT-3.10.4-4]
  } else if (client != nullptr && client->connection != nullptr &&
             client->session.inbound.connection() == suback.connection) {
    mark(*client->connection);
    client->connection->endpoint.send(
        mqtt::Suback{.packet_id = suback.packet_id, .reasons = suback.reasons});  // [MQTT-3.8.4-6]
    for (const PendingSuback::Wanted& wanted : suback.retained) {
      const auto filter = interest_.find(wanted.filter);
      if (!filter || interest_.find(*filter, client->ref.slot, false) == nullptr) continue;
      // One that is under way would show nothing that the new one does not: so a session
      // has no more replays than subscriptions.
      std::erase_if(client->replays, [&](const RetainedReplay& replay) { return replay.filter == *filter; });
      client->replays.push_back({*filter, wanted.options, retained_.walk(wanted.filter)});
    }
    pump(*client);
  }
  subacks_.remove(suback.ref);
}

}  // namespace gaon::broker
