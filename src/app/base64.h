// Bytes as text, by RFC 4648, section 4.
#pragma once

#include <string>

#include "base/bytes.h"

namespace gaon::app {

std::string base64(ByteView bytes);

}  // namespace gaon::app
