#include "app/torture_publisher.h"

#include <algorithm>

#include "base/check.h"

namespace gaon::app {
namespace {

constexpr double kBurstPauseMostMs = 100;
// What was missed while the broker was away is not made up for beyond this.
constexpr double kAllowanceS = 0.5;
constexpr double kWillLeastMs = 100;
constexpr double kWillMostMs = 500;

}  // namespace

TorturePublisher::TorturePublisher(TortureScene& scene, PublisherPlan plan)
    : scene_(scene),
      plan_(std::move(plan)),
      wire_(lasting_session(scene, plan_.client_id, plan_.version), scene.random,
            [this](const Event& event) { handle(event); }) {}

void TorturePublisher::tick(Time now, bool publishing) {
  wire_.tick(now);
  const double elapsed_s = std::chrono::duration<double>(now - last_tick_).count();
  last_tick_ = now;
  allowance_ = std::min(allowance_ + elapsed_s * plan_.rate_per_s, kAllowanceS * plan_.rate_per_s + 1);
  if (!publishing || now < next_burst_ || !wire_.is_open()) return;
  next_burst_ = now + random_ms(scene_.random, 0, kBurstPauseMostMs);
  while (allowance_ >= 1 && publish_one(now)) allowance_ -= 1;
  wire_.flush();
}

bool TorturePublisher::publish_one(Time now) {
  const auto chosen =
      static_cast<std::size_t>(scene_.random.between(0, static_cast<double>(plan_.streams.size())));
  const StreamId stream = plan_.streams[chosen];
  const StreamFacts& facts = scene_.judge.facts(stream);
  const auto qos = static_cast<mqtt::QoS>(facts.qos);
  const Outbound& outbound = wire_.session().outbound;
  if (outbound.in_flight() >= plan_.window || !outbound.may_send_now(qos)) return false;
  const std::uint64_t number = scene_.judge.sent(stream);
  const std::string payload = numbered_payload(facts.topic, number, plan_.size);
  const bool retain = facts.kind == StreamFacts::Kind::retained;
  const Message message =
      Message::make({.qos = qos, .retain = retain, .topic = facts.topic, .payload = as_bytes(payload)});
  unfinished_.emplace(stream, number);
  const auto sending =
      wire_.endpoint().publish({.message = message, .qos = qos, .retain = retain}, now, SIZE_MAX);
  CHECK(sending == Endpoint::Sending::sent);
  return true;
}

void TorturePublisher::handle(const Event& event) {
  look_for_violation(scene_, plan_.client_id, event);
  if (const auto* connack = std::get_if<mqtt::Connack>(&event)) {
    if (is_error(connack->reason)) return;
    look_at_session(scene_, plan_.client_id, *connack, known_);
    for (const auto& [stream, number] : unfinished_) scene_.judge.resent(stream, number);
  }
  if (const auto* finished = std::get_if<Finished>(&event)) {
    const Message& message = finished->copy.message();
    const auto read = read_numbered(scene_.judge, message.topic(), as_text(message.payload()));
    CHECK(read);
    unfinished_.erase({read->stream, read->number});
    if (!is_error(finished->reason)) scene_.judge.acknowledged(read->stream, read->number);
  }
}

// --- wills

TortureWill::TortureWill(TortureScene& scene, std::string client_id, std::uint8_t version, StreamId stream)
    : scene_(scene),
      client_id_(std::move(client_id)),
      stream_(stream),
      wire_(lasting_session(scene, client_id_, version), scene.random,
            [this](const Event& event) { handle(event); }) {}

void TortureWill::tick(Time now) {
  if (wire_.wants_connection() && wire_.is_closed() && used_) renew();
  wire_.tick(now);
  used_ = used_ || !wire_.is_closed();
  if (!wire_.is_open()) {
    breaks_at_ = kNever;
  } else if (breaks_at_ == kNever) {
    breaks_at_ = now + random_ms(scene_.random, kWillLeastMs, kWillMostMs);
  } else if (now >= breaks_at_) {
    wire_.go_offline(false);
    wire_.go_online(now + random_ms(scene_.random, 0, kWillMostMs));
  }
}

void TortureWill::renew() {
  const StreamFacts& facts = scene_.judge.facts(stream_);
  number_ = scene_.judge.sent(stream_);
  used_ = false;
  wire_.options().will = client::WillOptions{.topic = facts.topic,
                                             .payload = numbered_payload(facts.topic, number_, 0),
                                             .qos = static_cast<mqtt::QoS>(facts.qos)};
}

void TortureWill::handle(const Event& event) {
  look_for_violation(scene_, client_id_, event);
  const auto* connack = std::get_if<mqtt::Connack>(&event);
  if (connack == nullptr || is_error(connack->reason)) return;
  look_at_session(scene_, client_id_, *connack, known_);
  scene_.judge.acknowledged(stream_, number_);
}

}  // namespace gaon::app
