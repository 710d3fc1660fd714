// What all TLS connections of a listener have in common: certificates, trust, versions,
// the keys of session tickets. A value that counts references to OpenSSL's object;
// immutable, any thread. To change anything make another one and use it for what comes
// next: connections go on with the one they began with, and tickets of the old one are
// worth nothing with the new.
#pragma once

#include <openssl/ssl.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "net/tls_options.h"
#include "net/tls_peer.h"

namespace gaon::net {

class TlsContext {
 public:
  // For accepting; protocol is what ALPN has to agree on where the client uses it ("mqtt",
  // "http/1.1"). Nothing if one of the problems, which are added, is an error. What may not be
  // read (denied) is taken from before, which was made with the same options, if it is there:
  // then that is a warning. Of a certificate and its key both or none are.
  static std::optional<TlsContext> server(const TlsOptions& options, std::string_view protocol,
                                          std::vector<TlsProblem>& problems,
                                          const TlsContext* before = nullptr);

  // For connecting, the same otherwise.
  static std::optional<TlsContext> client(const TlsClientOptions& options, std::string_view protocol,
                                          std::vector<TlsProblem>& problems);

  TlsContext(const TlsContext& other) : context_(other.context_) { SSL_CTX_up_ref(context_); }
  TlsContext(TlsContext&& other) noexcept : context_(other.context_) { other.context_ = nullptr; }
  TlsContext& operator=(TlsContext other) noexcept {
    std::swap(context_, other.context_);
    return *this;
  }
  ~TlsContext() { SSL_CTX_free(context_); }

  // Why a client that is connected would not be let in with its certificate any more; null:
  // it would. Any thread. Costs as much as the check of a certificate in a handshake.
  const char* objection(const PeerCertificate& certificate) const;

  // When the first of a server's certificates expires.
  Time ends() const;

  SSL_CTX* get() const { return context_; }

 private:
  explicit TlsContext(SSL_CTX* owned) : context_(owned) {}

  SSL_CTX* context_;
};

}  // namespace gaon::net
