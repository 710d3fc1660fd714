#include "app/device_ca.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <sstream>

#include "app/replaced_file.h"
#include "base/check.h"
#include "net/system_error.h"

namespace gaon::app {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kDay = 86'400;
// Clocks of devices are not the best.
constexpr std::int64_t kBefore = 3600;
// It lies beside the broker, so it need not be young; one that runs out locks everybody out.
constexpr std::int64_t kCrlDays = 3650;

bool is_name(const std::string& name) {
  const auto fits = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
           c == '-' || c == '_';
  };
  return !name.empty() && name.size() <= 64 && name.front() != '.' && std::ranges::all_of(name, fits);
}

// Why a name cannot be one; empty if it can.
std::string objection_to(const std::string& name) {
  if (is_name(name)) return {};
  return "the name \"" + name +
         "\" is not 1 to 64 letters, digits, '.', '-' and '_', of which '.' is not the first";
}

// What OpenSSL writes as PEM.
template <class Write>
std::string pem(Write&& write) {
  std::unique_ptr<BIO, decltype(&BIO_free)> memory(BIO_new(BIO_s_mem()), BIO_free);
  CHECK(write(memory.get()) == 1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

std::string pem_of(X509* certificate) {
  return pem([&](BIO* to) { return PEM_write_bio_X509(to, certificate); });
}
std::string pem_of(EVP_PKEY* key) {
  return pem(
      [&](BIO* to) { return PEM_write_bio_PrivateKey(to, key, nullptr, nullptr, 0, nullptr, nullptr); });
}

void extend(X509* to, X509* issuer, int what, const std::string& text) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, to, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, what, text.c_str());
  CHECK(extension != nullptr);
  X509_add_ext(to, extension, -1);
  X509_EXTENSION_free(extension);
}

// "IP:…" or "DNS:…"; empty for what is neither.
std::string alternative_name(const std::string& host) {
  if (ASN1_OCTET_STRING* address = a2i_IPADDRESS(host.c_str())) {
    ASN1_OCTET_STRING_free(address);
    return "IP:" + host;
  }
  const std::string plain = host.starts_with("*.") ? host.substr(2) : host;
  return is_name(plain) ? "DNS:" + host : std::string{};
}

std::string serial_of(const X509* certificate) {
  BIGNUM* number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), nullptr);
  char* hex = BN_bn2hex(number);
  std::string text = hex;
  OPENSSL_free(hex);
  BN_free(number);
  return text;
}

}  // namespace

DeviceCa::Certificate DeviceCa::make(const std::string& name, EVP_PKEY* key, std::int64_t from_s,
                                     std::int64_t days) {
  Certificate made(X509_new());
  CHECK(made && X509_set_version(made.get(), 2) == 1);
  std::array<unsigned char, 16> serial{};
  CHECK(RAND_bytes(serial.data(), static_cast<int>(serial.size())) == 1);
  serial[0] = static_cast<unsigned char>((serial[0] & 0x3F) | 0x40);  // positive, and of one length
  BIGNUM* number = BN_bin2bn(serial.data(), static_cast<int>(serial.size()), nullptr);
  BN_to_ASN1_INTEGER(number, X509_get_serialNumber(made.get()));
  BN_free(number);
  ASN1_TIME_set(X509_getm_notBefore(made.get()), from_s - kBefore);
  ASN1_TIME_set(X509_getm_notAfter(made.get()), from_s + days * kDay);
  const auto* text = reinterpret_cast<const unsigned char*>(name.c_str());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_UTF8, text, -1, -1, 0);
  X509_set_pubkey(made.get(), key);
  return made;
}

Result<void> DeviceCa::init(const fs::path& directory, const std::string& name, std::int64_t days,
                            std::int64_t now_s) {
  if (std::string why = objection_to(name); !why.empty()) return failure(std::move(why));
  std::error_code error;
  fs::create_directories(directory, error);
  if (error) return failure("cannot make " + directory.string() + ": " + error.message());
  TRY_SET(const FileLock lock, FileLock::take(directory / "lock"));
  if (fs::exists(directory / "ca.key", error)) {
    return failure(directory.string() + " has a CA already: take another directory");
  }
  DeviceCa ca;
  ca.directory_ = directory;
  ca.key_.reset(EVP_EC_gen("P-256"));
  ca.certificate_ = make(name, ca.key_.get(), now_s, days);
  X509* made = ca.certificate_.get();
  X509_set_issuer_name(made, X509_get_subject_name(made));
  extend(made, made, NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
  extend(made, made, NID_key_usage, "critical,keyCertSign,cRLSign");
  extend(made, made, NID_subject_key_identifier, "hash");
  CHECK(X509_sign(made, ca.key_.get(), EVP_sha256()) > 0);
  TRY(replace_file(directory / "ca.key", pem_of(ca.key_.get()), 0600));
  TRY(replace_file(directory / "ca.pem", pem_of(made), 0644));
  return ca.save(now_s);
}

Result<DeviceCa> DeviceCa::open(const fs::path& directory) {
  DeviceCa ca;
  ca.directory_ = directory;
  const auto read = [&](const char* name, auto&& parse) -> bool {
    std::unique_ptr<BIO, decltype(&BIO_free)> file(BIO_new_file((directory / name).c_str(), "r"), BIO_free);
    return file && parse(file.get());
  };
  const bool found = read("ca.pem",
                          [&](BIO* from) {
                            ca.certificate_.reset(PEM_read_bio_X509(from, nullptr, nullptr, nullptr));
                            return ca.certificate_ != nullptr;
                          }) &&
                     read("ca.key", [&](BIO* from) {
                       ca.key_.reset(PEM_read_bio_PrivateKey(from, nullptr, nullptr, nullptr));
                       return ca.key_ != nullptr;
                     });
  if (!found) return failure("there is no CA in " + directory.string() + ": make one with 'gaon ca init'");
  TRY_SET(ca.lock_, FileLock::take(directory / "lock"));
  const std::string name = (directory / "issued").string();
  errno = 0;
  std::ifstream list(name);
  // Taken for empty it would let in everybody that was revoked.
  if (!list.is_open()) {
    return failure(name + " cannot be read: " + net::system_error(errno) +
                   "; it says what was issued and what is revoked: bring it back from a backup, or make it "
                   "empty if nothing was issued yet");
  }
  for (std::string line; std::getline(list, line);) {
    std::istringstream fields(line);
    Issued one;
    fields >> one.serial >> one.name >> one.until_s >> one.revoked_s;
    if (!fields) return failure(name + " has a line that is no certificate: " + line);
    ca.issued_.push_back(std::move(one));
  }
  if (list.bad()) return failure(name + " cannot be read to its end: " + net::system_error(errno));
  return ca;
}

Result<void> DeviceCa::issue(const Request& request, std::int64_t now_s) {
  if (std::string why = objection_to(request.name); !why.empty()) return failure(std::move(why));
  if (request.name == "ca" || request.name == "crl") {
    return failure("the name \"" + request.name + "\" is that of a file of the CA itself: take another");
  }
  const auto same = [&](const Issued& one) {
    return one.name == request.name && one.revoked_s == 0 && one.until_s > now_s;
  };
  if (!request.renew && std::ranges::any_of(issued_, same)) {
    return failure(request.name + " has a certificate that is valid: revoke it with 'gaon ca revoke " +
                   request.name + "', or say --renew; then both are valid, and " + request.name +
                   ".key is replaced");
  }
  std::string names;
  for (const std::string& host : request.hosts) {
    const std::string name = alternative_name(host);
    if (name.empty()) return failure("\"" + host + "\" is neither a host's name nor an address");
    names += (names.empty() ? "" : ",") + name;
  }
  const Key key(EVP_EC_gen("P-256"));
  const Certificate made = make(request.name, key.get(), now_s, request.days);
  X509_set_issuer_name(made.get(), X509_get_subject_name(certificate_.get()));
  extend(made.get(), certificate_.get(), NID_basic_constraints, "critical,CA:FALSE");
  extend(made.get(), certificate_.get(), NID_key_usage, "critical,digitalSignature");
  extend(made.get(), certificate_.get(), NID_ext_key_usage, names.empty() ? "clientAuth" : "serverAuth");
  extend(made.get(), certificate_.get(), NID_authority_key_identifier, "keyid");
  if (!names.empty()) extend(made.get(), certificate_.get(), NID_subject_alt_name, names);
  CHECK(X509_sign(made.get(), key_.get(), EVP_sha256()) > 0);
  // First the list: what is issued can be revoked.
  issued_.push_back({serial_of(made.get()), request.name, now_s + request.days * kDay, 0});
  TRY(save(now_s));
  TRY(replace_file(directory_ / (request.name + ".key"), pem_of(key.get()), 0600));
  return replace_file(directory_ / (request.name + ".pem"), pem_of(made.get()) + pem_of(certificate_.get()),
                      0644);
}

Result<std::size_t> DeviceCa::revoke(const std::string& name, const std::string& serial, std::int64_t now_s) {
  std::size_t count = 0;
  for (Issued& one : issued_) {
    if (!serial.empty() && one.serial != serial) continue;
    if (one.name != name || one.revoked_s != 0 || one.until_s <= now_s) continue;
    one.revoked_s = now_s;
    ++count;
  }
  if (count == 0) {
    return failure("nothing that is valid was issued to " + name +
                   (serial.empty() ? "" : " with the serial " + serial) + ": see 'gaon ca list'");
  }
  TRY(save(now_s));
  return count;
}

// The list, and what follows from it.
Result<void> DeviceCa::save(std::int64_t now_s) const {
  std::string list;
  const std::unique_ptr<X509_CRL, Free> crl(X509_CRL_new());
  CHECK(crl && X509_CRL_set_version(crl.get(), 1) == 1);
  X509_CRL_set_issuer_name(crl.get(), X509_get_subject_name(certificate_.get()));
  ASN1_TIME* time = ASN1_TIME_set(nullptr, now_s - kBefore);
  X509_CRL_set1_lastUpdate(crl.get(), time);
  ASN1_TIME_set(time, now_s + kCrlDays * kDay);
  X509_CRL_set1_nextUpdate(crl.get(), time);
  for (const Issued& one : issued_) {
    list += one.serial + '\t' + one.name + '\t' + std::to_string(one.until_s) + '\t' +
            std::to_string(one.revoked_s) + '\n';
    if (one.revoked_s == 0) continue;
    X509_REVOKED* revoked = X509_REVOKED_new();
    BIGNUM* number = nullptr;
    BN_hex2bn(&number, one.serial.c_str());
    ASN1_INTEGER* serial = BN_to_ASN1_INTEGER(number, nullptr);
    X509_REVOKED_set_serialNumber(revoked, serial);
    ASN1_TIME_set(time, one.revoked_s);
    X509_REVOKED_set_revocationDate(revoked, time);
    X509_CRL_add0_revoked(crl.get(), revoked);
    ASN1_INTEGER_free(serial);
    BN_free(number);
  }
  ASN1_TIME_free(time);
  X509_CRL_sort(crl.get());
  CHECK(X509_CRL_sign(crl.get(), key_.get(), EVP_sha256()) > 0);
  TRY(replace_file(directory_ / "issued", list, 0644));
  return replace_file(directory_ / "crl.pem",
                      pem([&](BIO* to) { return PEM_write_bio_X509_CRL(to, crl.get()); }), 0644);
}

}  // namespace gaon::app
