// From the command line's words to those of client/.
#pragma once

#include <span>
#include <string>

#include "app/connection_options.h"
#include "base/result.h"
#include "client/options.h"

namespace gaon::app {

// Before MQTT 5 a client without -i gets an identifier made from the random number.
client::ConnectOptions client_options(const ConnectionOptions& options, std::uint64_t random_number);

// The properties of one packet, encoded.
std::string encoded_properties(std::span<const PropertyOption> options, PropertyPlace place);

}  // namespace gaon::app
