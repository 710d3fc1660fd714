// Public keys that tokens are checked with, from PEM (public keys and certificates), a JWK
// or a JWKS (RFC 7517). A key belongs to one family of algorithms, so that a token cannot
// choose what its key is taken for.
//
//   RSA, 2048 bits and more   RS256 RS384 RS512 PS256 PS384 PS512
//   P-256, P-384, P-521       ES256, ES384, ES512
//   Ed25519, Ed448            EdDSA
//
// Immutable once read; any thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

struct evp_pkey_st;

namespace gaon::auth {

struct FreeKey {
  void operator()(evp_pkey_st* key) const;
};

struct JwtKey {
  std::unique_ptr<evp_pkey_st, FreeKey> key;
  std::string id;         // "kid"; empty: none
  std::string algorithm;  // "alg"; empty: any that fits

  // Whether algorithm is one for this key.
  bool takes(std::string_view algorithm) const;
  // signed_by_it is what the signature is of.
  bool verifies(std::string_view algorithm, ByteView signed_by_it, ByteView signature) const;
};

class JwtKeys {
 public:
  static constexpr std::size_t kTextMax = 1 << 20;
  static constexpr std::size_t kKeysMax = 256;

  // Of a JWKS, keys for something else are passed over. No key at all is an error.
  static Result<JwtKeys> read(std::string_view text);

  const std::vector<JwtKey>& keys() const { return keys_; }
  bool has(std::string_view id) const;

 private:
  std::vector<JwtKey> keys_;
};

}  // namespace gaon::auth
