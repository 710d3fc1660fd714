#include "session/endpoint.h"

#include <algorithm>

#include "base/check.h"
#include "mqtt/decode.h"

namespace gaon {

using mqtt::PacketType;
using mqtt::Property;
using mqtt::QoS;
using mqtt::Reason;
using mqtt::Version;

namespace {

// Which packets each side may receive, by type: bit n is packet type n.
constexpr std::uint16_t bits(std::initializer_list<PacketType> types) {
  unsigned set = 0;
  for (const PacketType type : types) set |= 1u << static_cast<unsigned>(type);
  return static_cast<std::uint16_t>(set);
}

constexpr std::uint16_t kForBoth = bits({PacketType::publish, PacketType::puback, PacketType::pubrec,
                                         PacketType::pubrel, PacketType::pubcomp, PacketType::auth});
constexpr std::uint16_t kForServer = kForBoth | bits({PacketType::subscribe, PacketType::unsubscribe,
                                                      PacketType::pingreq, PacketType::disconnect});
constexpr std::uint16_t kForClient =
    kForBoth | bits({PacketType::suback, PacketType::unsuback, PacketType::pingresp});
// Before MQTT 5 a broker says no DISCONNECT.
constexpr std::uint16_t kForClientOf5 = kForClient | bits({PacketType::disconnect});

// What opens a connection. [MQTT-3.1.0-1], [MQTT-3.2.0-1]; a server may ask for AUTH
// before its CONNACK, and then waits for nothing else. [MQTT-3.1.2-30]
constexpr std::uint16_t kOpensServer = bits({PacketType::connect});
constexpr std::uint16_t kOpensClient = bits({PacketType::connack, PacketType::auth});
constexpr std::uint16_t kWhileHeld = bits({PacketType::auth, PacketType::disconnect});

constexpr std::size_t kExpectedMax = 65'536;

constexpr bool has(std::uint16_t set, PacketType type) {
  return (set >> static_cast<unsigned>(type) & 1) != 0;
}

}  // namespace

// --- bytes in

void Endpoint::receive(ByteView bytes, Time now) {
  if (state_ == State::closed) return;
  last_received_ = now;
  if (kept_.empty()) {
    received_ = bytes;
    return;
  }
  // What a peer only says is to come gets no more room than this, and none before it is let in.
  const std::size_t most = state_ == State::open ? kExpectedMax : 0;
  kept_.reserve(std::max(bytes.size(), std::min(mqtt::expected_size(kept_.view()), most)));
  kept_.append(bytes);
}

std::optional<Event> Endpoint::poll_event() {
  stopped_short_ = false;
  while (state_ != State::closed) {
    consume(frame_size_);
    const auto found = mqtt::frame(unread(), options_->maximum_packet_size);
    if (!found) {
      packet_ = static_cast<PacketType>(unread()[0] >> 4);
      return fail(found.error().reason, found.error().what);
    }
    if (!*found) {
      keep_unread();
      if (kept_.empty()) kept_.release();
      return std::nullopt;
    }
    if (auto event = handle_frame(**found)) return event;
    if (steps_) {
      stopped_short_ = true;
      return std::nullopt;
    }
  }
  return std::nullopt;
}

std::optional<Endpoint::NextPublish> Endpoint::next_publish() const {
  const ByteView next = unread().subspan(frame_size_);
  if (state_ != State::open || next.empty() || static_cast<PacketType>(next[0] >> 4) != PacketType::publish)
    return std::nullopt;
  const std::size_t size = mqtt::expected_size(next);
  return NextPublish{size, size > 0 && next.size() >= size, (next[0] & 0x06) == 0};
}

void Endpoint::keep_unread() {
  if (!received_.empty()) kept_.append(received_);
  received_ = {};
}

Buffer Endpoint::take_unread() {
  CHECK(!connect_held());
  consume(frame_size_);
  keep_unread();
  return std::move(kept_);
}

void Endpoint::consume(std::size_t size) {
  frame_size_ = 0;
  if (kept_.empty()) {
    received_ = received_.subspan(size);
  } else {
    kept_.consume(size);
  }
}

std::optional<Event> Endpoint::handle_frame(const mqtt::Frame& frame) {
  packet_ = frame.type;
  if (state_ == State::opening) {
    if (connect_held()) {
      if (!has(kWhileHeld, frame.type)) return fail(Reason::protocol_error, "packet before CONNACK");
    } else if (!has(role_ == Role::server ? kOpensServer : kOpensClient, frame.type)) {
      return fail(Reason::protocol_error, "first packet is not the one that opens a connection");
    }
  } else if (!has(role_ == Role::server     ? kForServer
                  : version_ == Version::v5 ? kForClientOf5
                                            : kForClient,
                  frame.type)) {
    // [MQTT-3.1.0-2], U5-2.1.2-a, U311-2.2.1-a
    return fail(Reason::protocol_error, "packet may not be sent in this direction, or not again");
  }
  if (frame.type == PacketType::publish) {
    auto publish = mqtt::decode_publish(frame, version_);
    if (!publish) return fail(publish.error().reason, publish.error().what);
    frame_size_ = static_cast<std::uint32_t>(frame.size);
    traffic_->count_received(frame.type);
    return handle(*publish);
  }
  if (const auto packet_id = mqtt::decode_short_ack(frame)) {
    frame_size_ = static_cast<std::uint32_t>(frame.size);
    traffic_->count_received(frame.type);
    return handle_short_ack(*packet_id);
  }
  auto packet = mqtt::decode(frame, version_);
  if (!packet) {
    if (frame.type == PacketType::connect) return fail_connect(frame, packet.error());
    return fail(packet.error().reason, packet.error().what);
  }
  // A CONNECT stays unread until it is answered. And what follows it: U5-3.1.4-b
  if (frame.type != PacketType::connect) frame_size_ = static_cast<std::uint32_t>(frame.size);
  traffic_->count_received(frame.type);
  return std::visit([this](auto& p) { return handle(p); }, *packet);
}

std::optional<Event> Endpoint::handle_short_ack(std::uint16_t packet_id) {
  const auto as = [&](auto packet) {
    packet.packet_id = packet_id;
    return handle(packet);
  };
  switch (packet_) {
    case PacketType::puback:
      return as(mqtt::Puback());
    case PacketType::pubrec:
      return as(mqtt::Pubrec());
    case PacketType::pubrel:
      return as(mqtt::Pubrel());
    default:
      return as(mqtt::Pubcomp());
  }
}

// --- opening

void Endpoint::accept(Session& session, const mqtt::Connect& connect, const mqtt::Connack& connack) {
  CHECK(state_ == State::opening && role_ == Role::server);  // [MQTT-3.2.0-2]
  version_ = connect.version;
  session_ = &session;
  keep_alive_s_ = connect.keep_alive_s;  // [MQTT-3.2.2-22]
  take_peer_limits(connect.properties);
  // Only MQTT 5 clients know of our receive maximum.
  session.inbound.connected(version_ == Version::v5 ? options_->receive_maximum : 65'535);
  session.outbound.connected(std::min(peer_receive_maximum_, options_->inflight_max));
  const auto opened = mqtt::frame(unread(), options_->maximum_packet_size);
  CHECK(opened && *opened);
  frame_size_ = static_cast<std::uint32_t>((*opened)->size);
  state_ = State::open;
  send(connack);
}

void Endpoint::refuse(const mqtt::Connect& connect, Reason reason, mqtt::Properties properties) {
  CHECK(state_ == State::opening && role_ == Role::server);
  version_ = connect.version;
  take_peer_limits(connect.properties);
  if (version_ == Version::v5 || mqtt::connect_return_code(reason)) {  // [MQTT-3.2.2-6@311]
    send(mqtt::Connack{.reason = reason, .properties = properties});
  }
  state_ = State::closed;  // [MQTT-3.1.4-6] [MQTT-3.2.2-7]
}

void Endpoint::hold_connect(const mqtt::Connect& connect) {
  CHECK(state_ == State::opening && role_ == Role::server && !connect_held());
  take_peer_limits(connect.properties);
  const auto opened = mqtt::frame(unread(), options_->maximum_packet_size);
  CHECK(opened && *opened);
  held_.append(unread().first((*opened)->size));
  consume((*opened)->size);
}

void Endpoint::show_connect() {
  CHECK(state_ == State::opening && connect_held());
  consume(frame_size_);
  keep_unread();
  held_.append(kept_.view());
  kept_ = std::move(held_);
  held_ = Buffer();
}

void Endpoint::connect(Session& session, const mqtt::Connect& connect, Time now) {
  CHECK(state_ == State::opening && role_ == Role::client);
  version_ = connect.version;
  session_ = &session;
  keep_alive_s_ = connect.keep_alive_s;
  clean_start_ = connect.clean_start;
  last_received_ = last_sent_ = now;
  send(connect);
}

std::optional<Event> Endpoint::handle(mqtt::Connack& packet) {
  if (is_error(packet.reason)) {
    state_ = State::closed;
    return packet;
  }
  if (packet.session_present && clean_start_) {  // [MQTT-3.2.2-4]
    return fail(Reason::protocol_error, "session present after a clean start");
  }
  take_peer_limits(packet.properties);
  if (const auto keep_alive_s = packet.properties.number(Property::server_keep_alive)) {
    keep_alive_s_ = static_cast<std::uint16_t>(*keep_alive_s);  // [MQTT-3.2.2-21] [MQTT-3.1.2-21]
  }
  // [MQTT-3.2.2-5]; a CONNACK of 3.1 does not tell, so what was asked for has to hold.
  const bool session_present = version_ == Version::v31 ? !clean_start_ : packet.session_present;
  if (!session_present) {
    session_->inbound.session_lost();
    session_->outbound.session_lost();
  }
  session_->inbound.connected(version_ == Version::v5 ? options_->receive_maximum : 65'535);
  session_->outbound.connected(std::min(peer_receive_maximum_, options_->inflight_max));
  state_ = State::open;
  return packet;
}

void Endpoint::take_peer_limits(const mqtt::Properties& properties) {
  if (const auto n = properties.number(Property::receive_maximum)) {  // [MQTT-4.9.0-1]
    peer_receive_maximum_ = static_cast<std::uint16_t>(*n);
  }
  peer_maximum_qos_ = static_cast<QoS>(properties.number(Property::maximum_qos).value_or(2));
  peer_retain_available_ = properties.number(Property::retain_available) != 0u;
  peer_maximum_packet_size_ = properties.number(Property::maximum_packet_size).value_or(mqtt::kPacketSizeMax);
  // [MQTT-3.1.2-27] [MQTT-3.2.2-18]: without it there are none.
  if (const auto n = properties.number(Property::topic_alias_maximum); n && *n > 0) {
    const auto peer_maximum = static_cast<std::uint16_t>(*n);
    outbound_aliases_ =
        std::make_unique<OutboundAliases>(std::min(peer_maximum, options_->topic_aliases_set_max));
  }
}

// --- packets while open

std::optional<Event> Endpoint::handle(mqtt::Publish& packet) {
  traffic_->publish_bytes_received += packet.payload.size();
  if (role_ == Role::server && packet.properties.has(Property::subscription_identifier)) {
    return fail(Reason::protocol_error, "subscription identifier from a client");  // [MQTT-3.3.4-6]
  }
  if (const auto fault = resolve_alias(packet)) return fail(fault->reason, fault->what);
  if (packet.qos == QoS::at_most_once) return packet;
  switch (session_->inbound.handle_publish(packet.packet_id, packet.qos)) {
    case Inbound::Arrival::fresh:
      return packet;
    case Inbound::Arrival::repeat:
      write_acks();
      return std::nullopt;
    case Inbound::Arrival::too_many:
      break;
  }
  // U5-3.3.4-d
  return fail(Reason::receive_maximum_exceeded, "more unfinished QoS 1 and 2 than the receive maximum");
}

std::optional<mqtt::Fault> Endpoint::resolve_alias(mqtt::Publish& packet) {
  const auto alias = packet.properties.number(Property::topic_alias);
  if (!alias) return std::nullopt;
  if (*alias > options_->topic_alias_maximum) {  // [MQTT-3.3.2-9], [MQTT-3.3.2-11]
    return mqtt::Fault{Reason::topic_alias_invalid, "topic alias above the announced maximum"};
  }
  if (!inbound_aliases_) inbound_aliases_ = std::make_unique<InboundAliases>();
  const auto number = static_cast<std::uint16_t>(*alias);
  if (!packet.topic.empty()) {
    inbound_aliases_->set(number, packet.topic);  // U5-3.3.4-b
    return std::nullopt;
  }
  packet.topic = inbound_aliases_->find(number);  // [MQTT-3.3.2-10] [MQTT-3.3.2-12]
  if (!packet.topic.empty()) return std::nullopt;
  return mqtt::Fault{Reason::protocol_error, "topic alias without a topic"};  // U5-3.3.4-a
}

std::optional<Event> Endpoint::handle(mqtt::Puback& packet) {
  return finished(session_->outbound.handle_puback(packet.packet_id), packet.reason);
}

std::optional<Event> Endpoint::handle(mqtt::Pubcomp& packet) {
  return finished(session_->outbound.handle_pubcomp(packet.packet_id), packet.reason);
}

std::optional<Event> Endpoint::handle(mqtt::Pubrec& packet) {
  auto answer = session_->outbound.handle_pubrec(packet.packet_id, packet.reason);
  switch (answer.kind) {
    case Outbound::Answer::Kind::unknown:
      if (!is_error(packet.reason)) {
        write_pubrel(packet.packet_id, Reason::packet_identifier_not_found);  // U5-3.6-a
      }
      return std::nullopt;
    case Outbound::Answer::Kind::pubrel:
      write_pubrel(packet.packet_id, Reason::success);
      return std::nullopt;
    case Outbound::Answer::Kind::received:
      return Received{packet.packet_id, answer.sequence};
    default:
      return finished(std::move(answer), packet.reason);
  }
}

void Endpoint::release(std::uint16_t packet_id) {
  CHECK(session_ != nullptr);
  if (!session_->outbound.release(packet_id) || state_ != State::open) return;
  write_pubrel(packet_id, Reason::success);
}

void Endpoint::write_pubrel(std::uint16_t packet_id, Reason reason) {
  mqtt::encode_ack(PacketType::pubrel, packet_id, reason, version_, output_->bytes());
  traffic_->count_sent(PacketType::pubrel);
}

std::optional<Event> Endpoint::finished(Outbound::Answer&& answer, Reason reason) {
  switch (answer.kind) {
    case Outbound::Answer::Kind::finished:
      return Finished{std::move(answer.copy), reason};
    case Outbound::Answer::Kind::wrong:
      return fail(Reason::protocol_error, "acknowledgement of the wrong kind for this packet id");
    default:
      return std::nullopt;  // Of a message we no longer know: nothing to do.
  }
}

std::optional<Event> Endpoint::handle(mqtt::Pubrel& packet) {
  if (session_->inbound.full()) return fail(Reason::quota_exceeded, "too many PUBREL not answered yet");
  if (session_->inbound.handle_pubrel(packet.packet_id)) return Released{packet.packet_id};
  write_acks();
  return std::nullopt;
}

std::optional<Event> Endpoint::handle(mqtt::Pingreq&) {
  send(mqtt::Pingresp{});  // [MQTT-3.12.4-1]
  return std::nullopt;
}

std::optional<Event> Endpoint::handle(mqtt::Pingresp&) {
  ping_waits_ = false;
  return std::nullopt;
}

std::optional<Event> Endpoint::handle(mqtt::Disconnect& packet) {
  // U5-2.2.2-a: only servers know of others.
  if (role_ == Role::server && packet.properties.has(Property::server_reference)) {
    return fail(Reason::malformed_packet, "server reference from a client");
  }
  state_ = State::closed;
  return packet;
}

void Endpoint::settle(PacketType type, std::uint16_t packet_id, Reason reason) {
  CHECK(session_ != nullptr);
  session_->inbound.settle(type, packet_id, reason);
  write_acks();
}

// With no Reason String and no User Property, whatever the peer wants or takes: [MQTT-3.1.2-29]
// [MQTT-3.4.2-2] [MQTT-3.4.2-3] [MQTT-3.5.2-2] [MQTT-3.5.2-3] [MQTT-3.6.2-2] [MQTT-3.6.2-3]
// [MQTT-3.7.2-2] [MQTT-3.7.2-3]
void Endpoint::write_acks() {
  if (state_ != State::open) return;  // [MQTT-3.14.4-1]
  while (const auto ack = session_->inbound.poll_ack()) {
    // [MQTT-2.2.1-5] [MQTT-3.3.4-1]
    mqtt::encode_ack(ack->type, ack->packet_id, ack->reason, version_, output_->bytes());
    traffic_->count_sent(ack->type);
  }
}

// --- messages out

mqtt::PublishHead Endpoint::head_of(const Delivery& delivery, Time now) const {
  const Message& message = delivery.message;
  mqtt::PublishHead head{.qos = delivery.qos,
                         .retain = delivery.retain,
                         .topic = message.topic(),
                         .payload_size = message.payload().size()};
  if (version_ != Version::v5) return head;
  if (message.deadline() != kNever)
    head.message_expiry_interval = message.seconds_left(now);  // [MQTT-3.3.2-6]
  head.subscription_ids = delivery.subscription_ids;
  head.properties = message.properties();
  if (outbound_aliases_) {
    const auto use = outbound_aliases_->find(head.topic);
    head.topic_alias = use.alias;
    if (use.known) head.topic = {};
  }
  return head;
}

bool Endpoint::fits(mqtt::PublishHead& head) const {
  const auto small_enough = [&] {
    return mqtt::encoded_size(head, version_) <= peer_maximum_packet_size_;  // [MQTT-3.1.2-24]
  };
  if (peer_maximum_packet_size_ == mqtt::kPacketSizeMax || small_enough()) return true;
  if (head.topic_alias == 0 || head.topic.empty()) return false;
  head.topic_alias = 0;  // One that is only set here makes the packet longer.
  return small_enough();
}

void Endpoint::write(mqtt::PublishHead& head, const Message& message) {
  mqtt::encode_head(head, version_, output_->bytes());
  output_->append(message.block(), message.payload());
  if (head.topic_alias != 0 && !head.topic.empty()) outbound_aliases_->set(head.topic);
  traffic_->count_sent(PacketType::publish);
  traffic_->publish_bytes_sent += head.payload_size;
}

Endpoint::Sending Endpoint::publish(const Delivery& delivery, Time now, std::size_t output_high) {
  if (state_ != State::open || !session_->outbound.may_send_now(delivery.qos) ||
      output_->size() >= output_high) {
    return Sending::blocked;
  }
  mqtt::PublishHead head = head_of(delivery, now);
  if (!fits(head)) return Sending::too_large;
  // DUP stays 0: [MQTT-4.3.1-1] [MQTT-4.3.2-2] [MQTT-4.3.3-2]
  head.packet_id = session_->outbound.send_now(delivery);
  write(head, delivery.message);
  return Sending::sent;
}

void Endpoint::pump(Time now, std::size_t output_high, std::vector<Gone>& gone, const Refuses& refuses) {
  Outbound& outbound = session_->outbound;
  while (state_ == State::open && output_->size() < output_high) {
    const auto due = outbound.next();
    if (!due) return;
    if (due->kind == Outbound::Due::Kind::pubrel) {
      write_pubrel(due->packet_id, Reason::success);
      outbound.sent();
      continue;
    }
    const Copy& copy = *due->copy;
    // What may have been given up by one of these already is not sent after others.
    const bool first_time = !due->dup || copy.in_doubt;
    if (first_time && copy.message().expired(now)) {  // [MQTT-3.3.2-5] [MQTT-4.3.3-7]
      give_up(*due, Gone::Why::expired, gone);
      continue;
    }
    if (refuses && first_time && refuses(copy)) {
      give_up(*due, Gone::Why::refused, gone);
      continue;
    }
    mqtt::PublishHead head =
        head_of({copy.message(), copy.qos(), copy.retain(), copy.subscription_ids(), copy.share()}, now);
    const bool supported = head.qos <= peer_maximum_qos_ &&           // [MQTT-3.2.2-11]
                           (!head.retain || peer_retain_available_);  // [MQTT-3.2.2-14]
    if (!supported || !fits(head)) {
      give_up(*due, supported ? Gone::Why::too_large : Gone::Why::not_supported, gone);
      continue;
    }
    head.dup = due->dup;  // [MQTT-3.3.1-3]
    head.packet_id = due->packet_id;
    write(head, copy.message());
    if (copy.qos() == QoS::at_most_once) {
      gone.push_back({outbound.give_up(), Gone::Why::sent});
      continue;
    }
    if (!due->dup && outbound.holds_sends() && due->packet_id != packet_id_of(copy.sequence)) {
      Gone& one = gone.emplace_back(Gone{{}, Gone::Why::named});
      one.copy.sequence = copy.sequence;
      one.copy.packet_id = due->packet_id;
    }
    outbound.sent();
  }
}

void Endpoint::give_up(const Outbound::Due& due, Gone::Why why, std::vector<Gone>& gone) {
  Outbound& outbound = session_->outbound;
  if (!due.dup || due.copy->qos() != QoS::exactly_once) {
    gone.push_back({outbound.give_up(), why});
    return;
  }
  // The peer may hold the id, and only PUBREL frees it there.
  const auto answer = outbound.handle_pubrec(due.packet_id, Reason::success);
  if (answer.kind != Outbound::Answer::Kind::received) return;
  Gone& one = gone.emplace_back(Gone{{}, Gone::Why::as_received});
  one.copy.sequence = answer.sequence;
  one.copy.packet_id = due.packet_id;
}

// Whatever the window: [MQTT-3.3.4-8] [MQTT-3.3.4-10] [MQTT-4.9.0-3]
bool Endpoint::send(const mqtt::Packet& packet) {
  if (state_ == State::closed) return false;  // [MQTT-3.14.4-1]
  std::size_t size = 0;
  if (peer_maximum_packet_size_ != mqtt::kPacketSizeMax) size = mqtt::encoded_size(packet, version_);
  if (size <= peer_maximum_packet_size_) {
    mqtt::encode(packet, version_, output_->bytes());
  } else {
    // AUTH has no property that it could do without. [MQTT-3.15.2-2], [MQTT-3.15.2-3]
    if (std::holds_alternative<mqtt::Auth>(packet)) return false;
    // First without its properties: [MQTT-3.2.2-19] [MQTT-3.2.2-20] [MQTT-3.9.2-1] [MQTT-3.9.2-2]
    // [MQTT-3.11.2-1] [MQTT-3.11.2-2] [MQTT-3.14.2-3] [MQTT-3.14.2-4]
    mqtt::Packet bare = packet;
    std::visit(
        [](auto& p) {
          if constexpr (requires { p.properties; }) p.properties = {};
        },
        bare);
    if (mqtt::encoded_size(bare, version_) > peer_maximum_packet_size_) return false;
    mqtt::encode(bare, version_, output_->bytes());
  }
  traffic_->count_sent(mqtt::type_of(packet));
  return true;
}

// --- the end

void Endpoint::disconnect(Reason reason, mqtt::Properties properties) {
  // Before MQTT 5 a client's DISCONNECT has no reason and means that all is well.
  const bool can_tell = version_ == Version::v5 || (role_ == Role::client && !is_error(reason));
  if (state_ == State::open && can_tell) {  // [MQTT-3.14.0-1]
    send(mqtt::Disconnect{reason, properties});
  } else if (connect_held()) {  // Before CONNACK there is no DISCONNECT.
    const bool has_reason = mqtt::allowed_in(PacketType::connack, reason);
    send(mqtt::Connack{.reason = has_reason ? reason : Reason::server_unavailable});
  }
  state_ = State::closed;  // [MQTT-3.14.4-2] [MQTT-4.13.2-1]
}

Event Endpoint::fail(Reason reason, const char* what) {
  // [MQTT-4.13.1-1] U5-4.13-a
  disconnect(mqtt::allowed_in(PacketType::disconnect, reason) ? reason : Reason::protocol_error);
  return Violation{reason, packet_, what};
}

// [MQTT-3.1.4-1]: a CONNACK tells the reason where the version is clear, else only the close does.
Event Endpoint::fail_connect(const mqtt::Frame& frame, const mqtt::Fault& fault) {
  if (const auto version = mqtt::connect_version(frame)) {
    refuse({.version = *version}, fault.reason);
  }
  state_ = State::closed;
  return Violation{fault.reason, packet_, fault.what};
}

// --- keep alive

Time Endpoint::deadline() const {
  if (keep_alive_s_ == 0 || state_ == State::closed) return kNever;
  const Duration keep_alive = seconds(keep_alive_s_);
  if (role_ == Role::server) return last_received_ + keep_alive * 3 / 2;  // [MQTT-3.1.2-22]
  return ping_waits_ ? last_sent_ + keep_alive : std::min(last_sent_, last_received_) + keep_alive;
}

bool Endpoint::handle_timeout(Time now) {
  CHECK(role_ == Role::client);
  if (now < deadline()) return true;
  if (ping_waits_) {
    disconnect(Reason::unspecified_error);  // 0x8D is for servers.
    return false;
  }
  if (state_ == State::open) {
    send(mqtt::Pingreq{});  // [MQTT-3.1.2-20]
    ping_waits_ = true;
  }
  last_sent_ = now;
  return true;
}

}  // namespace gaon
