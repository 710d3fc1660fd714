#include "net/tls_failure.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <span>
#include <string_view>

namespace gaon::net {
namespace {

struct Reason {
  long code;
  std::string_view text;
};

// X509_V_ERR_…: what is wrong with the certificate that the peer sent.
constexpr Reason kVerdicts[] = {
    {X509_V_ERR_CERT_HAS_EXPIRED, "its certificate has expired"},
    {X509_V_ERR_CERT_NOT_YET_VALID, "its certificate is not valid yet; are the clocks right?"},
    {X509_V_ERR_CERT_REVOKED, "its certificate was revoked"},
    {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, "its certificate is by a CA that is not trusted here"},
    {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, "its certificate is by a CA that is not trusted here"},
    {X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, "its certificate is by a CA that is not trusted here"},
    {X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, "its certificate is self-signed and not trusted here"},
    {X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, "its certificate is by a CA that is not trusted here"},
    {X509_V_ERR_CERT_CHAIN_TOO_LONG,
     "more CAs than tls.client_chain_max stand between its certificate and the root"},
    {X509_V_ERR_UNABLE_TO_GET_CRL, "tls.crl has no list by the CA of its certificate"},
    {X509_V_ERR_CRL_HAS_EXPIRED, "the list of revoked certificates (tls.crl) is out of date"},
    {X509_V_ERR_CRL_NOT_YET_VALID, "the list of revoked certificates (tls.crl) is not valid yet"},
    {X509_V_ERR_INVALID_PURPOSE, "its certificate is not meant for this side of a connection"},
    {X509_V_ERR_HOSTNAME_MISMATCH, "its certificate is for another host"},
    {X509_V_ERR_IP_ADDRESS_MISMATCH, "its certificate is for another address"},
};

// SSL_R_…: what is wrong with the handshake, seen by us or told by the peer.
constexpr Reason kReasons[] = {
    {SSL_R_UNSUPPORTED_PROTOCOL, "it knows only older versions of TLS than tls.min_version"},
    {SSL_R_VERSION_TOO_LOW, "it knows only older versions of TLS than tls.min_version"},
    {SSL_R_WRONG_VERSION_NUMBER, "what it sends is not TLS"},
    {SSL_R_UNKNOWN_PROTOCOL, "what it sends is not TLS"},
    {SSL_R_DATA_LENGTH_TOO_LONG, "what it sends is broken TLS"},
    {SSL_R_LENGTH_MISMATCH, "what it sends is broken TLS"},
    {SSL_R_UNEXPECTED_MESSAGE, "what it sends is broken TLS"},
    {SSL_R_HTTP_REQUEST, "it speaks HTTP without TLS on a port for TLS"},
    {SSL_R_HTTPS_PROXY_REQUEST, "it speaks HTTP without TLS on a port for TLS"},
    {SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE,
     "it sent no certificate, and tls.client_certificate is \"required\""},
    {SSL_R_NO_APPLICATION_PROTOCOL, "it names protocols (ALPN), but not the one spoken here"},
    {SSL_R_NO_SHARED_CIPHER, "it has no cipher in common with us"},
    {SSL_R_TLSV1_ALERT_INTERNAL_ERROR,
     "it broke off the handshake; often our certificate is not for the name it asked for"},
    {SSL_R_TLSV1_ALERT_PROTOCOL_VERSION, "it accepts none of the versions of TLS spoken here"},
    {SSL_R_TLSV1_ALERT_UNKNOWN_CA, "it does not trust the CA of our certificate"},
    {SSL_R_SSLV3_ALERT_BAD_CERTIFICATE, "it does not accept our certificate"},
    {SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED, "it says that our certificate has expired"},
    {SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED, "it says that our certificate was revoked"},
    {SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN, "it does not accept our certificate"},
    {SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE, "it does not accept the kind of our certificate"},
    {SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE, "it found nothing in common with us"},
    {SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED, "it wants a certificate of us"},
    {SSL_R_UNEXPECTED_EOF_WHILE_READING, "it ended the connection in the middle of the handshake"},
};

std::string_view text_of(std::span<const Reason> reasons, long code) {
  const auto found = std::ranges::find(reasons, code, &Reason::code);
  return found == reasons.end() ? std::string_view{} : found->text;
}

void free_certificate(void*, void* certificate, CRYPTO_EX_DATA*, int, long, void*) {
  X509_free(static_cast<X509*>(certificate));
}

int turned_down_index() {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, free_certificate);
  return index;
}

// " (/O=Plant/CN=pump)" of the certificate that was turned down.
std::string subject_of(const SSL* ssl) {
  const auto* certificate = static_cast<const X509*>(SSL_get_ex_data(ssl, turned_down_index()));
  if (certificate == nullptr) return {};
  char name[256];
  X509_NAME_oneline(X509_get_subject_name(certificate), name, sizeof(name));
  return " (" + std::string(name) + ")";
}

bool is_packet_of_mqtt(std::uint8_t first) { return first == 0x10; }
// GET, POST, PUT, PATCH, HEAD, DELETE, OPTIONS, CONNECT, TRACE.
bool begins_http(std::uint8_t first) {
  return std::string_view("GPHDOCT").find(static_cast<char>(first)) != std::string_view::npos;
}

}  // namespace

int keep_turned_down(int good, X509_STORE_CTX* chain) {
  if (good != 0) return good;
  auto* ssl = static_cast<SSL*>(X509_STORE_CTX_get_ex_data(chain, SSL_get_ex_data_X509_STORE_CTX_idx()));
  X509* certificate = X509_STORE_CTX_get0_cert(chain);
  if (certificate == nullptr || SSL_get_ex_data(ssl, turned_down_index()) != nullptr) return good;
  X509_up_ref(certificate);
  SSL_set_ex_data(ssl, turned_down_index(), certificate);
  return good;
}

std::string tls_failure(SSL* ssl, std::uint8_t first) {
  const unsigned long error = ERR_peek_error();
  const int reason = ERR_GET_REASON(error);
  const char* words = ERR_reason_error_string(error);
  ERR_clear_error();
  std::string text = "TLS failed: ";
  if (SSL_is_init_finished(ssl) == 0 && is_packet_of_mqtt(first)) {
    return text + "it speaks MQTT without TLS on a port for TLS";
  }
  if (SSL_is_init_finished(ssl) == 0 && begins_http(first)) {
    return text + "it speaks HTTP without TLS on a port for TLS";
  }
  if (reason == SSL_R_CERTIFICATE_VERIFY_FAILED) {
    const long verdict = SSL_get_verify_result(ssl);
    const std::string_view known = text_of(kVerdicts, verdict);
    if (!known.empty()) return text + std::string(known) + subject_of(ssl);
    return text + "its certificate was turned down: " + X509_verify_cert_error_string(verdict) +
           subject_of(ssl);
  }
  if (const std::string_view known = text_of(kReasons, reason);
      ERR_GET_LIB(error) == ERR_LIB_SSL && !known.empty()) {
    return text + std::string(known);
  }
  return text + (words != nullptr ? words : "the connection broke");
}

}  // namespace gaon::net
