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

std::size_t Records::begin(RecordKind kind) {
  const std::size_t start = bytes_.size();
  bytes_.u32(0);
  bytes_.u8(static_cast<std::uint8_t>(kind));
  return start;
}

std::size_t Records::begin(const Client& client, RecordKind kind) {
  const std::size_t start = begin(kind);
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
  text(client.access == nullptr ? std::string_view() : client.access->identity.user);
  end(start);
}

void Records::anew(const Client& client) {
  if (keeps(client)) end(begin(client, RecordKind::anew));
}

void Records::ended(const Client& client) {
  if (wanted_) end(begin(client, RecordKind::ended));
}

void Records::online(const Client& client) {
  if (keeps(client)) end(begin(client, RecordKind::online));
}

void Records::offline(const Client& client) {
  if (!keeps(client)) return;
  const std::size_t start = begin(client, RecordKind::offline);
  bytes_.u64(milliseconds_of(client.session_ends));
  bytes_.u64(milliseconds_of(client.will_due));
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

std::size_t Records::queued(const Client& client, const Delivery& delivery, std::uint32_t sequence,
                            CopyState state, std::uint64_t group) {
  message(delivery.message);
  queued(client, {.sequence = sequence,
                  .qos = delivery.qos,
                  .retain = delivery.retain,
                  .state = state,
                  .packet_id = 0,
                  .group = group,
                  .subscription_ids = delivery.subscription_ids});
  return last_message_at_;
}

void Records::queued(const Client& client, const Queued& copy) {
  const std::size_t start = begin(client, RecordKind::queued);
  bytes_.u32(copy.sequence);
  bytes_.u8(flags(copy.qos, copy.retain));
  bytes_.u8(static_cast<std::uint8_t>(copy.state));
  bytes_.u16(copy.packet_id);
  bytes_.u64(copy.group);
  bytes_.u16(static_cast<std::uint16_t>(copy.subscription_ids.size()));
  for (const std::uint32_t id : copy.subscription_ids) bytes_.u32(id);
  end(start);
}

std::size_t Records::message_again(MessageId message, ByteView record) {
  if (message != last_message_) {
    last_message_ = message;
    last_message_at_ = bytes_.size();
    bytes_.append(record);
  }
  return last_message_at_;
}

void Records::queued_again(const Client& client, const Copy& copy, CopyState state, std::uint64_t group) {
  const bool own_id = copy.packet_id == 0 || copy.packet_id == packet_id_of(copy.sequence);
  queued(client, {.sequence = copy.sequence,
                  .qos = copy.qos(),
                  .retain = copy.retain(),
                  .state = state,
                  .packet_id = own_id ? std::uint16_t{0} : copy.packet_id,
                  .group = group,
                  .subscription_ids = copy.subscription_ids()});
}

void Records::sending(const Client& client, std::uint32_t open_to) {
  if (!keeps(client)) return;
  const std::size_t start = begin(client, RecordKind::sending);
  bytes_.u32(open_to);
  end(start);
}

void Records::named(const Client& client, std::uint32_t sequence, std::uint16_t packet_id) {
  if (!keeps(client)) return;
  const std::size_t start = begin(client, RecordKind::named);
  bytes_.u32(sequence);
  bytes_.u16(packet_id);
  end(start);
}

void Records::received(const Client& client, std::uint32_t sequence) {
  if (!keeps(client)) return;
  const std::size_t start = begin(client, RecordKind::received);
  bytes_.u32(sequence);
  end(start);
}

void Records::finished(const Client& client, const Copy& copy) {
  if (!keeps(client) || copy.qos() == mqtt::QoS::at_most_once) return;
  const std::size_t start = begin(client, RecordKind::finished);
  bytes_.u32(copy.sequence);
  end(start);
}

void Records::held(const Client& client, std::uint16_t packet_id) {
  if (!keeps(client)) return;
  const std::size_t start = begin(client, RecordKind::held);
  bytes_.u16(packet_id);
  end(start);
}

void Records::routing(const Message& routing) {
  if (!wanted_) return;
  message(routing);
  const std::size_t start = begin(RecordKind::routing);
  bytes_.u64(routing.id().value);
  end(start);
}

void Records::routed(MessageId message) {
  if (!wanted_) return;
  const std::size_t start = begin(RecordKind::routed);
  bytes_.u64(message.value);
  end(start);
}

void Records::released(const Client& client, std::uint16_t packet_id) {
  if (!keeps(client)) return;
  const std::size_t start = begin(client, RecordKind::released);
  bytes_.u16(packet_id);
  end(start);
}

void Records::retained(const Message& retained) {
  if (!wanted_) return;
  message(retained);
  end(begin(RecordKind::retained));
}

void Records::group(MessageId number, std::string_view key) {
  if (!wanted_) return;
  const std::size_t start = begin(RecordKind::group);
  bytes_.u64(number.value);
  text(key);
  end(start);
}

void Records::group_ended(MessageId number) {
  if (!wanted_) return;
  const std::size_t start = begin(RecordKind::group_ended);
  bytes_.u64(number.value);
  end(start);
}

void Records::group_queued(MessageId number, const Message& queued) {
  if (!wanted_) return;
  message(queued);
  const std::size_t start = begin(RecordKind::group_queued);
  bytes_.u64(number.value);
  end(start);
}

void Records::group_done(MessageId number, MessageId message) {
  if (!wanted_) return;
  const std::size_t start = begin(RecordKind::group_done);
  bytes_.u64(number.value);
  bytes_.u64(message.value);
  end(start);
}

void Records::message(const Message& message) {
  if (message.id() == last_message_) return;
  last_message_ = message.id();
  last_message_at_ = begin(RecordKind::message);
  bytes_.u64(message.id().value);
  bytes_.u64(message.publisher());
  bytes_.u64(milliseconds_of(message.deadline()));
  content(message);
  end(last_message_at_);
}

void Records::content(const Message& message) {
  bytes_.u8(flags(message.qos(), message.retain()));
  text(message.topic());
  bytes_.u32(static_cast<std::uint32_t>(message.properties().size()));
  bytes_.append(message.properties());
  bytes_.append(message.payload());
}

// --- reading

std::optional<Record> next_record(Reader& reader) {
  if (reader.at_end()) return std::nullopt;
  const std::uint8_t* begin = reader.rest().data();
  const ByteView body = reader.take(reader.u32());
  if (reader.failed()) return std::nullopt;
  Reader inside(body);
  const auto kind = static_cast<RecordKind>(inside.u8());
  return Record{kind, inside, {begin, 4 + body.size()}};
}

Options read_options(std::uint8_t options) {
  return {.qos = static_cast<mqtt::QoS>(std::min(options & 3, 2)),
          .retain = (options & 4) != 0,
          .no_local = (options & 8) != 0,
          .retain_as_published = (options & 16) != 0};
}

Time read_time(Reader& body) { return Time(Duration(static_cast<std::int64_t>(body.u64()))); }

MessageParts read_message(Reader& body) {
  MessageParts parts;
  parts.id = {body.u64()};
  parts.publisher = body.u64();
  parts.deadline = read_time(body);
  read_content(body, parts);
  return parts;
}

void read_content(Reader& body, MessageParts& parts) {
  const Options options = read_options(body.u8());
  parts.qos = options.qos;
  parts.retain = options.retain;
  parts.topic = as_text(body.prefixed());
  parts.properties = body.take(body.u32());
  parts.payload = body.take(body.left());
}

QueuedRecord read_queued(Reader& body) {
  QueuedRecord record{.number = body.u64(),
                      .sequence = body.u32(),
                      .options = read_options(body.u8()),
                      .state = static_cast<CopyState>(body.u8()),
                      .packet_id = body.u16(),
                      .group = body.u64(),
                      .subscription_ids = {}};
  const std::size_t ids = body.u16();
  for (std::size_t i = 0; i < ids; ++i) record.subscription_ids.push_back(body.u32());
  return record;
}

}  // namespace gaon::broker
