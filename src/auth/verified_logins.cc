#include "auth/verified_logins.h"

namespace gaon::auth {
namespace {

// With its length, so that no two triples give one text.
void add(std::string& text, std::string_view part) {
  text += std::to_string(part.size());
  text += ':';
  text += part;
}

}  // namespace

VerifiedLogins::VerifiedLogins(std::size_t users_max) : users_max_(users_max), secret_(random_bytes(32)) {}

Digest VerifiedLogins::digest(std::string_view user, std::string_view stored,
                              std::string_view password) const {
  std::string text;
  add(text, user);
  add(text, stored);
  add(text, password);
  return hmac_sha256(as_bytes(secret_), text);
}

bool VerifiedLogins::knows(std::string_view user, const Digest& login) const {
  const std::lock_guard lock(mutex_);
  const auto at = logins_.find(std::string(user));
  return at != logins_.end() && equal(at->second, login);
}

void VerifiedLogins::remember(std::string_view user, const Digest& login) {
  const std::lock_guard lock(mutex_);
  if (!logins_.insert_or_assign(std::string(user), login).second) return;
  users_.emplace_back(user);
  if (users_.size() <= users_max_) return;
  logins_.erase(users_.front());
  users_.pop_front();
}

std::size_t VerifiedLogins::size() const {
  const std::lock_guard lock(mutex_);
  return logins_.size();
}

}  // namespace gaon::auth
