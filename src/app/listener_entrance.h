// From a listener's configuration to what stands between its wire and MQTT.
#pragma once

#include <optional>
#include <vector>

#include "app/config_problem.h"
#include "broker/config.h"
#include "net/entrance.h"

namespace gaon::app {

// Reads the files it names. Nothing if one of the problems, which are added with keys like
// "listener.tls.key_file", is an error.
// before: see net::TlsContext::server().
std::optional<net::Entrance> open_entrance(const broker::ListenerConfig& listener,
                                           std::vector<Problem>& problems,
                                           const net::TlsContext* before = nullptr);

}  // namespace gaon::app
