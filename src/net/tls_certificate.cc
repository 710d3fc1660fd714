#include "net/tls_certificate.h"

#include <ctime>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>

#include <memory>
#include <span>
#include <string_view>

namespace gaon::net {
namespace {

// As UTF-8; empty for what cannot be, or holds a zero byte, which others might read as
// its end.
std::string text_of(const ASN1_STRING* string) {
  unsigned char* utf8 = nullptr;
  const int size = ASN1_STRING_to_UTF8(&utf8, string);
  if (size < 0) return {};
  std::string text(reinterpret_cast<char*>(utf8), static_cast<std::size_t>(size));
  OPENSSL_free(utf8);
  return text.find('\0') == std::string::npos ? text : std::string{};
}

// The last one, which is the most particular.
std::string common_name_of(const X509_NAME* name) {
  int at = -1;
  for (int next = -1; (next = X509_NAME_get_index_by_NID(name, NID_commonName, next)) >= 0;) at = next;
  return at < 0 ? std::string{} : text_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
}

std::string subject_of(const X509_NAME* name) {
  std::unique_ptr<BIO, decltype(&BIO_free)> text(BIO_new(BIO_s_mem()), BIO_free);
  X509_NAME_print_ex(text.get(), name, 0,
                     XN_FLAG_RFC2253 & ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB));
  char* data = nullptr;
  const long size = BIO_get_mem_data(text.get(), &data);
  return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string{};
}

void read_names(X509* certificate, PeerCertificate& to) {
  auto* names =
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names, i);
    std::vector<std::string>* list = name->type == GEN_DNS     ? &to.dns_names
                                     : name->type == GEN_URI   ? &to.uris
                                     : name->type == GEN_EMAIL ? &to.emails
                                                               : nullptr;
    if (list == nullptr) continue;
    if (std::string text = text_of(name->d.ia5); !text.empty()) list->push_back(std::move(text));
  }
  GENERAL_NAMES_free(names);
}

std::string fingerprint_of(const X509* certificate) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  if (X509_digest(certificate, EVP_sha256(), digest, &size) != 1) return {};
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (unsigned int i = 0; i < size; ++i) {
    text += kDigits[digest[i] >> 4];
    text += kDigits[digest[i] & 15];
  }
  return text;
}

using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

Certificate from_der(const std::string& der) {
  auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
  return {d2i_X509(nullptr, &bytes, static_cast<long>(der.size())), X509_free};
}

// Of a session that was resumed we do not have what was between it and its CA.
bool is_listed(X509_STORE_CTX* check, X509* certificate) {
  STACK_OF(X509_CRL)* lists = X509_STORE_CTX_get1_crls(check, X509_get_issuer_name(certificate));
  bool listed = false;
  for (int i = 0; i < sk_X509_CRL_num(lists); ++i) {
    X509_REVOKED* entry = nullptr;
    listed = listed || X509_CRL_get0_by_cert(sk_X509_CRL_value(lists, i), &entry, certificate) == 1;
  }
  sk_X509_CRL_pop_free(lists, X509_CRL_free);
  return listed;
}

}  // namespace

std::string der_of(X509* certificate) {
  unsigned char* bytes = nullptr;
  const int size = i2d_X509(certificate, &bytes);
  if (size <= 0) return {};
  std::string der(reinterpret_cast<char*>(bytes), static_cast<std::size_t>(size));
  OPENSSL_free(bytes);
  return der;
}

const char* objection_to(const PeerCertificate& certificate, X509_STORE* store) {
  constexpr const char* kRevoked = "its certificate was revoked";
  if (certificate.chain.empty()) return nullptr;
  const Certificate own = from_der(certificate.chain.front());
  const std::unique_ptr<STACK_OF(X509), void (*)(STACK_OF(X509)*)> between(
      sk_X509_new_null(), [](STACK_OF(X509) * all) { sk_X509_pop_free(all, X509_free); });
  for (const std::string& der : std::span(certificate.chain).subspan(1)) {
    if (Certificate one = from_der(der)) sk_X509_push(between.get(), one.release());
  }
  const std::unique_ptr<X509_STORE_CTX, decltype(&X509_STORE_CTX_free)> check(X509_STORE_CTX_new(),
                                                                              X509_STORE_CTX_free);
  X509_STORE_CTX_init(check.get(), store, own.get(), between.get());
  X509_STORE_CTX_set_purpose(check.get(), X509_PURPOSE_SSL_CLIENT);
  X509_VERIFY_PARAM_set_flags(X509_STORE_CTX_get0_param(check.get()), X509_V_FLAG_NO_CHECK_TIME);
  const bool good = X509_verify_cert(check.get()) == 1;
  const int error = X509_STORE_CTX_get_error(check.get());
  ERR_clear_error();
  if (good) return nullptr;
  if (error == X509_V_ERR_CERT_REVOKED) return kRevoked;
  if (!certificate.resumed) return "its certificate is not trusted any more";
  return is_listed(check.get(), own.get()) ? kRevoked : nullptr;
}

PeerCertificate certificate_of(X509* certificate) {
  const X509_NAME* subject = X509_get_subject_name(certificate);
  PeerCertificate peer;
  peer.common_name = common_name_of(subject);
  peer.subject = subject_of(subject);
  peer.fingerprint = fingerprint_of(certificate);
  read_names(certificate, peer);
  return peer;
}

Time end_of(const X509* certificate) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &parts) != 1) return Time{};
  return Time(seconds(timegm(&parts)));
}

bool has_expired(const X509* certificate) {
  return certificate != nullptr && X509_cmp_current_time(X509_get0_notAfter(certificate)) < 0;
}

}  // namespace gaon::net
