// The packets of a connection as lines of text, in the words of mosquitto's clients:
//   sending PUBLISH (d0, q1, r0, m1, 'a/b', ... (5 bytes))
// Fed with the bytes of both directions as they come. Used by one thread.
#pragma once

#include <functional>
#include <string>

#include "base/buffer.h"
#include "mqtt/packet.h"

namespace gaon::client {

enum class Direction : std::uint8_t { sending, received };

// The line of one packet.
std::string packet_line(Direction direction, const mqtt::Packet& packet);

class Trace {
 public:
  using Sink = std::function<void(const std::string& line)>;

  Trace(mqtt::Version version, Sink sink) : sink_(std::move(sink)), version_(version) {}

  void add(Direction direction, ByteView bytes);

 private:
  struct Stream {
    Buffer unread;
    bool broken = false;  // not MQTT: nothing more is told
  };

  Sink sink_;
  mqtt::Version version_;
  Stream streams_[2];
};

}  // namespace gaon::client
