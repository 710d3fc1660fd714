// Frames to packets: strict, without copies, without allocation. Every function is
// pure and safe on any thread; the packet is a view on the frame's body. The frame
// must come from frame(), which has checked its type and flags.
//
// Reasons of the faults, where the standard leaves a choice: a byte that no reading
// allows is malformed_packet; so are wildcards, U+0000 and emptiness in a will topic
// or an empty filter. A packet id of 0, an empty list, an unlisted reason code, an
// empty topic without alias, QoS 3 or retain handling 3 in SUBSCRIBE are
// protocol_error. Wildcards in the topic of a PUBLISH are topic_name_invalid.
#pragma once

#include <optional>

#include "mqtt/framer.h"
#include "mqtt/packet.h"
#include "mqtt/reason.h"
#include "mqtt/version.h"

namespace gaon::mqtt {

// The syntax of filters is not looked at beyond UTF-8 and emptiness. CONNECT brings
// its own version.
Decoded<Packet> decode(const Frame& frame, Version version);

// The same for a PUBLISH only, past the variant.
Decoded<Publish> decode_publish(const Frame& frame, Version version);

// PUBACK, PUBREC, PUBREL and PUBCOMP mostly are nothing but a packet id, and success in
// every version. nullopt: this is no such frame, ask decode().
std::optional<std::uint16_t> decode_short_ack(const Frame& frame);

// In which version a CONNACK may answer this frame, however broken the rest is;
// nullopt: none may be sent. Levels we do not serve under the name MQTT get 3.1.1's
// answer, because only 3.1.1 demands one ([MQTT-3.1.2-2] there).
std::optional<Version> connect_version(const Frame& frame);

}  // namespace gaon::mqtt
