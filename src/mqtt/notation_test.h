// Bytes as a text that can be read, for tests only:
//   30 A1FF    bytes in hex           'ab'   the bytes of a text
//   <ab>       a text after its two bytes of length
//   { ... }    what is inside after its length as variable byte integer
//   |          the length of all that follows, likewise
#pragma once

#include <string_view>

#include "base/bytes.h"

namespace gaon::mqtt {

// The bytes live as long as the program.
ByteView bytes(std::string_view notation);

}  // namespace gaon::mqtt
