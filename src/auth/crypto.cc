#include "auth/crypto.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <limits>

#include "base/check.h"

namespace gaon::auth {
namespace {

constexpr std::size_t kTextMax = std::numeric_limits<int>::max() / 2;

int length(std::size_t size) {
  CHECK(size <= kTextMax);
  return static_cast<int>(size);
}

std::uint8_t* writable(std::string& text) { return reinterpret_cast<std::uint8_t*>(text.data()); }

}  // namespace

Digest sha256(ByteView bytes) {
  Digest digest;
  CHECK(EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, EVP_sha256(), nullptr) == 1);
  return digest;
}

Digest hmac_sha256(ByteView key, std::string_view text) {
  Digest digest;
  const ByteView bytes = as_bytes(text);
  CHECK(HMAC(EVP_sha256(), key.data(), length(key.size()), bytes.data(), bytes.size(), digest.data(),
             nullptr) != nullptr);
  return digest;
}

Digest stretch(std::string_view password, std::string_view salt, std::uint32_t iterations) {
  Digest digest;
  CHECK(PKCS5_PBKDF2_HMAC(password.data(), length(password.size()), as_bytes(salt).data(),
                          length(salt.size()), length(iterations), EVP_sha256(), length(digest.size()),
                          digest.data()) == 1);
  return digest;
}

bool equal(const Digest& a, const Digest& b) { return CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0; }

std::string random_bytes(std::size_t count) {
  std::string bytes(count, '\0');
  CHECK(RAND_bytes(writable(bytes), length(count)) == 1);
  return bytes;
}

std::string encode_base64(ByteView bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');  // with the zero that it writes
  text.resize(static_cast<std::size_t>(EVP_EncodeBlock(writable(text), bytes.data(), length(bytes.size()))));
  return text;
}

std::optional<std::string> decode_base64(std::string_view text) {
  if (text.size() % 4 != 0 || text.size() > kTextMax) return std::nullopt;
  std::string bytes(text.size() / 4 * 3, '\0');
  if (EVP_DecodeBlock(writable(bytes), as_bytes(text).data(), length(text.size())) < 0) return std::nullopt;
  if (text.ends_with("==")) {
    bytes.resize(bytes.size() - 2);
  } else if (text.ends_with('=')) {
    bytes.resize(bytes.size() - 1);
  }
  // OpenSSL forgives spaces, misplaced padding and bits that count for nothing.
  if (encode_base64(as_bytes(bytes)) != text) return std::nullopt;
  return bytes;
}

}  // namespace gaon::auth
