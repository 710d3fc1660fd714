// What a listener puts between the wire and MQTT, and the filters that make it so.
#pragma once

#include <memory>
#include <optional>

#include "net/filtered_backend.h"
#include "net/networks.h"
#include "net/tls_context.h"
#include "net/websocket_filter.h"

namespace gaon::net {

struct Entrance {
  // Everybody comes by a proxy, which says who it is, and only these networks (and Unix
  // sockets) have one.
  std::optional<Networks> proxies;
  std::optional<TlsContext> tls;
  std::shared_ptr<const WebSocketOptions> websocket;  // null: without it

  bool plain() const { return !proxies && !tls && !websocket; }
};

// For FilteredBackend::guard(); holds a copy.
FilteredBackend::Admit admit_by(Entrance entrance);

}  // namespace gaon::net
