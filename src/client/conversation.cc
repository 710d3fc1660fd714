#include "client/conversation.h"

#include <utility>

#include "client/connect_packet.h"

namespace gaon::client {

using mqtt::PacketType;
using mqtt::QoS;
using mqtt::Reason;
using mqtt::Version;

namespace {

// What an entry of the inbox costs besides its texts.
constexpr std::size_t kEntryBytes = 128;

const char* why_not_sent(Gone::Why why) {
  switch (why) {
    case Gone::Why::expired:
      return "it expired before it could be sent";
    case Gone::Why::not_supported:
      return "its QoS or RETAIN is more than the broker takes";
    default:
      return "larger than the broker takes";
  }
}

EndpointOptions endpoint_options(const ConnectOptions& options) {
  // Before MQTT 5 nothing of this is announced, so nothing may be enforced.
  if (options.version != Version::v5) return {};
  return {.maximum_packet_size = options.maximum_packet_size,
          .receive_maximum = options.receive_maximum,
          .topic_alias_maximum = options.topic_alias_maximum};
}

}  // namespace

Conversation::Conversation(ConnectOptions options)
    : options_(std::move(options)), endpoint_options_(endpoint_options(options_)) {
  session_.client_id = options_.client_id;
}

Conversation::State Conversation::state() const {
  if (!endpoint_ || endpoint_->state() == Endpoint::State::closed) return State::closed;
  return endpoint_->state() == Endpoint::State::open ? State::open : State::opening;
}

// --- the transport's side

Result<void> Conversation::open(Time now) {
  CHECK(state() == State::closed);
  // The session that a first connection began is ours to go on with.
  const bool resumes =
      had_session_ && options_.version == Version::v5 && options_.session_expiry_interval_s != 0;
  exchange_ = options_.authentication ? options_.authentication->begin() : nullptr;
  const auth::Reply first = exchange_ ? exchange_->next({}) : auth::Reply();
  const ConnectAs as = {.client_id = session_.client_id,
                        .clean_start = options_.clean_start && !resumes,
                        .authentication_data = first.data};
  const auto made = connect_packet(options_, as);
  if (!made) {
    ended_ = {Disconnected::Kind::refused, Reason::malformed_packet, made.error().what};
    return std::unexpected(made.error());
  }
  clean_start_ = as.clean_start;
  opened_ = false;
  requests_.clear();
  output_ = Output();
  endpoint_.emplace(Endpoint::Role::client, endpoint_options_, traffic_, output_);
  endpoint_->connect(session_, made->packet, now);
  return {};
}

void Conversation::receive(ByteView bytes, Time now) {
  if (state() == State::closed) return;
  endpoint_->receive(bytes, now);
  while (const auto event = endpoint_->poll_event()) {
    std::visit([this](const auto& what) { handle(what); }, *event);
  }
  pump(now);
}

void Conversation::transport_closed(std::string why) {
  if (state() == State::closed) return;
  endpoint_.reset();
  end({Disconnected::Kind::lost, Reason::success, std::move(why)});
}

void Conversation::pump(Time now) {
  if (state() != State::open) return;
  endpoint_->pump(now, kOutputHigh, gone_);
  for (const Gone& gone : gone_) {
    if (gone.why == Gone::Why::sent) continue;
    const std::string topic(gone.copy.message().topic());
    const std::size_t bytes = topic.size();
    put(NotDelivered{topic, why_not_sent(gone.why)}, bytes);
  }
  gone_.clear();
}

Time Conversation::deadline() const { return endpoint_ ? endpoint_->deadline() : kNever; }

void Conversation::handle_timeout(Time now) {
  if (!endpoint_ || endpoint_->handle_timeout(now)) return;
  end({Disconnected::Kind::silent, Reason::keep_alive_timeout, "the broker does not answer PINGREQ"});
}

// --- the inbox

void Conversation::put(Incoming incoming, std::size_t bytes, bool owes) {
  inbox_.push_back({std::move(incoming), bytes + kEntryBytes, owes});
  inbox_bytes_ += bytes + kEntryBytes;
}

std::optional<Incoming> Conversation::poll_incoming() {
  if (inbox_.empty()) return std::nullopt;
  Waiting waiting = std::move(inbox_.front());
  inbox_.pop_front();
  inbox_bytes_ -= waiting.bytes;
  if (waiting.owes) settle(std::get<Received>(waiting.incoming));  // [MQTT-4.5.0-2]
  return std::move(waiting.incoming);
}

void Conversation::settle(const Received& message) {
  const PacketType type = message.qos == QoS::at_least_once ? PacketType::puback : PacketType::pubrec;
  session_.inbound.settle(type, message.packet_id, Reason::success);
  if (state() == State::open) endpoint_->write_acks();
}

}  // namespace gaon::client
