// What MQTT allows in a UTF-8 string.
#pragma once

#include <cstddef>
#include <string_view>

namespace gaon::mqtt {

// Well-formed UTF-8: no overlong forms, nothing above U+10FFFF, no surrogates, no
// U+0000. Control characters and non-characters are accepted, which the standard
// leaves open (U5-1.5.4-a), and U+FEFF is a character like others. [MQTT-1.5.4-3]
bool valid_utf8(std::string_view text);

// How many characters a valid text has.
std::size_t utf8_length(std::string_view text);

}  // namespace gaon::mqtt
