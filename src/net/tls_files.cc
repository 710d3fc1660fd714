#include "net/tls_files.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <memory>

#include "net/system_error.h"

namespace gaon::net {
namespace {

constexpr std::string_view kCertificate = "tls.certificate_file";
constexpr std::string_view kKey = "tls.key_file";
constexpr std::string_view kCa = "tls.client_ca_file";
constexpr std::string_view kCrl = "tls.crl";

bool wrong(std::vector<TlsProblem>& problems, std::string_view key, std::string what, std::string fix) {
  problems.push_back({.key = key, .what = std::move(what), .fix = std::move(fix)});
  return false;
}

bool readable(const std::string& path, std::string_view key, std::vector<TlsProblem>& problems) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0 || ::access(path.c_str(), R_OK) != 0) {
    const int error = errno;
    wrong(problems, key, "\"" + path + "\" cannot be read: " + system_error(error),
          error == ENOENT ? "name a PEM file" : "let the broker's user read it");
    problems.back().denied = error == EACCES;
    return false;
  }
  if (S_ISDIR(status.st_mode)) {
    return wrong(problems, key, "\"" + path + "\" is a directory", "name a PEM file");
  }
  if (key == kCrl && !S_ISREG(status.st_mode)) {
    return wrong(problems, key, "\"" + path + "\" is neither a file nor a folder", "name a PEM file");
  }
  return true;
}

std::string time_text(const ASN1_TIME* time) {
  std::unique_ptr<BIO, decltype(&BIO_free)> text(BIO_new(BIO_s_mem()), BIO_free);
  ASN1_TIME_print(text.get(), time);
  char* data = nullptr;
  const long size = BIO_get_mem_data(text.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

// Its owner is warned from so long before its end; of one that lives shortly, in the last third.
constexpr std::int64_t kSoonS = 14 * 86'400;

std::int64_t seconds_between(const ASN1_TIME* from, const ASN1_TIME* to) {
  int days = 0;
  int rest = 0;
  return ASN1_TIME_diff(&days, &rest, from, to) == 1 ? days * 86'400LL + rest : 0;
}

bool ends_soon(const X509* certificate) {
  const ASN1_TIME* end = X509_get0_notAfter(certificate);
  const std::int64_t whole_s = seconds_between(X509_get0_notBefore(certificate), end);
  return seconds_between(nullptr, end) < std::min(kSoonS, whole_s / 3);
}

// Clients refuse such a certificate, but those that do not look go on.
void check_dates(X509* certificate, const std::string& path, std::vector<TlsProblem>& problems) {
  const auto warn = [&](std::string what, std::string fix) {
    problems.push_back(
        {.key = kCertificate, .what = std::move(what), .fix = std::move(fix), .warning = true});
  };
  if (X509_cmp_current_time(X509_get0_notAfter(certificate)) < 0) {
    warn("the certificate in \"" + path + "\" has expired on " + time_text(X509_get0_notAfter(certificate)),
         "get a new one");
  } else if (X509_cmp_current_time(X509_get0_notBefore(certificate)) > 0) {
    warn("the certificate in \"" + path + "\" is valid only from " +
             time_text(X509_get0_notBefore(certificate)),
         "is the clock right?");
  } else if (ends_soon(certificate)) {
    warn("the certificate in \"" + path + "\" expires on " + time_text(X509_get0_notAfter(certificate)),
         "renew it: it is taken over without a restart");
  }
}

// For keys with a password: we cannot ask for it, and OpenSSL must not do so either.
int no_password(char*, int, int, void*) { return 0; }

void check_permissions(const std::string& path, std::vector<TlsProblem>& problems) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0 || (status.st_mode & (S_IROTH | S_IWOTH | S_IWGRP)) == 0) return;
  problems.push_back({.key = kKey,
                      .what = "others can read or change \"" + path + "\"",
                      .fix = "chmod 600 it",
                      .warning = true});
}

bool add_revoked(X509_STORE* store, const std::string& path, std::vector<TlsProblem>& problems) {
  if (!readable(path, kCrl, problems)) return false;
  std::unique_ptr<BIO, decltype(&BIO_free)> file(BIO_new_file(path.c_str(), "r"), BIO_free);
  int count = 0;
  while (file) {
    std::unique_ptr<X509_CRL, decltype(&X509_CRL_free)> crl(
        PEM_read_bio_X509_CRL(file.get(), nullptr, no_password, nullptr), X509_CRL_free);
    if (!crl) break;
    if (X509_cmp_current_time(X509_CRL_get0_nextUpdate(crl.get())) < 0) {
      problems.push_back({.key = kCrl,
                          .what = "\"" + path + "\" should have been replaced on " +
                                  time_text(X509_CRL_get0_nextUpdate(crl.get())) +
                                  ": no client certificate of its CA is accepted",
                          .fix = "get a new one",
                          .warning = true});
    }
    X509_STORE_add_crl(store, crl.get());
    ++count;
  }
  ERR_clear_error();
  if (count > 0) return true;
  return wrong(problems, kCrl, "\"" + path + "\" holds no list of revoked certificates",
               "name a PEM file with -----BEGIN X509 CRL-----");
}

}  // namespace

std::string take_openssl_error() {
  const unsigned long error = ERR_get_error();
  ERR_clear_error();
  const char* reason = ERR_reason_error_string(error);
  return reason != nullptr ? reason : "OpenSSL error " + std::to_string(error);
}

bool load_certificate(SSL_CTX* context, const TlsOptions::Certificate& files,
                      std::vector<TlsProblem>& problems) {
  if (files.certificate_file.empty()) {
    return wrong(problems, kCertificate, "TLS needs a certificate", "name a PEM file");
  }
  if (!readable(files.certificate_file, kCertificate, problems)) return false;
  ERR_clear_error();
  if (SSL_CTX_use_certificate_chain_file(context, files.certificate_file.c_str()) != 1) {
    return wrong(
        problems, kCertificate,
        "\"" + files.certificate_file + "\" holds no certificate that can be used: " + take_openssl_error(),
        "name a PEM file with -----BEGIN CERTIFICATE-----");
  }
  check_dates(SSL_CTX_get0_certificate(context), files.certificate_file, problems);

  const std::string& key_file = files.key_file.empty() ? files.certificate_file : files.key_file;
  if (!readable(key_file, kKey, problems)) return false;
  check_permissions(key_file, problems);
  SSL_CTX_set_default_passwd_cb(context, no_password);
  if (SSL_CTX_use_PrivateKey_file(context, key_file.c_str(), SSL_FILETYPE_PEM) == 1) return true;
  const unsigned long error = ERR_peek_error();
  if (ERR_GET_LIB(error) == ERR_LIB_X509 && ERR_GET_REASON(error) == X509_R_KEY_VALUES_MISMATCH) {
    ERR_clear_error();
    return wrong(problems, kKey,
                 "the key in \"" + key_file + "\" does not belong to the certificate in \"" +
                     files.certificate_file + "\"",
                 "name the key that the certificate was made for");
  }
  return wrong(problems, kKey, "\"" + key_file + "\" holds no key that can be used: " + take_openssl_error(),
               "name a PEM file with -----BEGIN PRIVATE KEY-----, without a password");
}

bool load_client_ca(SSL_CTX* context, const TlsOptions& options, std::vector<TlsProblem>& problems) {
  if (options.client_ca_file.empty()) {
    return wrong(problems, kCa, "client certificates need a CA that they are checked against",
                 "name the PEM file of the CA that signs them");
  }
  if (!readable(options.client_ca_file, kCa, problems)) return false;
  ERR_clear_error();
  STACK_OF(X509_NAME)* names = SSL_load_client_CA_file(options.client_ca_file.c_str());
  if (names == nullptr || SSL_CTX_load_verify_file(context, options.client_ca_file.c_str()) != 1) {
    sk_X509_NAME_pop_free(names, X509_NAME_free);
    return wrong(problems, kCa,
                 "\"" + options.client_ca_file + "\" holds no certificate of a CA: " + take_openssl_error(),
                 "name a PEM file with -----BEGIN CERTIFICATE-----");
  }
  SSL_CTX_set_client_CA_list(context, names);
  return true;
}

bool load_trusted(SSL_CTX* context, const std::string& ca_file, std::vector<TlsProblem>& problems) {
  if (ca_file.empty()) {
    SSL_CTX_set_default_verify_paths(context);
    return true;
  }
  if (!readable(ca_file, "ca_file", problems)) return false;
  ERR_clear_error();
  if (SSL_CTX_load_verify_file(context, ca_file.c_str()) == 1) return true;
  return wrong(problems, "ca_file",
               "\"" + ca_file + "\" holds no certificate of a CA: " + take_openssl_error(),
               "name a PEM file with -----BEGIN CERTIFICATE-----");
}

bool load_revoked(SSL_CTX* context, const std::string& path, std::vector<TlsProblem>& problems) {
  X509_STORE* store = SSL_CTX_get_cert_store(context);
  X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK);
  std::error_code error;
  if (!std::filesystem::is_directory(path, error)) return add_revoked(store, path, problems);
  bool good = true;
  bool found = false;
  for (const auto& entry : std::filesystem::directory_iterator(path, error)) {
    const auto extension = entry.path().extension();
    std::error_code ignored;
    // What is no file, like a pipe, may never end.
    if ((extension != ".pem" && extension != ".crl") || !entry.is_regular_file(ignored)) continue;
    found = true;
    good = add_revoked(store, entry.path().string(), problems) && good;
  }
  if (error) return wrong(problems, kCrl, "\"" + path + "\" cannot be read: " + error.message(), "");
  if (!found) {
    problems.push_back(
        {.key = kCrl,
         .what = "\"" + path + "\" holds no list (*.pem, *.crl): nobody gets in with a certificate",
         .fix = "put the list of the CA there, also if it has revoked nothing",
         .warning = true});
  }
  return good;
}

}  // namespace gaon::net
