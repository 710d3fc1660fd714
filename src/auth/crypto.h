// The few primitives that authentication needs, from OpenSSL. A failure of the library
// itself (no memory, no randomness) ends the process. Any thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace gaon::auth {

using Digest = std::array<std::uint8_t, 32>;  // of SHA-256

Digest sha256(ByteView bytes);
Digest hmac_sha256(ByteView key, std::string_view text);
// PBKDF2 with HMAC-SHA-256, one block: "Hi" of RFC 5802. Takes long by intent:
// 1,000 iterations are about a third of a millisecond.
Digest stretch(std::string_view password, std::string_view salt, std::uint32_t iterations);

// Takes as long whatever is in them.
bool equal(const Digest& a, const Digest& b);

// So many bytes that nobody can guess.
std::string random_bytes(std::size_t count);

std::string encode_base64(ByteView bytes);
// Only what encode_base64() can have made.
std::optional<std::string> decode_base64(std::string_view text);

}  // namespace gaon::auth
