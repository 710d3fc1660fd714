#include "auth/password_hash.h"

#include <argon2.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "auth/crypto.h"
#include "base/check.h"

namespace gaon::auth {
namespace {

constexpr std::uint32_t kMemoryKib = 19 * 1024;
constexpr std::uint32_t kPasses = 2;
constexpr std::size_t kSalt = 16;
constexpr std::size_t kHash = 32;
constexpr std::size_t kSha512 = 64;
constexpr std::size_t kBytesMax = 256;  // of salt and hash

// Cuts text at the first occurrence of by, which goes; all of it if there is none.
std::string_view cut(std::string_view& text, char by) {
  const std::size_t at = text.find(by);
  const std::string_view front = text.substr(0, at);
  text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
  return front;
}

std::optional<std::uint32_t> number(std::string_view text, std::uint32_t most) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value == 0 || value > most) {
    return std::nullopt;
  }
  return value;
}

std::optional<std::string> bytes(std::string_view base64, std::size_t least) {
  auto decoded = decode_base64(base64);
  if (!decoded || decoded->size() < least || decoded->size() > kBytesMax) return std::nullopt;
  return decoded;
}

// Argon2 leaves the '=' at the end out.
std::optional<std::string> unpadded_bytes(std::string_view text, std::size_t least) {
  if (text.ends_with('=')) return std::nullopt;
  std::string padded(text);
  while (padded.size() % 4 != 0) padded += '=';
  return bytes(padded, least);
}

std::string unpadded(ByteView from) {
  std::string text = encode_base64(from);
  text.erase(text.find_last_not_of('=') + 1);
  return text;
}

Result<PasswordHash> parse_argon2id(std::string_view text) {
  PasswordHash hash{.kind = PasswordHash::Kind::argon2id};
  if (cut(text, '$') != "v=19") return failure("the argon2id hash is not of version 19");
  std::string_view costs = cut(text, '$');
  const struct {
    std::string_view name;
    std::uint32_t* to;
    std::uint32_t most;
  } parts[] = {{"m=", &hash.memory_kib, kArgonMemoryMaxKib},
               {"t=", &hash.passes, kArgonPassesMax},
               {"p=", &hash.lanes, kArgonLanesMax}};
  for (const auto& [name, to, most] : parts) {
    std::string_view part = cut(costs, ',');
    const auto value = part.starts_with(name) ? number(part.substr(2), most) : std::nullopt;
    if (!value) return failure("the costs of the argon2id hash are not m=…,t=…,p=… within bounds");
    *to = *value;
  }
  if (!costs.empty() || hash.memory_kib < 8 * hash.lanes) {
    return failure("the costs of the argon2id hash are not m=…,t=…,p=… within bounds");
  }
  auto salt = unpadded_bytes(cut(text, '$'), 8);
  auto digest = unpadded_bytes(text, 16);
  if (!salt || !digest) return failure("salt or hash are not base64 of the right size");
  hash.salt = std::move(*salt);
  hash.hash = std::move(*digest);
  return hash;
}

Result<PasswordHash> parse_mosquitto(std::string_view text, bool pbkdf2) {
  PasswordHash hash{.kind = pbkdf2 ? PasswordHash::Kind::pbkdf2_sha512 : PasswordHash::Kind::sha512};
  if (pbkdf2) {
    const auto iterations = number(cut(text, '$'), kPbkdf2IterationsMax);
    if (!iterations) return failure("the iterations are no number from 1 to 10000000");
    hash.passes = *iterations;
  }
  auto salt = bytes(cut(text, '$'), 8);
  auto digest = bytes(text, kSha512);
  if (!salt || !digest || digest->size() != kSha512) {
    return failure("salt or hash are not base64 of the right size");
  }
  hash.salt = std::move(*salt);
  hash.hash = std::move(*digest);
  return hash;
}

std::uint8_t* writable(std::string& text) { return reinterpret_cast<std::uint8_t*>(text.data()); }

std::string argon2id(const PasswordHash& cost, std::string_view password, std::size_t size) {
  std::string made(size, '\0');
  const int done = argon2id_hash_raw(cost.passes, cost.memory_kib, cost.lanes, password.data(),
                                     password.size(), cost.salt.data(), cost.salt.size(), made.data(), size);
  // Without the memory for it nobody gets in, and the broker goes on.
  if (done != ARGON2_OK) made.clear();
  return made;
}

std::string make(const PasswordHash& like, std::string_view password) {
  if (like.kind == PasswordHash::Kind::argon2id) return argon2id(like, password, like.hash.size());
  std::string made(kSha512, '\0');
  if (like.kind == PasswordHash::Kind::pbkdf2_sha512) {
    CHECK(PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), as_bytes(like.salt).data(),
                            static_cast<int>(like.salt.size()), static_cast<int>(like.passes), EVP_sha512(),
                            static_cast<int>(made.size()), writable(made)) == 1);
  } else {
    const std::string both = std::string(password) + like.salt;
    CHECK(EVP_Digest(both.data(), both.size(), writable(made), nullptr, EVP_sha512(), nullptr) == 1);
  }
  return made;
}

}  // namespace

Result<PasswordHash> parse_password_hash(std::string_view text) {
  if (!text.starts_with('$')) {
    return failure("this is no hash of a password; make one with 'gaon passwd add'");
  }
  text.remove_prefix(1);
  const std::string_view kind = cut(text, '$');
  if (kind == "argon2id") return parse_argon2id(text);
  if (kind == "7" || kind == "6") return parse_mosquitto(text, kind == "7");
  return failure("the hash is neither argon2id nor one of mosquitto_passwd ($7$, $6$)");
}

bool fits(const PasswordHash& hash, ByteView password) {
  const std::string made = make(hash, as_text(password));
  return made.size() == hash.hash.size() && CRYPTO_memcmp(made.data(), hash.hash.data(), made.size()) == 0;
}

std::string make_password_hash(std::string_view password) {
  PasswordHash hash{.memory_kib = kMemoryKib, .passes = kPasses, .lanes = 1, .salt = random_bytes(kSalt)};
  hash.hash = argon2id(hash, password, kHash);
  CHECK(!hash.hash.empty());
  return "$argon2id$v=19$m=" + std::to_string(hash.memory_kib) + ",t=" + std::to_string(hash.passes) +
         ",p=1$" + unpadded(as_bytes(hash.salt)) + "$" + unpadded(as_bytes(hash.hash));
}

}  // namespace gaon::auth
