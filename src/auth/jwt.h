// JSON Web Tokens (RFC 7519, RFC 7515), strictly: compact form, signed by one of the known
// keys with an algorithm of that key's family, not "none", nothing critical that we do not
// know, valid now. Pure functions; any thread.
//
//   token = base64url(header) "." base64url(claims) "." base64url(signature)
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "auth/identity.h"
#include "auth/jwt_keys.h"
#include "base/time.h"

namespace gaon::auth {

inline constexpr std::size_t kTokenMax = 16 * 1024;  // bytes

// What a token has to say. Empty: does not matter.
struct JwtPolicy {
  std::string issuer;           // "iss"
  std::string audience;         // "aud" is it, or a list with it
  std::uint32_t leeway_s = 60;  // how far clocks may differ
  std::string user_claim = "sub";
  std::string roles_claim;      // a list of texts, or one text of words; a path: realm_access.roles
  std::string client_id_claim;  // has to be the client id
  std::string rules_claim;      // a list of texts, each a rule of auth/acl.h
};

struct JwtRefusal {
  const char* why = "";      // for the log; nothing of the token
  bool key_unknown = false;  // newer keys might do
};

// Whether text has the shape of a token: so a password is not taken for one.
bool looks_like_token(std::string_view text);

// wall is the system's clock as it is now, and so is the identity's end: that of the token,
// without leeway.
std::expected<Identity, JwtRefusal> check_token(std::string_view token, const JwtKeys& keys,
                                                const JwtPolicy& policy, std::string_view client_id,
                                                Time wall);

}  // namespace gaon::auth
