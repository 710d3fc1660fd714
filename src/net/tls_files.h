// Reads certificates, keys and lists of revoked certificates into an SSL_CTX, and tells
// what is wrong with them so that it can be put right.
#pragma once

#include <openssl/ssl.h>

#include <string>
#include <vector>

#include "net/tls_options.h"

namespace gaon::net {

// Each adds its problems; false if one of them is an error.
bool load_certificate(SSL_CTX* context, const TlsOptions::Certificate& files,
                      std::vector<TlsProblem>& problems);
// The CAs that clients' certificates are checked against, and the list that we send them.
bool load_client_ca(SSL_CTX* context, const TlsOptions& options, std::vector<TlsProblem>& problems);
// The CAs that a server's certificate is checked against; the system's without a file.
bool load_trusted(SSL_CTX* context, const std::string& ca_file, std::vector<TlsProblem>& problems);
bool load_revoked(SSL_CTX* context, const std::string& path, std::vector<TlsProblem>& problems);

// The reason of OpenSSL's oldest error of this thread, and forgets all of them.
std::string take_openssl_error();

}  // namespace gaon::net
