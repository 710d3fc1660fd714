#include "sim_client.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "mqtt/decode.h"
#include "mqtt/framer.h"

namespace gaon::simulation {

using mqtt::PacketType;
using mqtt::Property;
using mqtt::QoS;
using mqtt::Reason;
using mqtt::Version;

namespace {

// Calls f for each whole packet, and leaves the rest.
template <class F>
bool each_packet(Buffer& bytes, Version version, F&& f) {
  for (;;) {
    const auto frame = mqtt::frame(bytes.view(), mqtt::kPacketSizeMax);
    if (!frame) return false;
    if (!*frame) return true;
    const auto packet = mqtt::decode(**frame, version);
    if (!packet) return false;
    f(*packet);
    bytes.consume((*frame)->size);
  }
}

std::string text(QoS qos) { return " QoS " + std::to_string(static_cast<int>(qos)); }

}  // namespace

SimClient::SimClient(const Profile& profile, Model& model, Events& events, Random& random)
    : profile_(profile),
      model_(model),
      events_(events),
      random_(random),
      number_(model.add_client(profile.id)),
      options_{.receive_maximum = static_cast<std::uint16_t>(random.between(2, 20))} {
  session_.client_id = profile.id;
}

std::string SimClient::payload_of(MessageNo number) {
  return std::to_string(number) + std::string(1 + (random_.once_in(8) ? random_.below(3000) : 0), ' ');
}

std::optional<MessageNo> SimClient::number_of(ByteView payload) {
  const std::string_view text = as_text(payload);
  if (text.empty()) return std::nullopt;
  MessageNo number = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), number);
  if (end.ec == std::errc() && number < model_.messages()) return number;
  model_.fail(profile_.id + " got a payload that nobody sent");
  return std::nullopt;
}

void SimClient::dial(net::MemoryPeer peer, const LinkQuality& quality, bool clean_start, Time now) {
  // An unanswered clean start may have been done: only another one makes sure. And an
  // unanswered CONNECT may have made a new session where the old one had expired: Session
  // Present would not tell the new one from the old one [MQTT-3.2.2-2].
  const bool expired = lost_at_ != kNever && now >= after(lost_at_, opened_expiry_s_);
  clean_start = starting_clean_ =
      clean_start || starting_clean_ || (unanswered_ && expired) || profile_.expiry_s == 0;
  const bool v5 = profile_.version == Version::v5;
  unanswered_ = true;
  Dial dial{.clean_start = clean_start, .expiry_s = profile_.expiry_s};
  if (!v5) dial.expiry_s = clean_start ? 0 : kExpiryNever;
  dial.refusal_ends = !v5;
  dialled_expiry_s_ = dial.expiry_s;
  Buffer properties;
  Buffer will_properties;
  mqtt::PropertyWriter write(properties);
  if (dial.expiry_s > 0) write.number(Property::session_expiry_interval, dial.expiry_s);
  write.number(Property::receive_maximum, options_.receive_maximum);
  mqtt::Connect packet{.version = profile_.version, .clean_start = clean_start, .client_id = profile_.id};
  if (v5) packet.properties = mqtt::Properties(properties.view());
  std::string payload;
  if (profile_.wills && !random_.once_in(3)) {
    const auto qos = static_cast<QoS>(random_.between(1, 2));
    dial.will = model_.publishing({.publisher = number_, .topic = "will/" + profile_.id, .qos = qos}, now);
    if (v5) dial.will_delay_s = static_cast<std::uint32_t>(random_.below(4));
    payload = payload_of(*dial.will);
    mqtt::PropertyWriter(will_properties).number(Property::will_delay_interval, dial.will_delay_s);
    packet.will = mqtt::Will{.topic = model_.topic(*dial.will), .payload = as_bytes(payload), .qos = qos};
    if (v5) packet.will->properties = mqtt::Properties(will_properties.view());
  }
  model_.dialled(number_, dial, now);
  tell("dials" + std::string(clean_start ? ", clean start" : "") +
       (dial.will
            ? ", will #" + std::to_string(*dial.will) + " after " + std::to_string(dial.will_delay_s) + "s"
            : ""));
  endpoint_.emplace(Endpoint::Role::client, options_, traffic_, output_);
  link_.emplace(peer, quality, random_);
  was_open_ = half_closed_ = told_gone_ = false;
  endpoint_->connect(session_, packet, now);
  flush(now);
}

void SimClient::step(Time now) {
  for (Link& link : leaving_) link.step(now);
  std::erase_if(leaving_, [](const Link& link) { return link.worker_gone(); });
  if (link_) link_->step(now);
  look_whether_gone(now);
  if (!link_) return;
  receive(link_->receive(now), now);
  if (link_->ended()) {
    tell("sees the end of its connection");
    forget(false, now);
  }
}

void SimClient::look_whether_gone(Time now) {
  if (told_gone_ || (link_ && !link_->worker_left())) return;
  if (!std::ranges::all_of(leaving_, &Link::worker_left)) return;
  told_gone_ = true;
  model_.gone(number_, now);
}

void SimClient::receive(std::vector<std::uint8_t> bytes, Time now) {
  if (bytes.empty()) return;
  watch_incoming(bytes, now);
  endpoint_->receive(bytes, now);
  while (auto event = endpoint_->poll_event()) {
    std::visit([&](const auto& what) { on(what, now); }, *event);
  }
  std::vector<Gone> gone;
  endpoint_->pump(now, std::numeric_limits<std::size_t>::max(), gone);
  for (const Gone& one : gone) messages_.erase(one.copy.message().block().data());
  flush(now);
}

void SimClient::watch_incoming(ByteView bytes, Time now) {
  incoming_.append(bytes);
  const bool understood = each_packet(incoming_, profile_.version, [&](const mqtt::Packet& packet) {
    if (const auto* publish = std::get_if<mqtt::Publish>(&packet)) {
      const auto number = number_of(publish->payload);
      if (!number) return;
      tell("got #" + std::to_string(*number) + text(publish->qos) + " id " +
           std::to_string(publish->packet_id) + (publish->dup ? " DUP" : "") +
           (publish->retain ? " retained" : ""));
      const Arrival arrival{*number, publish->packet_id, publish->qos, publish->dup, publish->retain};
      model_.arrived(number_, arrival, now);
    } else if (const auto* pubrec = std::get_if<mqtt::Pubrec>(&packet)) {
      const auto found = publishing_.find(pubrec->packet_id);
      if (found == publishing_.end()) return;
      tell("PUBREC for #" + std::to_string(found->second));
      model_.acknowledged(found->second, !is_error(pubrec->reason), now);
    }
  });
  if (!understood) model_.fail(profile_.id + " got what is not MQTT");
}

void SimClient::watch_outgoing(ByteView bytes) {
  outgoing_.append(bytes);
  each_packet(outgoing_, profile_.version, [&](const mqtt::Packet& packet) {
    const auto* publish = std::get_if<mqtt::Publish>(&packet);
    if (publish == nullptr) return;
    const auto number = number_of(publish->payload);
    if (!number) return;
    tell("publishes #" + std::to_string(*number) + " " + model_.topic(*number) + text(publish->qos) + " id " +
         std::to_string(publish->packet_id) + (publish->dup ? " DUP" : "") +
         (publish->retain ? " retained" : ""));
    model_.sent(*number);
    if (publish->qos != QoS::at_most_once) publishing_[publish->packet_id] = *number;
  });
}

void SimClient::on(const mqtt::Connack& packet, Time now) {
  tell("CONNACK " + std::to_string(static_cast<int>(packet.reason)) +
       (packet.session_present ? " present" : ""));
  if (is_error(packet.reason)) return;
  was_open_ = true;
  opened_expiry_s_ = dialled_expiry_s_;
  starting_clean_ = unanswered_ = false;
  retained_.clear();
  model_.opened(number_, packet.session_present, now);
  for (const auto& [filter, qos] : std::map(wanted_)) {
    if (!packet.session_present || unconfirmed_.contains(filter)) subscribe(filter, qos, now);
  }
}

void SimClient::on(const mqtt::Publish& packet, Time /*now*/) {
  if (const auto number = number_of(packet.payload)) {
    if (packet.retain) retained_[std::string(packet.topic)] = *number;
    if (packet.topic != model_.topic(*number)) model_.fail("a message came with another topic");
    model_.handed(number_, {*number, packet.packet_id, packet.qos, packet.dup, packet.retain});
  }
  if (packet.qos == QoS::at_least_once) {
    endpoint_->settle(PacketType::puback, packet.packet_id, Reason::success);
  } else if (packet.qos == QoS::exactly_once) {
    endpoint_->settle(PacketType::pubrec, packet.packet_id, Reason::success);
  }
}

void SimClient::on(const Released& released, Time /*now*/) {
  endpoint_->settle(PacketType::pubcomp, released.packet_id, Reason::success);
}

void SimClient::on(const Finished& finished, Time now) {
  const auto found = messages_.find(finished.copy.message().block().data());
  if (found == messages_.end()) return;
  tell("finished #" + std::to_string(found->second) + ", " +
       std::to_string(static_cast<int>(finished.reason)));
  model_.acknowledged(found->second, !is_error(finished.reason), now);
  messages_.erase(found);
}

void SimClient::on(const mqtt::Suback& packet, Time /*now*/) {
  session_.outbound.release_packet_id(packet.packet_id);
  const auto asked = asked_.extract(packet.packet_id);
  if (asked.empty() || !asked.mapped().subscribe) return model_.fail(profile_.id + ": a SUBACK for nothing");
  const std::string& filter = asked.mapped().filter;
  tell("SUBACK " + filter);
  if (packet.reasons.empty() || packet.reasons[0] > 2) return model_.fail(filter + " was refused");
  if (!asked.mapped().latest) return;
  unconfirmed_.erase(filter);
  model_.subscribed(number_, filter, static_cast<QoS>(packet.reasons[0]));
}

void SimClient::on(const mqtt::Unsuback& packet, Time /*now*/) {
  session_.outbound.release_packet_id(packet.packet_id);
  const auto asked = asked_.extract(packet.packet_id);
  if (asked.empty() || asked.mapped().subscribe)
    return model_.fail(profile_.id + ": an UNSUBACK for nothing");
  tell("UNSUBACK " + asked.mapped().filter);
  if (asked.mapped().latest) model_.unsubscribed(number_, asked.mapped().filter);
}

void SimClient::ask(std::uint16_t packet_id, const std::string& filter, bool subscribe) {
  for (auto& [id, asked] : asked_) asked.latest = asked.latest && asked.filter != filter;
  asked_[packet_id] = {.filter = filter, .subscribe = subscribe};
}

void SimClient::on(const mqtt::Disconnect& packet, Time /*now*/) {
  tell("DISCONNECT from the broker, " + std::to_string(static_cast<int>(packet.reason)));
  if (packet.reason == Reason::protocol_error || packet.reason == Reason::malformed_packet) {
    model_.fail(profile_.id + " broke no rule and was told so");
  }
}

void SimClient::on(const Violation& violation, Time /*now*/) {
  model_.fail(profile_.id + ": the broker broke a rule: " + violation.what);
}

void SimClient::publish(const std::string& topic, QoS qos, bool retain, bool clears,
                        std::optional<std::uint32_t> expiry_s, Time now) {
  if (profile_.version != Version::v5) expiry_s.reset();
  const MessageNo number = model_.publishing({.publisher = number_,
                                              .topic = topic,
                                              .qos = qos,
                                              .retain = retain,
                                              .clears = clears,
                                              .expiry_s = expiry_s},
                                             now);
  const std::string payload = clears ? "" : payload_of(number);
  const Message message = Message::make({.deadline = expiry_s ? after(now, *expiry_s) : kNever,
                                         .qos = qos,
                                         .retain = retain,
                                         .topic = topic,
                                         .payload = as_bytes(payload)});
  messages_[message.block().data()] = number;
  tell("has #" + std::to_string(number) + " to publish" + (clears ? ", clearing " + topic : ""));
  session_.outbound.enqueue({.message = message, .qos = qos, .retain = retain});
  if (!open()) return;
  std::vector<Gone> gone;
  endpoint_->pump(now, std::numeric_limits<std::size_t>::max(), gone);
  for (const Gone& one : gone) messages_.erase(one.copy.message().block().data());
  flush(now);
}

void SimClient::subscribe(const std::string& filter, QoS qos, Time now) {
  const auto id = session_.outbound.reserve_packet_id();
  if (!id) return;
  Buffer list;
  mqtt::append_subscription(list, {.filter = filter, .qos = qos});
  tell("subscribes to " + filter + text(qos));
  model_.subscribing(number_, filter);
  wanted_[filter] = qos;
  unconfirmed_.insert(filter);
  ask(*id, filter, true);
  endpoint_->send(mqtt::Subscribe{.packet_id = *id, .subscriptions = mqtt::SubscriptionList(list.view())});
  flush(now);
}

void SimClient::unsubscribe(const std::string& filter, Time now) {
  const auto id = session_.outbound.reserve_packet_id();
  if (!id) return;
  Buffer list;
  mqtt::append_filter(list, filter);
  tell("unsubscribes from " + filter);
  model_.unsubscribing(number_, filter);
  wanted_.erase(filter);
  unconfirmed_.erase(filter);
  ask(*id, filter, false);
  endpoint_->send(mqtt::Unsubscribe{.packet_id = *id, .filters = mqtt::FilterList(list.view())});
  flush(now);
}

void SimClient::disconnect(bool with_will, Time now) {
  if (profile_.version != Version::v5) with_will = false;
  tell(with_will ? "disconnects and wants its will" : "disconnects");
  endpoint_->disconnect(with_will ? Reason::disconnect_with_will_message : Reason::normal_disconnection);
  flush(now);
  link_->close();
  forget(!with_will, now);
}

void SimClient::half_close(Time now) {
  tell("says no more");
  link_->half_close();
  half_closed_ = true;
  lost_at_ = now;
  model_.lost(number_, false, now);
}

void SimClient::cut(bool by_reset, Time now) {
  tell(by_reset ? "is cut by a reset" : "is cut");
  receive(link_->cut(by_reset), now);
  forget(false, now);
}

void SimClient::broker_died(Time now) {
  told_gone_ = true;
  leaving_.clear();
  if (!link_) return;
  receive(link_->die(), now);
  model_.lost(number_, false, now);
  forget(false, now);
  leaving_.clear();
}

void SimClient::flush(Time now) {
  while (!output_.empty()) {
    iovec piece;
    output_.gather(&piece, 1);
    const ByteView bytes{static_cast<const std::uint8_t*>(piece.iov_base), piece.iov_len};
    if (!half_closed_) watch_outgoing(bytes);
    link_->send(bytes, now);
    output_.consume(piece.iov_len);
  }
}

void SimClient::forget(bool withdrawn, Time now) {
  if (was_open_ && !half_closed_) lost_at_ = now;
  if (!link_->worker_gone()) leaving_.push_back(std::move(*link_));
  link_.reset();
  endpoint_.reset();
  output_ = Output();
  incoming_.clear();
  outgoing_.clear();
  publishing_.clear();
  asked_.clear();
  model_.lost(number_, withdrawn, now);
}

}  // namespace gaon::simulation
