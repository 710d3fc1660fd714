// What is known of a client before and beside its CONNECT. Plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gaon::auth {

// A client's certificate, verified up to a CA that its listener trusts.
struct Certificate {
  std::string common_name;             // empty if it has none
  std::string subject;                 // RFC 2253: "CN=pump,O=Plant"; empty if a proxy saw it
  std::vector<std::string> dns_names;  // subject alternative names, in its order
  std::vector<std::string> uris;
  std::vector<std::string> emails;
  std::string fingerprint;  // SHA-256, 64 lower-case hex digits; empty if a proxy saw it
};

// What of a certificate names its client.
enum class CertificateName : std::uint8_t { common_name, subject, dns, uri, email, fingerprint };

// Of several alternative names the first. Nothing if it has none. The view is of certificate.
std::optional<std::string_view> name_of(const Certificate& certificate, CertificateName name);

struct Peer {
  std::string address;      // "192.0.2.1:4711"; of the client, not of a proxy that is trusted
  bool encrypted = false;   // by TLS, here or at that proxy
  std::string server_name;  // that it asked for (SNI); empty if none
  std::optional<Certificate> certificate;
};

}  // namespace gaon::auth
