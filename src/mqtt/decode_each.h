// The decoder of each packet that has a file of its own; decode() finds them by type.
#pragma once

#include "mqtt/decode.h"

namespace gaon::mqtt {

Decoded<Connect> decode_connect(const Frame& frame);
Decoded<Subscribe> decode_subscribe(const Frame& frame, Version version);
Decoded<Suback> decode_suback(const Frame& frame, Version version);
Decoded<Unsubscribe> decode_unsubscribe(const Frame& frame, Version version);
Decoded<Unsuback> decode_unsuback(const Frame& frame, Version version);

}  // namespace gaon::mqtt
