// Why TLS with somebody failed, in words for who has to do something about it.
#pragma once

#include <openssl/ssl.h>

#include <cstdint>
#include <string>

namespace gaon::net {

// OpenSSL's callback of verification, which keeps what was turned down for tls_failure().
int keep_turned_down(int good, X509_STORE_CTX* chain);

// By OpenSSL's errors of this thread, which are forgotten; first is the first byte that
// the peer sent.
std::string tls_failure(SSL* ssl, std::uint8_t first);

}  // namespace gaon::net
