#include "auth/password_users.h"

#include <algorithm>

namespace gaon::auth {

Result<std::string_view> cut_user(std::string_view& line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return failure("there is no ':' behind the user");
  const std::string_view user = line.substr(0, colon);
  if (user.empty()) return failure("there is no user before the ':'");
  if (user.size() > PasswordUsers::kUserMax) return failure("the user is longer than 1024 bytes");
  if (user.find('\0') != std::string_view::npos) return failure("the user has a zero byte");
  line.remove_prefix(colon + 1);
  return user;
}

Result<PasswordUsers> PasswordUsers::read(std::string_view text, std::string_view name) {
  if (text.size() > kTextMax) return failure(std::string(name) + ": larger than 64 MiB");
  PasswordUsers users;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() || line.starts_with('#')) continue;
    const std::string at = std::string(name) + ":" + std::to_string(number) + ": ";
    const auto user = cut_user(line);
    if (!user) return failure(at + user.error().what);
    auto hash = parse_password_hash(line);
    if (!hash) return failure(at + hash.error().what);
    const auto [place, is_new] = users.users_.emplace(std::string(*user), std::move(*hash));
    if (!is_new) return failure(at + "the user '" + std::string(*user) + "' is there already");
    users.shapes_.push_back(&place->second);
  }
  return users;
}

PasswordUsers::Answer PasswordUsers::check(std::string_view user, ByteView password) const {
  const auto found = users_.find(user);
  if (found != users_.end()) return fits(found->second, password) ? Answer::right : Answer::wrong;
  if (!shapes_.empty()) {
    fits(*shapes_[std::hash<std::string_view>{}(user) % shapes_.size()], password);
  }
  return Answer::unknown;
}

std::string PasswordUsers::stored(std::string_view user) const {
  const auto found = users_.find(user);
  if (found == users_.end()) return {};
  const PasswordHash& hash = found->second;
  std::string text;
  for (const std::uint32_t number :
       {static_cast<std::uint32_t>(hash.kind), hash.memory_kib, hash.passes, hash.lanes}) {
    text += std::to_string(number) + ' ';
  }
  return text + std::to_string(hash.salt.size()) + ' ' + hash.salt + hash.hash;
}

// Of a user that is not there it costs as much, and comes to nothing.
std::optional<Finding> PasswordSource::knows(const Question& question) const {
  if (remembered_ == nullptr || !question.user_name || !question.password || question.token_only) return {};
  const std::string stored = users_.stored(*question.user_name);
  const Digest login = remembered_->digest(*question.user_name, stored, *question.password);
  if (!remembered_->knows(*question.user_name, login) || stored.empty()) return {};
  return Finding{.kind = Finding::Kind::granted, .identity = {.user = *question.user_name}};
}

Finding PasswordSource::check(const Question& question) {
  if (!question.user_name || !question.password || question.token_only) return {};
  // Somebody else with this user and password may have been hashed while this one waited.
  if (auto known = knows(question)) return std::move(*known);
  switch (users_.check(*question.user_name, as_bytes(*question.password))) {
    case PasswordUsers::Answer::right:
      if (remembered_ != nullptr) {
        const std::string stored = users_.stored(*question.user_name);
        remembered_->remember(*question.user_name,
                              remembered_->digest(*question.user_name, stored, *question.password));
      }
      return {.kind = Finding::Kind::granted, .identity = {.user = *question.user_name}};
    case PasswordUsers::Answer::wrong:
      return {.kind = Finding::Kind::wrong, .why = "user name and password do not fit"};
    case PasswordUsers::Answer::unknown:
      break;
  }
  return {};
}

}  // namespace gaon::auth
