// Who a client was found to be.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "auth/acl_rule.h"
#include "base/time.h"

namespace gaon::auth {

struct Identity {
  std::string user;  // empty: nobody in particular
  std::vector<std::string> roles;
  std::vector<std::pair<std::string, std::string>> claims;  // texts and numbers of its token
  std::vector<AclRule> rules;                               // that its token brought: they come after ours
  bool ruled = false;  // what no rule allows it may not, even if there is no rule at all
  Time ends = kNever;  // it has to be shown again by then
};

}  // namespace gaon::auth
