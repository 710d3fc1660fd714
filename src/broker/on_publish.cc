// PUBLISH from a client: may it be, what does it become, where does it go, and when is
// it safe.
#include <algorithm>
#include <array>
#include <bit>

#include "broker/passed_on.h"
#include "broker/worker.h"
#include "topic/name.h"

namespace gaon::broker {

using mqtt::PacketType;
using mqtt::Property;
using mqtt::QoS;
using mqtt::Reason;

bool Worker::on_publish(Connection& connection, const mqtt::Publish& packet) {
  if (const auto fault = forbidden(packet)) {
    mark(connection);
    connection.endpoint.disconnect(fault->reason);
    on_violation(connection, {fault->reason, PacketType::publish, fault->what});
    return false;
  }
  Client& client = *connection.client;
  Owed owed{.client = client.ref,
            .packet_id = packet.packet_id,
            .connection = client.session.inbound.connection(),
            .type = packet.qos == QoS::at_least_once ? PacketType::puback : PacketType::pubrec};
  if (const auto reason = not_taken(client, packet)) {
    metrics.drop(*reason == Reason::quota_exceeded ? DropReason::retained_full : DropReason::not_allowed);
    owed.reason = *reason;
    if (packet.qos != QoS::at_most_once) owe(owed);
    return true;
  }
  // The id of a QoS 2 is safe here before the message is elsewhere; who has the one sees to
  // the other after a restart.
  const bool recorded = packet.qos == QoS::exactly_once && records_.keeps(client);
  route(make_message(client, packet), packet.qos == QoS::at_most_once ? nullptr : &owed, recorded);
  return true;
}

// What was announced in CONNACK and is not kept to closes the connection.
std::optional<mqtt::Fault> Worker::forbidden(const mqtt::Publish& packet) const {
  if (static_cast<std::uint8_t>(packet.qos) > config_.protocol.maximum_qos) {  // U5-3.2.2.3.4-a
    return mqtt::Fault{Reason::qos_not_supported, "QoS above protocol.maximum_qos"};
  }
  if (packet.retain && !config_.protocol.retain_available) {  // U5-3.2.2.3.5-a
    return mqtt::Fault{Reason::retain_not_supported, "RETAIN, but protocol.retain_available is off"};
  }
  return std::nullopt;
}

// What is refused by a reason in the acknowledgement; before MQTT 5 without one: [MQTT-3.3.5-2@311]
std::optional<Reason> Worker::not_taken(Client& client, const mqtt::Publish& packet) {
  if (packet.topic.starts_with('$') && !config_.protocol.allow_dollar_publish) {  // [MQTT-4.7.2-1]
    return Reason::not_authorized;
  }
  if (packet.topic.size() > config_.limits.topic_bytes_max ||
      topic::levels(packet.topic) > client.allowance->limits.topic_levels_max) {
    return Reason::topic_name_invalid;
  }
  if (packet.properties.has(Property::user_property)) {
    const auto users = std::ranges::count_if(
        packet.properties, [](const mqtt::PropertyItem& item) { return item.id == Property::user_property; });
    if (users > config_.limits.user_properties_max) return Reason::implementation_specific_error;
  }
  if (!may_publish(client, packet.topic)) return Reason::not_authorized;
  if (packet.retain && !packet.payload.empty() &&
      !retained_.has_room_of(client.hash, client.allowance->limits, packet.topic,
                             packet.topic.size() + packet.payload.size())) {
    return Reason::quota_exceeded;
  }
  return std::nullopt;
}

Message Worker::make_message(const Client& client, const mqtt::Publish& packet) {
  MessageParts parts{.id = next_message_id(),
                     .publisher = client.hash,
                     .qos = packet.qos,
                     .retain = packet.retain,
                     .topic = packet.topic,
                     .payload = packet.payload};
  if (!packet.properties.empty()) {
    if (const auto expiry = packet.properties.number(Property::message_expiry_interval)) {
      parts.deadline = now_ + seconds(*expiry);
    }
    scratch_.clear();
    copy_passed_on(packet.properties, scratch_);
    parts.properties = scratch_.view();
  }
  return Message::make(parts);
}

MessageId Worker::next_message_id() { return MessageId::make(broker_.incarnation(), ++sequence_, id_); }

// Every worker stores it, the one of the topic's shard records it: in the order in which
// it took them, so that the last record of a topic is what is stored.
void Worker::retain(const Message& message) {
  if (!retained_.put(message, now_) || message.publisher() == kBrokerItself) return;
  const std::size_t shard = Broker::shard_of(hash(message.topic(), broker_.seed()));
  if (broker_.worker_of_shard(shard) == id_) records_.retained(message);
}

void Worker::publish_own(std::string_view topic, std::string_view payload, bool retain) {
  route(Message::make({.id = next_message_id(),
                       .publisher = kBrokerItself,
                       .retain = retain,
                       .topic = topic,
                       .payload = as_bytes(payload)}),
        nullptr, false);
}

void Worker::answer(Owed& owed) {
  constexpr std::array kReasons = {Reason::no_matching_subscribers, Reason::quota_exceeded, Reason::success,
                                   Reason::quota_exceeded};
  owed.reason = kReasons[static_cast<std::size_t>(owed.outcome)];
  owe(owed);
}

// Decided once, before anybody gets it; what passed here is taken everywhere, also when the
// journal is full by then. Where it is not, that one session less or more is there by the
// time the message comes makes no difference.
bool Worker::must_be_kept(const Message& message, std::span<const Subscriber> here, WorkerSet others) const {
  if (message.qos() == QoS::at_most_once) return false;
  if (message.retain()) return true;
  const bool kept_here = std::ranges::any_of(here, [&](const Subscriber& subscriber) {
    if (subscriber.is_group) return groups_.at(subscriber.slot).records(message);
    const Client& client = clients_.at(subscriber.slot);
    const bool gets_it = !subscriber.no_local || client.hash != message.publisher();
    return client.kept && gets_it && subscriber.qos != QoS::at_most_once;
  });
  if (kept_here) return true;
  for (; others != 0; others &= others - 1) {
    const auto other = static_cast<std::size_t>(std::countr_zero(others));
    if (broker_.worker(other).metrics.sessions_kept.get() > 0) return true;
  }
  return false;
}

void Worker::route(const Message& message, Owed* owed, bool recorded) {
  const Route& found = interest_.match(message.topic());  // [MQTT-3.3.2-3]
  WorkerSet others = found.workers;
  if (message.retain())
    others = (broker_.workers() == kWorkersMax ? ~WorkerSet{0} : (WorkerSet{1} << broker_.workers()) - 1);
  others &= ~(WorkerSet{1} << id_);
  // A will was taken with its CONNECT.
  if (owed != nullptr && !journal_has_room() && must_be_kept(message, found.subscribers, others)) {
    metrics.drop(DropReason::journal_full);
    owed->outcome = Outcome::no_room;
    answer(*owed);
    return;
  }
  if (message.retain()) {  // [MQTT-3.3.1-8]
    if (!message.payload().empty() && !retained_.has_room(message.topic(), message.size())) {
      metrics.drop(DropReason::retained_full);
      if (owed != nullptr) {
        owed->reason = Reason::quota_exceeded;
        owe(*owed);
      }
      return;
    }
    retain(message);
  }
  if (owed != nullptr && message.qos() == QoS::exactly_once) {
    records_.held(clients_.at(owed->client.slot), owed->packet_id);
  }
  const bool on_its_way = recorded && others != 0;
  if (on_its_way) records_.routing(message);
  const std::uint64_t before = put_off_;
  const Outcome here = take_in(message, found.subscribers, owed != nullptr);
  if (put_off_ != before) owed->behind = put_off_;

  std::uint32_t receipt_number = 0;
  if ((owed != nullptr || on_its_way) && others != 0) {
    Receipt& receipt = receipts_.add();
    if (owed != nullptr) receipt.owed = *owed;
    receipt.waits = static_cast<std::uint32_t>(std::popcount(others));
    receipt.outcome = here;
    if (on_its_way) receipt.routing = message.id();
    receipt_number = receipt.ref.slot + 1;
  }
  for (WorkerSet left = others; left != 0; left &= left - 1) {
    send_mail(static_cast<WorkerId>(std::countr_zero(left)),
              mail::Deliver{message, receipt_number, message.retain()});
  }
  if (owed != nullptr && others == 0) {
    owed->outcome = here;
    answer(*owed);
  }
}

}  // namespace gaon::broker
