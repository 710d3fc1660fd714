// Users and their SCRAM keys, as lines of text in the form that PostgreSQL gives a key:
//
//   user:SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>
//
// Salt and keys are base64. Empty lines and lines that begin with '#' say nothing; a
// user's name has no ':'. Immutable once read; any thread may look.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "auth/scram.h"
#include "base/result.h"

namespace gaon::auth {

// What stands behind "user:", for a password, with a salt of its own. More iterations make
// guessing slower, and each connect of the device itself.
inline constexpr std::uint32_t kScramIterations = 15'000;  // as RFC 7677 advises
std::string make_scram_line(std::string_view password, std::uint32_t iterations = kScramIterations);

class ScramUsers {
 public:
  static constexpr std::size_t kTextMax = std::size_t{64} << 20;
  static constexpr std::size_t kUserMax = 1024;  // bytes
  static constexpr std::size_t kSaltMax = 256;   // bytes; at least 8

  // name stands before the number of a line in errors: "name:3: …". secret decides what
  // users that there are not look like; others must not know it.
  static Result<ScramUsers> read(std::string_view text, std::string_view name, std::string secret);

  FoundScramKey find(std::string_view user) const;
  std::size_t size() const { return keys_.size(); }

 private:
  explicit ScramUsers(std::string secret) : secret_(std::move(secret)) {}

  Result<void> read_line(std::string_view line);
  ScramKey invented(std::string_view user) const;

  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  std::unordered_map<std::string, ScramKey, Hash, std::equal_to<>> keys_;
  std::vector<const ScramKey*> shapes_;  // of all users, in the order of the file
  std::string secret_;
};

}  // namespace gaon::auth
