// What we want to know of a certificate.
#pragma once

#include <openssl/x509.h>

#include "base/time.h"
#include "net/tls_peer.h"

namespace gaon::net {

PeerCertificate certificate_of(X509* certificate);

// Why who is connected with it would not be let in by this store any more: its CA is not
// trusted, or it was revoked; null: it would, or a proxy saw it. Dates do not matter: who is
// connected may stay.
const char* objection_to(const PeerCertificate& certificate, X509_STORE* store);

std::string der_of(X509* certificate);

// Its last moment; the beginning of time if it does not say so in a way that can be read.
Time end_of(const X509* certificate);

// False for none.
bool has_expired(const X509* certificate);

}  // namespace gaon::net
