// Certificates and keys made for a test, in files of its own folder.
#pragma once

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "base/check.h"
#include "net/filter_chain.h"
#include "net/tls_context.h"
#include "net/tls_filter.h"

namespace gaon::net {

struct Subject {
  std::string name;      // CN, and of the files
  std::string alt = {};  // "DNS:localhost,URI:urn:x"
  long from_s = -60;     // relative to now
  long until_s = 3600;
  bool ca = false;
};

// A CA of its own and what it signs.
class TestCa {
 public:
  explicit TestCa(std::string name) : folder_(make_folder(name)), name_(std::move(name)) {
    key_ = make_key();
    certificate_ = sign({.name = name_, .ca = true}, key_, nullptr);
    write(name_, certificate_, key_);
  }
  // One that above has signed: what it issues comes with the certificates up to the root.
  TestCa(std::string name, TestCa& above) : folder_(make_folder(name)), name_(std::move(name)) {
    key_ = make_key();
    certificate_ = above.sign({.name = name_, .ca = true}, key_, above.certificate_);
    chain_.push_back(certificate_);
    chain_.insert(chain_.end(), above.chain_.begin(), above.chain_.end());
    write(name_, certificate_, key_);
  }
  ~TestCa() {
    X509_free(certificate_);
    EVP_PKEY_free(key_);
    std::filesystem::remove_all(folder_);
  }

  std::string ca_file() const { return path(name_ + ".pem"); }

  TlsOptions::Certificate issue(const Subject& subject) {
    EVP_PKEY* key = make_key();
    X509* made = sign(subject, key, certificate_);
    write(subject.name, made, key);
    std::FILE* file = std::fopen(path(subject.name + ".pem").c_str(), "a");
    for (X509* one : chain_) PEM_write_X509(file, one);
    std::fclose(file);
    X509_free(made);
    EVP_PKEY_free(key);
    return {path(subject.name + ".pem"), path(subject.name + ".key")};
  }

  // A CRL that names what was issued under these names.
  std::string revoke(const std::vector<std::string>& names, long until_s = 3600) {
    X509_CRL* crl = X509_CRL_new();
    X509_CRL_set_version(crl, 1);
    X509_CRL_set_issuer_name(crl, X509_get_subject_name(certificate_));
    ASN1_TIME* at = X509_gmtime_adj(nullptr, -30);
    X509_CRL_set1_lastUpdate(crl, at);
    X509_gmtime_adj(at, until_s);
    X509_CRL_set1_nextUpdate(crl, at);
    X509_gmtime_adj(at, -30);
    for (const std::string& name : names) {
      X509_REVOKED* entry = X509_REVOKED_new();
      X509* revoked = read(path(name + ".pem"));
      X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(revoked));
      X509_REVOKED_set_revocationDate(entry, at);
      X509_free(revoked);
      X509_CRL_add0_revoked(crl, entry);
    }
    ASN1_TIME_free(at);
    X509_CRL_sign(crl, key_, EVP_sha256());
    const std::string to = path("revoked.crl");
    std::FILE* file = std::fopen(to.c_str(), "w");
    PEM_write_X509_CRL(file, crl);
    std::fclose(file);
    X509_CRL_free(crl);
    return to;
  }

  // The caller frees it.
  static X509* read(const std::string& file_name) {
    std::FILE* file = std::fopen(file_name.c_str(), "r");
    X509* certificate = PEM_read_X509(file, nullptr, nullptr, nullptr);
    std::fclose(file);
    return certificate;
  }

  std::string path(const std::string& name) const { return folder_ + "/" + name; }

 private:
  static std::string make_folder(const std::string& name) {
    std::string folder = testing::TempDir() + "gaon-" + name + "-XXXXXX";
    CHECK(mkdtemp(folder.data()) != nullptr);
    return folder;
  }
  static EVP_PKEY* make_key() { return EVP_EC_gen("P-256"); }

  // By itself without an issuer.
  X509* sign(const Subject& subject, EVP_PKEY* key, X509* issuer) {
    X509* made = X509_new();
    X509_set_version(made, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(made), ++serial_);
    X509_gmtime_adj(X509_getm_notBefore(made), subject.from_s);
    X509_gmtime_adj(X509_getm_notAfter(made), subject.until_s);
    X509_NAME* name = X509_get_subject_name(made);
    const auto* text = reinterpret_cast<const unsigned char*>(subject.name.c_str());
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, text, -1, -1, 0);
    X509_set_issuer_name(made, issuer != nullptr ? X509_get_subject_name(issuer) : name);
    X509_set_pubkey(made, key);
    if (subject.ca) extend(made, NID_basic_constraints, "critical,CA:TRUE");
    if (!subject.alt.empty()) extend(made, NID_subject_alt_name, subject.alt);
    X509_sign(made, issuer != nullptr ? key_ : key, EVP_sha256());
    return made;
  }

  static void extend(X509* to, int what, const std::string& text) {
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, what, text.c_str());
    CHECK(extension != nullptr);
    X509_add_ext(to, extension, -1);
    X509_EXTENSION_free(extension);
  }

  void write(const std::string& name, X509* certificate, EVP_PKEY* key) const {
    std::FILE* file = std::fopen(path(name + ".pem").c_str(), "w");
    PEM_write_X509(file, certificate);
    std::fclose(file);
    file = std::fopen(path(name + ".key").c_str(), "w");
    PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
    std::fclose(file);
    CHECK(chmod(path(name + ".key").c_str(), 0600) == 0);
  }

  std::string folder_;
  std::string name_;
  EVP_PKEY* key_ = nullptr;
  X509* certificate_ = nullptr;
  std::vector<X509*> chain_;  // from this one to below the root; of this one and those above
  long serial_ = 100;
};

inline std::string told(const std::vector<TlsProblem>& problems) {
  std::string text;
  for (const TlsProblem& problem : problems) {
    if (!text.empty()) text += '\n';
    text += (problem.warning ? "warning: " : "") + std::string(problem.key) + ": " + problem.what;
  }
  return text;
}

inline TlsContext server_context(const TlsOptions& options, std::string_view protocol = "mqtt") {
  std::vector<TlsProblem> problems;
  auto context = TlsContext::server(options, protocol, problems);
  EXPECT_TRUE(context) << told(problems);
  return *context;
}

inline TlsContext client_context(const TlsClientOptions& options, std::string_view protocol = "mqtt") {
  std::vector<TlsProblem> problems;
  auto context = TlsContext::client(options, protocol, problems);
  EXPECT_TRUE(context) << told(problems);
  return *context;
}

}  // namespace gaon::net
