// A server endpoint behaves the same however its bytes arrive, and also if it is carried
// elsewhere before its CONNECT is answered. What it writes stays within bounds.
// Input: one byte that says what comes before the stream (nothing, or a CONNECT of one of
// the versions), in what pieces it arrives and of what it is made; then the stream, byte
// by byte or by packets, two bytes each.
#include <algorithm>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "base/check.h"
#include "session/side_test.h"

namespace {

using namespace gaon;
using mqtt::PacketType;
using mqtt::Property;
using mqtt::QoS;
using mqtt::Reason;
using mqtt::Version;

constexpr Time kNow{seconds(1'000'000)};
constexpr std::size_t kOutputHigh = 10'000;
constexpr std::size_t kQueueMax = 20;
constexpr EndpointOptions kOptions = {
    .maximum_packet_size = 3'000, .receive_maximum = 4, .topic_alias_maximum = 3, .inflight_max = 5};

// Echoes each message to its sender; settles, in reverse, at every third event.
class Server {
 public:
  Server() { open(); }

  void receive(ByteView bytes, bool carry_on) {
    endpoint_->receive(bytes, kNow);
    while (auto event = endpoint_->poll_event()) {
      if (carry_on && !carried_ && std::holds_alternative<mqtt::Connect>(*event)) {
        carried_.emplace(endpoint_->take_unread());
        open();
        endpoint_->receive(carried_->view(), kNow);
        continue;
      }
      std::visit([this](auto& e) { on(e); }, *event);
      if (events_.size() % 3 == 0) settle_all();
      pump();
      take_output(bytes.size());
    }
    take_output(bytes.size());
  }

  const Texts& events() const { return events_; }
  const std::string& said() const { return said_; }
  bool closed() const { return endpoint_->state() == Endpoint::State::closed; }

 private:
  struct Owed {
    PacketType type;
    std::uint16_t packet_id;
    Reason reason;
  };

  void open() { endpoint_ = std::make_unique<Endpoint>(Endpoint::Role::server, kOptions, traffic_, output_); }

  void on(mqtt::Connect& packet) {
    events_.push_back(told(packet) + ' ' + std::string(packet.client_id));
    if (packet.client_id == "refuse") {
      endpoint_->refuse(packet, Reason::client_identifier_not_valid);
    } else {
      session_.outbound.hold_sends(packet.client_id == "kept");
      endpoint_->accept(session_, packet, {});
    }
  }
  void on(mqtt::Publish& packet) {
    events_.push_back(told(packet));
    const Message message = Message::make({.topic = packet.topic, .payload = packet.payload});
    const Delivery copy{.message = message, .qos = packet.qos, .retain = packet.retain};
    if (endpoint_->publish(copy, kNow, kOutputHigh) == Endpoint::Sending::blocked) {
      if (session_.outbound.waiting() == kQueueMax) session_.outbound.drop_oldest_waiting();
      session_.outbound.enqueue(copy);
    }
    if (packet.qos == QoS::at_most_once) return;
    owed_.push_back({packet.qos == QoS::at_least_once ? PacketType::puback : PacketType::pubrec,
                     packet.packet_id, packet.payload.empty() ? Reason::not_authorized : Reason::success});
  }
  void on(Received& received) {
    events_.push_back("received " + std::to_string(received.packet_id));
    received_.push_back(received.packet_id);
  }
  void on(Released& released) {
    events_.push_back("released " + std::to_string(released.packet_id));
    owed_.push_back({PacketType::pubcomp, released.packet_id, Reason::success});
  }
  void on(mqtt::Subscribe& packet) {
    events_.push_back(told(packet));
    const std::vector<std::uint8_t> reasons(packet.subscriptions.size(), 0x80);
    endpoint_->send(mqtt::Suback{packet.packet_id, {}, reasons});
  }
  void on(mqtt::Unsubscribe& packet) {
    events_.push_back(told(packet));
    const std::vector<std::uint8_t> reasons(packet.filters.size(), 0x11);
    endpoint_->send(mqtt::Unsuback{
        packet.packet_id, {}, endpoint_->version() == Version::v5 ? ByteView(reasons) : ByteView()});
  }
  void on(Finished& finished) {
    events_.push_back("finished " + std::string(as_text(finished.copy.message().payload())));
  }
  void on(Violation& violation) {
    events_.push_back("violation " + code(violation.reason) + ' ' + violation.what);
    CHECK(closed());
  }
  template <class Packet>
  void on(Packet& packet) {
    events_.push_back(told(packet));
  }

  void settle_all() {
    if (const auto wanted = session_.outbound.gate_wants(2)) session_.outbound.open_to(*wanted);
    for (const std::uint16_t packet_id : std::exchange(received_, {})) endpoint_->release(packet_id);
    while (!owed_.empty() && !closed()) {
      const Owed owed = owed_.back();
      owed_.pop_back();
      endpoint_->settle(owed.type, owed.packet_id, owed.reason);
    }
  }

  void pump() {
    std::vector<Gone> gone;
    if (!closed()) endpoint_->pump(kNow, kOutputHigh, gone);
    CHECK(session_.outbound.in_flight() <= kOptions.inflight_max);
    CHECK(session_.outbound.waiting() <= kQueueMax);
    CHECK(endpoint_->version() != Version::v5 || session_.inbound.unfinished() <= kOptions.receive_maximum);
  }

  void take_output(std::size_t received) {
    CHECK(output_.size() <= kOutputHigh + 2 * kOptions.maximum_packet_size + 4 * received);
    iovec pieces[4];
    while (const int count = output_.gather(pieces, 4)) {
      std::size_t size = 0;
      for (int i = 0; i < count; ++i) {
        said_.append(static_cast<const char*>(pieces[i].iov_base), pieces[i].iov_len);
        size += pieces[i].iov_len;
      }
      output_.consume(size);
    }
    CHECK(output_.empty());
  }

  Traffic traffic_;
  Output output_;
  Session session_;
  std::unique_ptr<Endpoint> endpoint_;
  std::optional<Buffer> carried_;
  std::deque<Owed> owed_;
  std::vector<std::uint16_t> received_;
  Texts events_;
  std::string said_;
};

Version version_of(unsigned which) {
  constexpr Version kVersions[] = {Version::v5, Version::v31, Version::v311, Version::v5, Version::v5};
  return kVersions[which];
}

std::string opening(unsigned which) {
  if (which == 0) return {};
  const Version version = version_of(which);
  Buffer properties;
  mqtt::PropertyWriter writer(properties);
  if (which == 4) {
    writer.number(Property::receive_maximum, 2);
    writer.number(Property::maximum_packet_size, 100);
    writer.number(Property::topic_alias_maximum, 2);
  }
  return as_bytes_of(mqtt::Connect{.version = version,
                                   .clean_start = true,
                                   .client_id = "c",
                                   .properties = mqtt::Properties(properties.view())},
                     version);
}

// A packet that fits into many conversations: a few ids, a few topics.
mqtt::Packet packet(std::uint8_t what, std::uint8_t with) {
  static constexpr std::uint8_t kPayload[] = {'x', 'y', 'z'};
  const auto id = static_cast<std::uint16_t>(1 + with % 8);
  const Reason reason = with / 8 % 4 == 0 ? Reason::not_authorized : Reason::success;
  switch (what % 8) {
    case 0:
      return mqtt::Puback{id, reason};
    case 1:
      return mqtt::Pubrec{id, reason};
    case 2:
      return mqtt::Pubcomp{id};
    case 3:
      return mqtt::Pubrel{id};
    case 4:
      return mqtt::Pingreq{};
    default:
      return mqtt::Publish{.qos = static_cast<QoS>(what % 8 - 5),
                           .topic = std::string_view("abc").substr(with / 8 % 3),
                           .packet_id = static_cast<std::uint16_t>(what % 8 == 5 ? 0 : id),
                           .payload = ByteView(kPayload).first(with / 32 % 4)};
  }
}

std::string packets(ByteView script, Version version) {
  std::string stream;
  for (; script.size() >= 2; script = script.subspan(2)) {
    stream += as_bytes_of(packet(script[0], script[1]), version);
  }
  return stream;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const unsigned first = data[0] % 128U;
  const ByteView rest(data + 1, size - 1);
  const bool by_packets = data[0] >= 128;
  const std::string stream =
      opening(first % 5) + (by_packets ? packets(rest, version_of(first % 5)) : std::string(as_text(rest)));
  const std::size_t piece = first / 5 + 1;

  Server whole;
  whole.receive(as_bytes(stream), false);

  Server split;
  for (std::size_t at = 0; at < stream.size(); at += piece) {
    // A copy of its own size, gone after the call, so that a view kept too long shows.
    const std::vector<std::uint8_t> part(
        stream.begin() + static_cast<std::ptrdiff_t>(at),
        stream.begin() + static_cast<std::ptrdiff_t>(std::min(at + piece, stream.size())));
    split.receive(part, true);
  }
  CHECK(split.events() == whole.events());
  CHECK(split.said() == whole.said());
  CHECK(split.closed() == whole.closed());
  return 0;
}
