// Who was found to be right, so that nobody waits for a slow hash twice: a storm of clients
// that come back is cheap. Of a login only a digest is kept, of the user, what is stored of
// its password, and the password, keyed by random bytes that only this process has. What is
// stored is part of it: with another line for the user it fits no more.
//
// The last login of so many users; any thread.
#pragma once

#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "auth/crypto.h"

namespace gaon::auth {

class VerifiedLogins {
 public:
  static constexpr std::size_t kUsersMax = 10'000;

  explicit VerifiedLogins(std::size_t users_max = kUsersMax);

  // stored: all that decides whether a password fits.
  Digest digest(std::string_view user, std::string_view stored, std::string_view password) const;

  bool knows(std::string_view user, const Digest& login) const;
  void remember(std::string_view user, const Digest& login);
  std::size_t size() const;

 private:
  const std::size_t users_max_;
  const std::string secret_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Digest> logins_;
  std::deque<std::string> users_;  // of logins_, the one that was there first in front
};

}  // namespace gaon::auth
