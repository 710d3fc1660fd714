// What a server keeps of a password, as text. New ones are argon2id in the form of its
// reference implementation; those of mosquitto_passwd are read:
//
//   $argon2id$v=19$m=<KiB>,t=<passes>,p=<lanes>$<salt>$<hash>   base64 without '='
//   $7$<iterations>$<salt>$<hash>    PBKDF2 with HMAC-SHA-512, base64
//   $6$<salt>$<hash>                 SHA-512 of password and salt, base64
//
// Plain values; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace gaon::auth {

// Bounds of what is read: a hash costs at most 1 GiB and some seconds.
inline constexpr std::uint32_t kArgonMemoryMaxKib = 1 << 20;
inline constexpr std::uint32_t kArgonPassesMax = 64;
inline constexpr std::uint32_t kArgonLanesMax = 16;
inline constexpr std::uint32_t kPbkdf2IterationsMax = 10'000'000;

struct PasswordHash {
  enum class Kind : std::uint8_t { argon2id, pbkdf2_sha512, sha512 };

  Kind kind = Kind::argon2id;
  std::uint32_t memory_kib = 0;  // argon2id
  std::uint32_t passes = 0;      // argon2id; iterations of PBKDF2
  std::uint32_t lanes = 0;       // argon2id
  std::string salt;
  std::string hash;
};

// The error says what is wrong with it, without any of it.
Result<PasswordHash> parse_password_hash(std::string_view text);

// Takes long by intent, and as long whether it fits or not.
bool fits(const PasswordHash& hash, ByteView password);

// A new one, by argon2id with 19 MiB and two passes: some 20 ms of one core.
std::string make_password_hash(std::string_view password);

}  // namespace gaon::auth
