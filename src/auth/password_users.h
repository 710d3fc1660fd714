// Users and hashes of their passwords, as lines of text:
//
//   user:hash          see auth/password_hash.h
//
// Empty lines and lines that begin with '#' say nothing; a user's name has no ':'.
// Immutable once read; any thread may look.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "auth/password_hash.h"
#include "auth/source.h"
#include "auth/verified_logins.h"
#include "base/result.h"

namespace gaon::auth {

// Takes "user:rest" apart: the user, or what is wrong with it.
Result<std::string_view> cut_user(std::string_view& line);

class PasswordUsers {
 public:
  static constexpr std::size_t kTextMax = std::size_t{64} << 20;
  static constexpr std::size_t kUserMax = 1024;  // bytes

  // name stands before the number of a line in errors: "name:3: …".
  static Result<PasswordUsers> read(std::string_view text, std::string_view name);

  enum class Answer : std::uint8_t { unknown, wrong, right };
  // Takes as long whichever it is: what unknown users cost is looked up among the known.
  Answer check(std::string_view user, ByteView password) const;
  // All that decides whether a password of the user fits, as text; empty: there is no such user.
  std::string stored(std::string_view user) const;
  bool has(std::string_view user) const { return users_.contains(user); }
  std::size_t size() const { return users_.size(); }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };

  std::unordered_map<std::string, PasswordHash, Hash, std::equal_to<>> users_;
  std::vector<const PasswordHash*> shapes_;  // of all users, in the order of the file
};

class PasswordSource final : public Source {
 public:
  // remembered outlives it; null: each password is hashed.
  explicit PasswordSource(PasswordUsers users, VerifiedLogins* remembered = nullptr)
      : users_(std::move(users)), remembered_(remembered) {}
  Finding check(const Question& question) override;
  std::optional<Finding> knows(const Question& question) const override;
  bool keeps(const Identity& identity) const override { return users_.has(identity.user); }

 private:
  const PasswordUsers users_;
  VerifiedLogins* const remembered_;
};

}  // namespace gaon::auth
