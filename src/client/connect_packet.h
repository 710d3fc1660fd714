// The CONNECT that options ask for.
#pragma once

#include "base/buffer.h"
#include "base/result.h"
#include "client/options.h"
#include "mqtt/packet.h"

namespace gaon::client {

// Texts are views on the options, properties on the buffers.
struct ConnectPacket {
  mqtt::Connect packet;
  Buffer properties;
  Buffer will_properties;
};

struct ConnectAs {
  std::string_view client_id;
  bool clean_start;
  std::string_view authentication_data = {};  // with the method of the options
};

// The error names the option that MQTT does not allow.
Result<ConnectPacket> connect_packet(const ConnectOptions& options, const ConnectAs& as);

}  // namespace gaon::client
