// What we want to know of a certificate.
#pragma once

#include <openssl/x509.h>

#include "net/tls_peer.h"

namespace gaon::net {

PeerCertificate certificate_of(X509* certificate);

// False for none.
bool has_expired(const X509* certificate);

}  // namespace gaon::net
