// Packets drawn at random, in what their version allows, for tests only.
#pragma once

#include <deque>
#include <string>

#include "base/buffer.h"
#include "mqtt/packet.h"

namespace gaon::mqtt {

// Draws from rapidcheck, so only inside a property. Owns what the packets show.
class RandomPacket {
 public:
  explicit RandomPacket(Version version) : version_(version) {}

  Packet draw(PacketType type);

 private:
  bool flag();
  std::uint32_t number(std::uint32_t min, std::uint32_t max);
  std::uint16_t packet_id() { return static_cast<std::uint16_t>(number(1, 0xFFFF)); }
  QoS qos() { return static_cast<QoS>(number(0, 2)); }
  std::string_view text(std::size_t size_min);
  std::string_view topic();
  ByteView binary();
  Reason reason(PacketType type);
  ByteView reasons(PacketType type);
  Properties properties(PropertyOwner owner);
  void add_property(PropertyWriter& to, Property id);

  Will will();
  Connect connect();
  Connack connack();
  Publish publish();
  Subscribe subscribe();
  Unsubscribe unsubscribe();
  Auth auth();
  template <class Ack>
  Ack ack();

  Version version_;
  std::deque<std::string> texts_;
  std::deque<Buffer> buffers_;
};

}  // namespace gaon::mqtt
