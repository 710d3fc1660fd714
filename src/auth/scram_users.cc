#include "auth/scram_users.h"

#include <algorithm>

#include "auth/scram_message.h"

namespace gaon::auth {
namespace {

constexpr std::size_t kSaltMin = 8;
// What a key looks like where there is none to look at.
constexpr std::size_t kUsualSalt = 16;

// Cuts text at the first occurrence of by, which goes; false if there is none.
bool cut(std::string_view& text, char by, std::string_view& front) {
  const std::size_t at = text.find(by);
  if (at == std::string_view::npos) return false;
  front = text.substr(0, at);
  text.remove_prefix(at + 1);
  return true;
}

Result<ScramKey> read_key(std::string_view text) {
  std::string_view method;
  std::string_view iterations;
  std::string_view salt;
  std::string_view stored_key;
  if (!cut(text, '$', method) || !cut(text, ':', iterations) || !cut(text, '$', salt) ||
      !cut(text, ':', stored_key)) {
    return failure("this is no key; write user:SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>");
  }
  if (method != kScramSha256) return failure("the key is not of SCRAM-SHA-256");
  const auto number = parse_iterations(iterations);
  if (!number) return failure("the iterations are no number from 4096 to 1000000");
  auto bytes = decode_base64(salt);
  if (!bytes || bytes->size() < kSaltMin || bytes->size() > ScramUsers::kSaltMax) {
    return failure("the salt is not base64 of 8 to 256 bytes");
  }
  const auto stored = parse_digest(stored_key);
  if (!stored) return failure("the StoredKey is not base64 of 32 bytes");
  const auto server = parse_digest(text);
  if (!server) return failure("the ServerKey is not base64 of 32 bytes");
  return ScramKey{
      .salt = std::move(*bytes), .iterations = *number, .stored_key = *stored, .server_key = *server};
}

}  // namespace

std::string make_scram_line(std::string_view password, std::uint32_t iterations) {
  const ScramKey key = make_scram_key(password, random_bytes(kUsualSalt), iterations);
  return std::string(kScramSha256) + '$' + std::to_string(iterations) + ':' +
         encode_base64(as_bytes(key.salt)) + '$' + encode_base64(key.stored_key) + ':' +
         encode_base64(key.server_key);
}

Result<ScramUsers> ScramUsers::read(std::string_view text, std::string_view name, std::string secret) {
  if (text.size() > kTextMax) return failure(std::string(name) + ": larger than 64 MiB");
  ScramUsers users(std::move(secret));
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() || line.starts_with('#')) continue;
    if (const auto read = users.read_line(line); !read) {
      return failure(std::string(name) + ":" + std::to_string(number) + ": " + read.error().what);
    }
  }
  return users;
}

Result<void> ScramUsers::read_line(std::string_view line) {
  std::string_view user;
  if (!cut(line, ':', user)) return failure("there is no ':' behind the user");
  if (user.empty()) return failure("there is no user before the ':'");
  if (user.size() > kUserMax) return failure("the user is longer than 1024 bytes");
  if (user.find('\0') != std::string_view::npos) return failure("the user has a zero byte");
  TRY_SET(ScramKey key, read_key(line));
  const auto [place, is_new] = keys_.emplace(std::string(user), std::move(key));
  if (!is_new) return failure("the user '" + std::string(user) + "' is there already");
  shapes_.push_back(&place->second);
  return {};
}

FoundScramKey ScramUsers::find(std::string_view user) const {
  // Invented in either case, so that both take as long.
  ScramKey other = invented(user);
  const auto found = keys_.find(user);
  if (found == keys_.end()) return {.key = std::move(other), .known = false};
  return {.key = found->second, .known = true};
}

// The shape of some user's key, with a salt that is always the same for this name.
ScramKey ScramUsers::invented(std::string_view user) const {
  const Digest seed = hmac_sha256(as_bytes(secret_), user);
  ScramKey key{.salt = std::string(kUsualSalt, '\0'), .iterations = kIterationsMin};
  if (!shapes_.empty()) {
    const ScramKey& shape = *shapes_[load_u64(seed.data()) % shapes_.size()];
    key.salt.resize(shape.salt.size());
    key.iterations = shape.iterations;
  }
  std::string salt;
  for (Digest block = hmac_sha256(seed, "salt"); salt.size() < key.salt.size();
       block = hmac_sha256(block, "salt")) {
    salt += as_text(block);
  }
  key.salt.assign(salt, 0, key.salt.size());
  key.stored_key = hmac_sha256(seed, "StoredKey");
  key.server_key = hmac_sha256(seed, "ServerKey");
  return key;
}

}  // namespace gaon::auth
