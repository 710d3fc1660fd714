// A client with a session for tests: the same Endpoint that the broker uses, in the
// other role. It loses connections, resumes, repeats, and notes what arrives.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "broker/broker_fixture_test.h"
#include "session/endpoint.h"

namespace gaon::broker {

class WorkloadClient {
 public:
  struct Arrival {
    std::string payload;
    bool dup;
  };

  WorkloadClient(TestBroker& broker, std::string id, Version version) : broker_(broker), version_(version) {
    session_.client_id = std::move(id);
  }

  // By the worker that accepts it; resumes the session.
  void connect(std::size_t accepted_by) {
    endpoint_.emplace(Endpoint::Role::client, options_, traffic_, output_);
    wire_.emplace(broker_.wire(accepted_by));
    const Props forever = Props().number(Property::session_expiry_interval, kExpiryNever);
    mqtt::Connect packet{.version = version_, .client_id = session_.client_id};
    if (version_ == Version::v5) packet.properties = forever;
    endpoint_->connect(session_, packet, broker_.now());
    flush();
  }

  // What was sent to it and not read is lost.
  void hang_up(bool by_reset) {
    if (!endpoint_) return;
    if (by_reset) {
      wire_->reset(104);
    } else {
      wire_->close();
    }
    forget();
  }

  bool connected() const { return endpoint_.has_value(); }

  // Reads and answers. True if something came.
  bool step() {
    if (!endpoint_) return false;
    const std::vector<std::uint8_t> bytes = wire_->read();
    endpoint_->receive(bytes, broker_.now());
    while (auto event = endpoint_->poll_event()) {
      std::visit([this](auto& what) { on(what); }, *event);
    }
    std::vector<Gone> gone;
    endpoint_->pump(broker_.now(), std::numeric_limits<std::size_t>::max(), gone);
    flush();
    if (wire_->closed() || wire_->aborted()) forget();
    return !bytes.empty();
  }

  void publish(std::string_view topic, std::string_view payload, QoS qos) {
    const Message message = Message::make({.qos = qos, .topic = topic, .payload = as_bytes(payload)});
    session_.outbound.enqueue({.message = message, .qos = qos});
  }

  // Only while connected.
  void ask(const std::vector<std::string>& filters, QoS qos) {
    Buffer list;
    for (const std::string& filter : filters) mqtt::append_subscription(list, {.filter = filter, .qos = qos});
    endpoint_->send(mqtt::Subscribe{.packet_id = *session_.outbound.reserve_packet_id(),
                                    .subscriptions = mqtt::SubscriptionList(list.view())});
    flush();
  }

  bool subscribed = false;  // its last SUBACK came
  std::vector<Arrival> arrivals;
  bool done() const { return session_.outbound.empty(); }

 private:
  void on(mqtt::Publish& packet) {
    arrivals.push_back({std::string(as_text(packet.payload)), packet.dup});
    if (packet.qos == q1) endpoint_->settle(mqtt::PacketType::puback, packet.packet_id, Reason::success);
    if (packet.qos == q2) endpoint_->settle(mqtt::PacketType::pubrec, packet.packet_id, Reason::success);
  }
  void on(Released& released) {
    endpoint_->settle(mqtt::PacketType::pubcomp, released.packet_id, Reason::success);
  }
  void on(mqtt::Suback& packet) {
    subscribed = true;
    session_.outbound.release_packet_id(packet.packet_id);
  }
  void on(Violation& violation) { ADD_FAILURE() << violation.what; }
  template <class Event>
  void on(Event&) {}

  void flush() {
    while (!output_.empty()) {
      iovec piece;
      output_.gather(&piece, 1);
      wire_->write({static_cast<const std::uint8_t*>(piece.iov_base), piece.iov_len});
      output_.consume(piece.iov_len);
    }
  }

  void forget() {
    endpoint_.reset();
    wire_.reset();
    output_ = Output();
  }

  TestBroker& broker_;
  Version version_;
  EndpointOptions options_{.receive_maximum = 20};
  Traffic traffic_;
  Output output_;
  Session session_;
  std::optional<Endpoint> endpoint_;
  std::optional<net::MemoryPeer> wire_;
};

}  // namespace gaon::broker
