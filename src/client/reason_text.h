// Reasons as people read them. Pure.
#pragma once

#include <string>

#include "mqtt/property.h"
#include "mqtt/reason.h"
#include "mqtt/version.h"

namespace gaon::client {

// "Not authorized (0x87)"; of a CONNACK before MQTT 5 "Not authorized (return code 5)".
std::string reason_text(mqtt::Reason reason, mqtt::Version version);

// What a peer wrote beside it: ": text", or nothing.
std::string reason_string(const mqtt::Properties& properties);

}  // namespace gaon::client
