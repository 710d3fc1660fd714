// Who a client was found to be.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "auth/acl_rule.h"
#include "base/time.h"

namespace gaon::auth {

// Ways to show who one is.
enum class Method : std::uint8_t { certificate, jwt, password, http, scram };
inline constexpr std::size_t kMethods = 5;

// Some of them: one bit each.
using Methods = std::uint8_t;
constexpr Methods only(Method method) { return static_cast<Methods>(1U << static_cast<unsigned>(method)); }

struct Identity {
  std::string user;  // empty: nobody in particular
  std::vector<std::string> roles;
  std::vector<std::pair<std::string, std::string>> claims;  // texts and numbers of its token
  std::vector<AclRule> rules;                               // that its token brought: they come after ours
  bool ruled = false;  // what no rule allows it may not, even if there is no rule at all
  Time ends = kNever;  // it has to be shown again by then
  Methods shown_by = 0;
};

}  // namespace gaon::auth
