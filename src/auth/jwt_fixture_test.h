// Keys and tokens of tests, made with OpenSSL while they run.
#pragma once

#include <openssl/bio.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <memory>
#include <string>

#include "auth/crypto.h"
#include "auth/jwt_keys.h"
#include "base/check.h"

namespace gaon::auth {

inline std::string base64url(std::string_view bytes) {
  std::string text = encode_base64(as_bytes(bytes));
  text.erase(text.find_last_not_of('=') + 1);
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  return text;
}

// A key pair for one of "RSA", "P-256", "P-384", "P-521", "ED25519", "ED448".
class TestKey {
 public:
  explicit TestKey(const std::string& kind) {
    EVP_PKEY* made = kind == "RSA"            ? EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{2048})
                     : kind.starts_with("P-") ? EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", kind.c_str())
                                              : EVP_PKEY_Q_keygen(nullptr, nullptr, kind.c_str());
    CHECK(made != nullptr);
    key_.reset(made);
  }

  std::string pem() const {
    BIO* bio = BIO_new(BIO_s_mem());
    CHECK(PEM_write_bio_PUBKEY(bio, key_.get()) == 1);
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    std::string text(data, static_cast<std::size_t>(size));
    BIO_free(bio);
    return text;
  }

  std::string sign(std::string_view algorithm, std::string_view text) const {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    EVP_PKEY_CTX* details = nullptr;
    const EVP_MD* digest = algorithm.ends_with("256")   ? EVP_sha256()
                           : algorithm.ends_with("384") ? EVP_sha384()
                           : algorithm.ends_with("512") ? EVP_sha512()
                                                        : nullptr;
    CHECK(EVP_DigestSignInit(context, &details, digest, nullptr, key_.get()) == 1);
    if (algorithm.starts_with("PS")) {
      EVP_PKEY_CTX_set_rsa_padding(details, RSA_PKCS1_PSS_PADDING);
      EVP_PKEY_CTX_set_rsa_pss_saltlen(details, RSA_PSS_SALTLEN_DIGEST);
    }
    std::string made(4096, '\0');
    std::size_t size = made.size();
    CHECK(EVP_DigestSign(context, reinterpret_cast<std::uint8_t*>(made.data()), &size, as_bytes(text).data(),
                         text.size()) == 1);
    EVP_MD_CTX_free(context);
    made.resize(size);
    if (!algorithm.starts_with("ES")) return made;
    const std::size_t number = algorithm == "ES256" ? 32 : algorithm == "ES384" ? 48 : 66;
    const std::uint8_t* at = as_bytes(made).data();
    ECDSA_SIG* signature = d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(size));
    std::string raw(2 * number, '\0');
    auto* to = reinterpret_cast<std::uint8_t*>(raw.data());
    BN_bn2binpad(ECDSA_SIG_get0_r(signature), to, static_cast<int>(number));
    BN_bn2binpad(ECDSA_SIG_get0_s(signature), to + number, static_cast<int>(number));
    ECDSA_SIG_free(signature);
    return raw;
  }

  std::string token(std::string_view algorithm, std::string_view claims,
                    std::string_view more_header = "") const {
    const std::string front =
        base64url("{\"alg\":\"" + std::string(algorithm) + "\"" + std::string(more_header) + "}") + "." +
        base64url(claims);
    return front + "." + base64url(sign(algorithm, front));
  }

  const EVP_PKEY* get() const { return key_.get(); }

 private:
  std::unique_ptr<EVP_PKEY, FreeKey> key_;
};

}  // namespace gaon::auth
