// How a listener does TLS: plain values, as the configuration gives them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gaon::net {

enum class TlsVersion : std::uint8_t { tls12, tls13 };
enum class ClientCertificate : std::uint8_t { none, optional, required };

struct TlsOptions {
  struct Certificate {
    std::string certificate_file;  // PEM: ours, then those between it and the root
    std::string key_file;          // PEM, without a password; empty: in certificate_file
    bool operator==(const Certificate&) const = default;
  };
  Certificate certificate;
  // For clients that ask for a name (SNI) which stands in one of these.
  std::vector<Certificate> other_certificates;
  TlsVersion min_version = TlsVersion::tls13;
  ClientCertificate client_certificate = ClientCertificate::none;
  std::string client_ca_file;         // PEM: who may have signed it
  std::uint8_t client_chain_max = 4;  // CAs between a client's certificate and its root
  std::string crl;                    // PEM: revoked certificates; a file or a folder of them; empty: none

  bool operator==(const TlsOptions&) const = default;
};

// How a client does TLS.
struct TlsClientOptions {
  std::string ca_file;                  // PEM: whom we believe; empty: whom the system believes
  TlsOptions::Certificate certificate;  // ours, if we need one
  bool insecure = false;                // believe everybody
  TlsVersion min_version = TlsVersion::tls12;
};

// What is wrong with them or with the files they name.
struct TlsProblem {
  std::string_view key;  // "tls.key_file"
  std::string what;
  std::string fix;
  bool warning = false;
  bool denied = false;          // the file is there, but not for us
  std::size_t certificate = 0;  // which it is about; 1 and more: of other_certificates
};

}  // namespace gaon::net
