#include "broker/records.h"

namespace gaon::broker {
namespace {

std::uint8_t flags(mqtt::QoS qos, bool retain, bool no_local = false, bool retain_as_published = false) {
  return static_cast<std::uint8_t>(static_cast<unsigned>(qos) | (retain ? 4u : 0u) | (no_local ? 8u : 0u) |
                                   (retain_as_published ? 16u : 0u));
}

std::uint64_t milliseconds_of(Time time) {
  return static_cast<std::uint64_t>(time.time_since_epoch().count());
}

}  // namespace

std::size_t Records::begin(std::uint16_t shard, RecordKind kind) {
  const std::size_t start = bytes_.size();
  bytes_.u32(0);
  bytes_.u16(shard);
  bytes_.u8(static_cast<std::uint8_t>(kind));
  return start;
}

std::size_t Records::begin(const Client& client, RecordKind kind) {
  const std::size_t start = begin(client.shard, kind);
  bytes_.u64(client.number.value);
  return start;
}

void Records::end(std::size_t start) {
  store_u32(bytes_.data() + start, static_cast<std::uint32_t>(bytes_.size() - start - 4));
}

void Records::session(const Client& client) {
  if (!keeps(client)) return;
  const std::size_t start = begin(client, RecordKind::session);
  bytes_.u32(client.session_expiry_interval);
  text(client.session.client_id);
  end(start);
}

void Records::ended(const Client& client) {
  if (!wanted_) return;
  end(begin(client, RecordKind::ended));
}

void Records::offline(const Client& client) {
  if (!keeps(client)) return;
  const std::size_t start = begin(client, RecordKind::offline);
  bytes_.u64(milliseconds_of(client.session_ends));
  end(start);
}

void Records::will(const Client& client) {
  if (!keeps(client)) return;
  if (!client.will) {
    end(begin(client, RecordKind::no_will));
    return;
  }
  const std::size_t start = begin(client, RecordKind::will);
  bytes_.u32(client.will->delay_s);
  bytes_.u8(client.will->message_expiry_s.has_value());
  bytes_.u32(client.will->message_expiry_s.value_or(0));
  content(client.will->message);
  end(start);
}

void Records::subscribed(const Client& client, std::string_view filter, const Subscriber& options) {
  if (!keeps(client)) return;
  const std::size_t start = begin(client, RecordKind::subscribed);
  bytes_.u8(flags(options.qos, false, options.no_local, options.retain_as_published));
  bytes_.u32(options.subscription_id);
  text(filter);
  end(start);
}

void Records::unsubscribed(const Client& client, std::string_view filter) {
  if (!keeps(client)) return;
  const std::size_t start = begin(client, RecordKind::unsubscribed);
  text(filter);
  end(start);
}

void Records::queued(const Client& client, const Delivery& delivery) {
  // What a group handed out is still the group's.
  if (!keeps(client) || delivery.qos == mqtt::QoS::at_most_once || delivery.share != 0) return;
  message(client.shard, delivery.message);
  const std::size_t start = begin(client, RecordKind::queued);
  bytes_.u64(delivery.message.id().value);
  bytes_.u8(flags(delivery.qos, delivery.retain));
  bytes_.u16(static_cast<std::uint16_t>(delivery.subscription_ids.size()));
  for (const std::uint32_t id : delivery.subscription_ids) bytes_.u32(id);
  end(start);
}

void Records::finished(const Client& client, MessageId message) {
  if (!keeps(client)) return;
  const std::size_t start = begin(client, RecordKind::finished);
  bytes_.u64(message.value);
  end(start);
}

void Records::held(const Client& client, std::uint16_t packet_id) {
  if (!keeps(client)) return;
  const std::size_t start = begin(client, RecordKind::held);
  bytes_.u16(packet_id);
  end(start);
}

void Records::released(const Client& client, std::uint16_t packet_id) {
  if (!keeps(client)) return;
  const std::size_t start = begin(client, RecordKind::released);
  bytes_.u16(packet_id);
  end(start);
}

void Records::retained(std::uint16_t shard, const Message& retained) {
  if (!wanted_) return;
  message(shard, retained);
  const std::size_t start = begin(shard, RecordKind::retained);
  bytes_.u64(retained.id().value);
  end(start);
}

void Records::message(std::uint16_t shard, const Message& message) {
  if (message.id() == last_message_) return;
  last_message_ = message.id();
  const std::size_t start = begin(shard, RecordKind::message);
  bytes_.u64(message.id().value);
  bytes_.u64(message.publisher());
  bytes_.u64(milliseconds_of(message.deadline()));
  content(message);
  end(start);
}

void Records::content(const Message& message) {
  bytes_.u8(flags(message.qos(), message.retain()));
  text(message.topic());
  bytes_.u32(static_cast<std::uint32_t>(message.properties().size()));
  bytes_.append(message.properties());
  bytes_.append(message.payload());
}

}  // namespace gaon::broker
