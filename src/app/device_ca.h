// A small CA for devices, in a directory: its own certificate and key, what it issued and
// what it revoked. For people without one; keys are on the curve P-256. The directory:
//
//   ca.pem ca.key    the CA; the key is all that must be kept secret
//   crl.pem          what is revoked; made anew by every command that changes something
//   issued           a line each: serial TAB name TAB until (seconds of 1970) TAB revoked at, or 0
//   NAME.pem .key    what was issued last under a name
//   lock             held by who works on it
#pragma once

#include <openssl/x509.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/replaced_file.h"
#include "base/result.h"

namespace gaon::app {

class DeviceCa {
 public:
  static constexpr std::int64_t kDaysMax = 3650;

  struct Issued {
    std::string serial;  // hex digits
    std::string name;
    std::int64_t until_s = 0;
    std::int64_t revoked_s = 0;  // 0: it is not
  };

  struct Request {
    std::string name;                // CN, and of the files: letters, digits, '.', '-', '_'
    std::vector<std::string> hosts;  // names and addresses of a server; none: a device
    std::int64_t days = 0;
    bool renew = false;  // also if one under that name is valid, which stays so
  };

  // Makes the directory and the CA. now_s: seconds of 1970, here and below.
  static Result<void> init(const std::filesystem::path& directory, const std::string& name, std::int64_t days,
                           std::int64_t now_s);
  // Others that open it, in this process or another, wait until it is gone.
  static Result<DeviceCa> open(const std::filesystem::path& directory);

  // Writes NAME.pem (with the CA behind it) and NAME.key over those that were there.
  Result<void> issue(const Request& request, std::int64_t now_s);
  // All that is valid under that name, or only what has that serial; how many these were.
  Result<std::size_t> revoke(const std::string& name, const std::string& serial, std::int64_t now_s);

  const std::vector<Issued>& issued() const { return issued_; }

 private:
  struct Free {
    void operator()(X509* object) const { X509_free(object); }
    void operator()(EVP_PKEY* object) const { EVP_PKEY_free(object); }
    void operator()(X509_CRL* object) const { X509_CRL_free(object); }
  };
  using Certificate = std::unique_ptr<X509, Free>;
  using Key = std::unique_ptr<EVP_PKEY, Free>;

  static Certificate make(const std::string& name, EVP_PKEY* key, std::int64_t from_s, std::int64_t days);
  Result<void> save(std::int64_t now_s) const;

  std::filesystem::path directory_;
  std::optional<FileLock> lock_;
  Certificate certificate_;
  Key key_;
  std::vector<Issued> issued_;
};

}  // namespace gaon::app
