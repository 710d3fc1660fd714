// A server and a client in memory, with a clock that stands still unless told and a wire
// that holds bytes back, splits them anywhere and can be cut.
#pragma once

#include <algorithm>
#include <limits>
#include <set>
#include <string>

#include "session/side_test.h"

namespace gaon {

class Pair {
 public:
  explicit Pair(mqtt::Version version_of_it = mqtt::Version::v5) : version(version_of_it) {}

  // A new connection; its CONNECT is on the way when this returns.
  void connect(bool clean_start) {
    cut();
    server.open();
    client.open();
    mqtt::Connect packet{.version = version,
                         .clean_start = clean_start,
                         .keep_alive_s = keep_alive_s,
                         .client_id = "c",
                         .properties = client_properties()};
    client.endpoint->connect(client.session, packet, now);
    Buffer properties;
    announce(server.options, properties);
    announced_ = std::move(properties);
    server.announced = mqtt::Properties(announced_.view());
  }
  void open(bool clean_start = true) {
    connect(clean_start);
    run();
  }

  // Lets at most limit bytes through, piece by piece in turns, until nobody has
  // anything to say. Returns how many went through.
  std::size_t run(std::size_t limit = std::numeric_limits<std::size_t>::max()) {
    std::size_t moved = 0;
    for (;;) {
      const std::size_t before = moved;
      moved += deliver(to_server, std::min(piece, limit - moved));
      moved += deliver(to_client, std::min(piece, limit - moved));
      if (moved == before) return moved;
    }
  }

  struct Direction {
    Side& from;
    Side& to;
    std::string bytes{};                   // on their way
    Listener written{};                    // packets that left `from`
    Listener arrived{};                    // packets that reached `to`
    Texts packets{};                       // the former, as text
    std::size_t largest = 0;               // of the former
    std::set<std::uint16_t> unfinished{};  // ids of QoS 1 and 2 published on this connection
    std::size_t unfinished_most = 0;
  };

  // At most size bytes of what one side has written reach the other.
  std::size_t deliver(Direction& direction, std::size_t size) {
    if (!direction.from.endpoint) return 0;
    flush(direction);
    const std::string part = direction.bytes.substr(0, size);
    direction.bytes.erase(0, part.size());
    if (part.empty()) return 0;
    Direction& back = &direction == &to_server ? to_client : to_server;
    direction.arrived.hear(as_bytes(part), version, [&](const mqtt::Packet& packet, std::size_t) {
      acknowledged(packet, back.unfinished);
    });
    direction.to.receive(part, now);
    return part.size();
  }

  // What is on the way is lost.
  void cut() {
    server.endpoint.reset();
    client.endpoint.reset();
    for (Direction* direction : {&to_server, &to_client}) {
      direction->bytes.clear();
      direction->written = Listener();
      direction->arrived = Listener();
      direction->unfinished.clear();
    }
  }

  void pass(seconds time) { now += time; }

  mqtt::Version version;
  Time now{seconds(1'000'000)};
  std::uint16_t keep_alive_s = 0;
  std::size_t piece = std::numeric_limits<std::size_t>::max();
  Side server{Endpoint::Role::server};
  Side client{Endpoint::Role::client};
  Direction to_server{client, server};
  Direction to_client{server, client};

 private:
  static void announce(const EndpointOptions& options, Buffer& to) {
    using mqtt::Property;
    mqtt::PropertyWriter writer(to);
    if (options.receive_maximum != 65'535) writer.number(Property::receive_maximum, options.receive_maximum);
    if (options.maximum_packet_size != mqtt::kPacketSizeMax) {
      writer.number(Property::maximum_packet_size, options.maximum_packet_size);
    }
    if (options.topic_alias_maximum != 0) {
      writer.number(Property::topic_alias_maximum, options.topic_alias_maximum);
    }
  }

  mqtt::Properties client_properties() {
    client_announced_.clear();
    announce(client.options, client_announced_);
    return mqtt::Properties(client_announced_.view());
  }

  void flush(Direction& direction) {
    const std::string fresh = direction.from.take_output();
    direction.bytes += fresh;
    direction.written.hear(as_bytes(fresh), version, [&](const mqtt::Packet& packet, std::size_t size) {
      direction.packets.push_back(told(packet));
      direction.largest = std::max(direction.largest, size);
      if (const auto* publish = std::get_if<mqtt::Publish>(&packet); publish && publish->packet_id != 0) {
        direction.unfinished.insert(publish->packet_id);
        direction.unfinished_most = std::max(direction.unfinished_most, direction.unfinished.size());
      }
    });
  }

  static void acknowledged(const mqtt::Packet& packet, std::set<std::uint16_t>& unfinished) {
    if (const auto* ack = std::get_if<mqtt::Puback>(&packet)) unfinished.erase(ack->packet_id);
    if (const auto* ack = std::get_if<mqtt::Pubcomp>(&packet)) unfinished.erase(ack->packet_id);
    if (const auto* ack = std::get_if<mqtt::Pubrec>(&packet); ack && is_error(ack->reason)) {
      unfinished.erase(ack->packet_id);
    }
  }

  Buffer announced_;
  Buffer client_announced_;
};

}  // namespace gaon
