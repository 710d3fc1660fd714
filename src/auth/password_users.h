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
  explicit PasswordSource(PasswordUsers users) : users_(std::move(users)) {}
  Finding check(const Question& question) override;
  bool keeps(const Identity& identity) const override { return users_.has(identity.user); }

 private:
  const PasswordUsers users_;
};

}  // namespace gaon::auth
