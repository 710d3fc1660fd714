// Who a client is and what it may, as its worker knows it. Only clients that are somebody,
// or that live under rules, have one.
#pragma once

#include <cstdint>
#include <string_view>

#include "auth/acl.h"
#include "auth/identity.h"

namespace gaon::broker {

struct Access {
  auth::Identity identity;
  auth::AclSet may;                    // of the rules of this generation:
  std::uint32_t compiled = 0;          // 0: of none yet
  std::uint32_t subscriptions_of = 0;  // the generation by which all subscriptions are allowed
  std::uint32_t restricted_of = 0;     // ... or by which some are not: each message is looked at
  std::uint32_t queue_of = 0;          // the generation by which its queue is judged:
  std::uint32_t judged_to = 0;         // up to this number when a copy goes, behind it when it came
  bool judges = false;                 // some of those may wait
  bool by_name = false;                // restored: only the user is known, and nothing is judged
  bool told = false;                   // the log has a line of what it may not
};

}  // namespace gaon::broker
