// What TLS tells about the other end of a connection, as text and lists that outlive it.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace gaon::net {

// A certificate whose chain was verified up to a CA that we trust.
struct PeerCertificate {
  std::string common_name;             // empty if it has none
  std::string subject;                 // RFC 2253: "CN=pump,O=Plant"
  std::vector<std::string> dns_names;  // subject alternative names, in its order
  std::vector<std::string> uris;
  std::vector<std::string> emails;
  std::string fingerprint;  // SHA-256 of the certificate, 64 lower-case hex digits; empty if a proxy saw it
  // DER: its own, then what came with it; of a session that was resumed only its own. Empty
  // if a proxy saw it.
  std::vector<std::string> chain;
  bool resumed = false;
};

struct TlsPeer {
  std::string protocol;     // "TLSv1.3"
  std::string cipher;       // "TLS_AES_256_GCM_SHA384"
  std::string server_name;  // SNI; empty if it named none
  std::optional<PeerCertificate> certificate;
};

}  // namespace gaon::net
