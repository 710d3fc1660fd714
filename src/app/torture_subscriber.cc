#include "app/torture_subscriber.h"

#include <algorithm>

#include "base/check.h"
#include "mqtt/entries.h"

namespace gaon::app {
namespace {

using mqtt::PacketType;
using mqtt::QoS;
using mqtt::Reason;

// A slow one reads so much that often.
constexpr std::size_t kSlowBytes = 1024;
constexpr Duration kSlowInterval = milliseconds(100);
constexpr double kStayLeastMs = 100;
constexpr double kStayMostMs = 900;

void send_subscribe(TortureWire& wire, const std::vector<std::string>& filters, std::uint8_t qos) {
  Buffer payload;
  for (const std::string& filter : filters) {
    mqtt::append_subscription(payload, {.filter = filter, .qos = static_cast<QoS>(qos)});
  }
  const auto packet_id = wire.session().outbound.reserve_packet_id();
  CHECK(packet_id);
  mqtt::Subscribe packet{.packet_id = *packet_id};
  packet.subscriptions = mqtt::SubscriptionList(payload.view());
  wire.endpoint().send(packet);
}

void acknowledge(TortureWire& wire, const mqtt::Publish& packet) {
  if (packet.qos == QoS::at_most_once) return;
  const PacketType type = packet.qos == QoS::at_least_once ? PacketType::puback : PacketType::pubrec;
  wire.endpoint().settle(type, packet.packet_id, Reason::success);
}

}  // namespace

TortureSubscriber::TortureSubscriber(TortureScene& scene, SubscriberPlan plan)
    : scene_(scene),
      plan_(std::move(plan)),
      wire_(lasting_session(scene, plan_.client_id, plan_.version), scene.random,
            [this](const Event& event) { handle(event); }) {}

void TortureSubscriber::tick(Time now) {
  const bool slow = plan_.slow && subscribed_ && !coming_back_;
  if (slow && now < next_read_) return;
  next_read_ = now + kSlowInterval;
  wire_.tick(now, slow ? kSlowBytes : SIZE_MAX);
  if (subscribed_ && !coming_back_) come_and_go(now);
}

void TortureSubscriber::come_and_go(Time now) {
  if (plan_.presence == Presence::always) return;
  if (plan_.presence == Presence::absent) {
    if (wire_.wants_connection()) wire_.go_offline(scene_.random.chance(0.5));
    return;
  }
  if (changes_at_ != kNever && now >= changes_at_) {
    if (wire_.wants_connection()) {
      wire_.go_offline(scene_.random.chance(0.5));
    } else {
      wire_.go_online(now);
    }
    changes_at_ = kNever;
  }
  if (changes_at_ == kNever) changes_at_ = now + random_ms(scene_.random, kStayLeastMs, kStayMostMs);
}

void TortureSubscriber::come_back(Time now) {
  coming_back_ = true;
  if (!wire_.wants_connection()) wire_.go_online(now);
}

void TortureSubscriber::unsubscribe() {
  if (!wire_.is_open()) return;
  Buffer payload;
  for (const std::string& filter : plan_.filters) mqtt::append_filter(payload, filter);
  const auto packet_id = wire_.session().outbound.reserve_packet_id();
  CHECK(packet_id);
  mqtt::Unsubscribe packet{.packet_id = *packet_id};
  packet.filters = mqtt::FilterList(payload.view());
  wire_.endpoint().send(packet);
  wire_.flush();
}

void TortureSubscriber::handle(const Event& event) {
  look_for_violation(scene_, plan_.client_id, event);
  if (const auto* connack = std::get_if<mqtt::Connack>(&event)) handle(*connack);
  if (const auto* publish = std::get_if<mqtt::Publish>(&event)) handle(*publish);
  if (const auto* suback = std::get_if<mqtt::Suback>(&event)) handle(*suback);
  if (const auto* unsuback = std::get_if<mqtt::Unsuback>(&event)) handle(*unsuback);
  if (const auto* released = std::get_if<Released>(&event)) {
    wire_.endpoint().settle(PacketType::pubcomp, released->packet_id, Reason::success);
  }
}

void TortureSubscriber::handle(const mqtt::Connack& packet) {
  if (is_error(packet.reason)) return;
  const bool present = look_at_session(scene_, plan_.client_id, packet, known_);
  if (!present || !subscribed_) send_subscribe(wire_, plan_.filters, plan_.qos);
}

void TortureSubscriber::handle(const mqtt::Suback& packet) {
  wire_.session().outbound.release_packet_id(packet.packet_id);
  subscribed_ = true;
  for (const std::uint8_t reason : packet.reasons) {
    refused_ = refused_ || is_error(static_cast<Reason>(reason));
  }
}

void TortureSubscriber::handle(const mqtt::Unsuback& packet) {
  wire_.session().outbound.release_packet_id(packet.packet_id);
  unsubscribed_ = true;
  for (std::size_t i = 0; i < std::min(packet.reasons.size(), plan_.filters.size()); ++i) {
    if (static_cast<Reason>(packet.reasons[i]) != Reason::no_subscription_existed) continue;
    scene_.judge.broken(Broken::forgotten_subscription, plan_.filters[i] + " of session " + plan_.client_id);
  }
}

// What is retained comes only to a session that had to subscribe again.
void TortureSubscriber::handle(const mqtt::Publish& packet) {
  const auto read = read_numbered(scene_.judge, packet.topic, as_text(packet.payload));
  if (!read) {
    scene_.judge.broken(Broken::invented,
                        "topic " + std::string(packet.topic) + ", session " + plan_.client_id);
  } else if (!packet.retain) {
    scene_.judge.received({.receiver = plan_.receiver,
                           .session = plan_.client_id,
                           .stream = read->stream,
                           .number = read->number,
                           .dup = packet.dup});
  }
  acknowledge(wire_, packet);
}

// --- retained messages

TortureRetained::TortureRetained(TortureScene& scene, std::string filter, std::vector<StreamId> streams)
    : scene_(scene),
      filter_(std::move(filter)),
      wire_({.url = scene.url, .client_id = "torture-retained", .topic_alias_maximum = 0}, scene.random,
            [this](const Event& event) { handle(event); }) {
  for (const StreamId stream : streams) topics_.push_back({.stream = stream});
}

void TortureRetained::begin_again(Time now) {
  asked_ = false;
  wire_.go_offline(true);
  wire_.go_online(now);
}

bool TortureRetained::complete() const {
  return asked_ &&
         std::ranges::all_of(topics_, [](const Topic& topic) { return topic.seen || topic.least == 0; });
}

void TortureRetained::report_missing() {
  for (const Topic& topic : topics_) {
    if (!topic.seen && topic.least > 0) scene_.judge.retained_missing(topic.stream);
  }
}

void TortureRetained::handle(const Event& event) {
  look_for_violation(scene_, wire_.session().client_id, event);
  if (const auto* connack = std::get_if<mqtt::Connack>(&event); connack && !is_error(connack->reason)) {
    for (Topic& topic : topics_) {
      topic = {.stream = topic.stream, .least = scene_.judge.acknowledged_end(topic.stream)};
    }
    asked_ = true;
    send_subscribe(wire_, {filter_}, 1);
  }
  if (const auto* suback = std::get_if<mqtt::Suback>(&event)) {
    wire_.session().outbound.release_packet_id(suback->packet_id);
  }
  if (const auto* publish = std::get_if<mqtt::Publish>(&event)) {
    const auto read = read_numbered(scene_.judge, publish->topic, as_text(publish->payload));
    const auto topic = read ? std::ranges::find(topics_, read->stream, &Topic::stream) : topics_.end();
    if (publish->retain && topic != topics_.end()) {
      scene_.judge.retained(topic->stream, read->number, topic->least);
      topic->seen = true;
    }
    acknowledge(wire_, *publish);
  }
}

}  // namespace gaon::app
