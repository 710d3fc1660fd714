// What outlives a connection: both halves of QoS, by client id.  [MQTT-4.1.0-1]
// Lives on one thread. Subscriptions, expiry and will belong to whoever keeps the
// session (broker/client.h); a client library needs none of them.
#pragma once

#include <string>

#include "session/inbound.h"
#include "session/outbound.h"

namespace gaon {

struct Session {
  std::string client_id;
  Outbound outbound;
  Inbound inbound;
};

}  // namespace gaon
