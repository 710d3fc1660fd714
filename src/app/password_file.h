// The files of auth.password_file and auth.scram_file, and `gaon passwd` on them.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/replaced_file.h"
#include "auth/password_users.h"
#include "base/result.h"
#include "broker/config.h"

namespace gaon::app {

// Its users; nobody if there is no file set. Errors name file and line.
Result<auth::PasswordUsers> read_password_users(const broker::AuthConfig& config);

// A file of users in the editor's hands: comments, empty lines and the order stay. Only
// what reads without an error is written.
class PasswordFile {
 public:
  enum class Kind : std::uint8_t { passwords, scram };

  // A file that is not there is empty.
  static Result<PasswordFile> open(const std::filesystem::path& path, Kind kind = Kind::passwords);

  // The same for who saves it: others that edit it wait until it is gone. By a file beside it,
  // FILE.lock.
  static Result<PasswordFile> edit(const std::filesystem::path& path, Kind kind = Kind::passwords);

  // False: it was not there before.
  bool put(std::string_view user, std::string_view hash);
  bool remove(std::string_view user);
  std::vector<std::string> users() const;

  // All or nothing, by a new file in its place that only its owner may read.
  Result<void> save() const;

 private:
  PasswordFile(std::filesystem::path path, Kind kind) : path_(std::move(path)), kind_(kind) {}
  Result<void> check(std::string_view text) const;
  std::vector<std::string>::iterator find(std::string_view user);

  std::filesystem::path path_;
  Kind kind_;
  std::optional<FileLock> lock_;
  std::vector<std::string> lines_;
};

}  // namespace gaon::app
