#include "auth/jwt_keys.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <algorithm>
#include <optional>

#include "auth/json.h"

namespace gaon::auth {
namespace {

template <auto kFree>
struct Free {
  void operator()(auto* what) const { kFree(what); }
};
using Number = std::unique_ptr<BIGNUM, Free<BN_free>>;
using Builder = std::unique_ptr<OSSL_PARAM_BLD, Free<OSSL_PARAM_BLD_free>>;
using Params = std::unique_ptr<OSSL_PARAM, Free<OSSL_PARAM_free>>;
using Context = std::unique_ptr<EVP_PKEY_CTX, Free<EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Free<EVP_MD_CTX_free>>;
using Certificate = std::unique_ptr<X509, Free<X509_free>>;
using Bio = std::unique_ptr<BIO, Free<BIO_free>>;
using Signature = std::unique_ptr<ECDSA_SIG, Free<ECDSA_SIG_free>>;
using Key = std::unique_ptr<EVP_PKEY, FreeKey>;

constexpr int kRsaBitsMin = 2048;
constexpr int kRsaBitsMax = 16'384;

struct Curve {
  std::string_view algorithm;
  std::string_view jwk;  // "crv"
  const char* name;      // of OpenSSL
  std::size_t number;    // bytes of a coordinate
};
constexpr Curve kCurves[] = {{"ES256", "P-256", "prime256v1", 32},
                             {"ES384", "P-384", "secp384r1", 48},
                             {"ES512", "P-521", "secp521r1", 66}};

Number number_of(std::string_view bytes) {
  return Number(BN_bin2bn(as_bytes(bytes).data(), static_cast<int>(bytes.size()), nullptr));
}

Key key_from(const char* type, OSSL_PARAM_BLD* builder) {
  const Params params(OSSL_PARAM_BLD_to_param(builder));
  const Context context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* key = nullptr;
  if (!params || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params.get()) != 1) {
    return {};
  }
  Key made(key);
  const Context check(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
  if (!check || EVP_PKEY_public_check_quick(check.get()) != 1) return {};
  return made;
}

std::optional<std::string> bytes_of(const nlohmann::json& jwk, const char* name) {
  const auto text = text_of(jwk, name);
  return text ? decode_base64url(*text) : std::nullopt;
}

Key rsa_key(const nlohmann::json& jwk) {
  const auto n = bytes_of(jwk, "n");
  const auto e = bytes_of(jwk, "e");
  if (!n || !e || n->size() > kRsaBitsMax / 8 || e->size() > 8) return {};
  const Number modulus = number_of(*n);
  const Number exponent = number_of(*e);
  const Builder builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get());
  return key_from("RSA", builder.get());
}

Key ec_key(const nlohmann::json& jwk) {
  const auto name = text_of(jwk, "crv");
  const auto curve = std::ranges::find(kCurves, name.value_or(""), &Curve::jwk);
  const auto x = bytes_of(jwk, "x");
  const auto y = bytes_of(jwk, "y");
  if (curve == std::end(kCurves) || !x || !y || x->size() != curve->number || y->size() != curve->number) {
    return {};
  }
  const std::string point = '\x04' + *x + *y;
  const Builder builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, curve->name, 0);
  OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size());
  return key_from("EC", builder.get());
}

Key edwards_key(const nlohmann::json& jwk) {
  const std::string curve = text_of(jwk, "crv").value_or("");
  const int type = curve == "Ed25519" ? EVP_PKEY_ED25519 : curve == "Ed448" ? EVP_PKEY_ED448 : 0;
  const auto x = bytes_of(jwk, "x");
  if (type == 0 || !x) return {};
  return Key(EVP_PKEY_new_raw_public_key(type, nullptr, as_bytes(*x).data(), x->size()));
}

Key key_of(const nlohmann::json& jwk) {
  if (!jwk.is_object()) return {};
  if (text_of(jwk, "use").value_or("sig") != "sig") return {};
  const std::string type = text_of(jwk, "kty").value_or("");
  if (type == "RSA") return rsa_key(jwk);
  if (type == "EC") return ec_key(jwk);
  if (type == "OKP") return edwards_key(jwk);
  return {};
}

const Curve* curve_of(const EVP_PKEY* key) {
  char name[64] = {};
  std::size_t size = 0;
  if (EVP_PKEY_get_group_name(key, name, sizeof name, &size) != 1) return nullptr;
  const auto curve = std::ranges::find(kCurves, std::string_view(name, size),
                                       [](const Curve& one) { return std::string_view(one.name); });
  return curve == std::end(kCurves) ? nullptr : curve;
}

// A key that takes no algorithm is none.
bool is_usable(const EVP_PKEY* key) {
  switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_RSA:
      return EVP_PKEY_get_bits(key) >= kRsaBitsMin && EVP_PKEY_get_bits(key) <= kRsaBitsMax;
    case EVP_PKEY_EC:
      return curve_of(key) != nullptr;
    case EVP_PKEY_ED25519:
    case EVP_PKEY_ED448:
      return true;
    default:
      return false;
  }
}

const EVP_MD* digest_of(std::string_view algorithm) {
  if (algorithm.ends_with("256")) return EVP_sha256();
  if (algorithm.ends_with("384")) return EVP_sha384();
  return algorithm.ends_with("512") ? EVP_sha512() : nullptr;
}

// A token has r and s side by side, OpenSSL wants them in ASN.1.
std::optional<std::string> in_asn1(ByteView raw, std::size_t number) {
  if (raw.size() != 2 * number) return std::nullopt;
  const Signature signature(ECDSA_SIG_new());
  Number r(BN_bin2bn(raw.data(), static_cast<int>(number), nullptr));
  Number s(BN_bin2bn(raw.data() + number, static_cast<int>(number), nullptr));
  if (!signature || ECDSA_SIG_set0(signature.get(), r.get(), s.get()) != 1) return std::nullopt;
  static_cast<void>(r.release()), static_cast<void>(s.release());
  std::uint8_t* der = nullptr;
  const int size = i2d_ECDSA_SIG(signature.get(), &der);
  if (size <= 0) return std::nullopt;
  std::string bytes(as_text({der, static_cast<std::size_t>(size)}));
  OPENSSL_free(der);
  return bytes;
}

Result<std::vector<JwtKey>> read_json(std::string_view text) {
  const auto json = parse_json(text, JwtKeys::kTextMax);
  if (!json || !json->is_object()) return failure("this is no JSON object, or not a strict one");
  const auto list = json->find("keys");
  const nlohmann::json one = nlohmann::json::array({*json});
  const nlohmann::json& all = list == json->end() ? one : *list;
  if (!all.is_array()) return failure("\"keys\" is no list");
  std::vector<JwtKey> keys;
  for (const nlohmann::json& jwk : all) {
    Key key = key_of(jwk);
    if (!key || !is_usable(key.get())) continue;
    if (keys.size() == JwtKeys::kKeysMax) return failure("there are more than 256 keys");
    keys.push_back({.key = std::move(key),
                    .id = text_of(jwk, "kid").value_or(""),
                    .algorithm = text_of(jwk, "alg").value_or("")});
  }
  return keys;
}

Result<std::vector<JwtKey>> read_pem(std::string_view text) {
  std::vector<JwtKey> keys;
  const Bio bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  for (;;) {
    char* name = nullptr;
    char* header = nullptr;
    std::uint8_t* data = nullptr;
    long size = 0;
    if (PEM_read_bio(bio.get(), &name, &header, &data, &size) != 1) break;
    const std::string kind(name);
    const std::string body(as_text({data, static_cast<std::size_t>(size)}));
    OPENSSL_free(name), OPENSSL_free(header), OPENSSL_clear_free(data, static_cast<std::size_t>(size));
    const std::uint8_t* at = as_bytes(body).data();
    if (kind.ends_with("PRIVATE KEY"))
      return failure("there is a private key; tokens are checked with public ones");
    Key key;
    if (kind == "CERTIFICATE") {
      const Certificate certificate(d2i_X509(nullptr, &at, size));
      if (certificate) key.reset(X509_get_pubkey(certificate.get()));
    } else if (kind == "PUBLIC KEY") {
      key.reset(d2i_PUBKEY(nullptr, &at, size));
    } else if (kind == "RSA PUBLIC KEY") {
      key.reset(d2i_PublicKey(EVP_PKEY_RSA, nullptr, &at, size));
    }
    if (!key || !is_usable(key.get())) {
      return failure("the " + kind +
                     " is no key for tokens: RSA of 2048 bits, P-256, P-384, P-521, Ed25519, Ed448");
    }
    if (keys.size() == JwtKeys::kKeysMax) return failure("there are more than 256 keys");
    keys.push_back({.key = std::move(key), .id = {}, .algorithm = {}});
  }
  ERR_clear_error();
  return keys;
}

}  // namespace

void FreeKey::operator()(evp_pkey_st* key) const { EVP_PKEY_free(key); }

bool JwtKey::takes(std::string_view wanted) const {
  if (!algorithm.empty() && wanted != algorithm) return false;
  switch (EVP_PKEY_get_base_id(key.get())) {
    case EVP_PKEY_RSA:
      return (wanted.starts_with("RS") || wanted.starts_with("PS")) && wanted.size() == 5 &&
             digest_of(wanted) != nullptr;
    case EVP_PKEY_EC:
      return curve_of(key.get())->algorithm == wanted;
    default:
      return wanted == "EdDSA";
  }
}

bool JwtKey::verifies(std::string_view by, ByteView signed_by_it, ByteView signature) const {
  const DigestContext context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* details = nullptr;
  std::optional<std::string> der;
  if (by.starts_with("ES")) {
    der = in_asn1(signature, curve_of(key.get())->number);
    if (!der) return false;
    signature = as_bytes(*der);
  }
  const EVP_MD* digest = by == "EdDSA" ? nullptr : digest_of(by);
  bool good = context && EVP_DigestVerifyInit(context.get(), &details, digest, nullptr, key.get()) == 1;
  if (by.starts_with("PS")) {
    good = good && EVP_PKEY_CTX_set_rsa_padding(details, RSA_PKCS1_PSS_PADDING) == 1 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(details, RSA_PSS_SALTLEN_DIGEST) == 1;
  }
  good = good && EVP_DigestVerify(context.get(), signature.data(), signature.size(), signed_by_it.data(),
                                  signed_by_it.size()) == 1;
  ERR_clear_error();
  return good;
}

Result<JwtKeys> JwtKeys::read(std::string_view text) {
  if (text.size() > kTextMax) return failure("larger than 1 MiB");
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  const bool is_json = first != std::string_view::npos && text[first] == '{';
  JwtKeys keys;
  TRY_SET(keys.keys_, is_json ? read_json(text) : read_pem(text));
  if (keys.keys_.empty()) return failure("there is no public key for tokens in it, neither PEM nor JWK");
  return keys;
}

bool JwtKeys::has(std::string_view id) const {
  return std::ranges::any_of(keys_, [id](const JwtKey& key) { return key.id == id; });
}

}  // namespace gaon::auth
