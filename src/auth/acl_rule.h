// One rule of authorisation, for one kind of client:
//
//   rule    = ( "allow" | "deny" ) ( "publish" | "subscribe" | "all" ) filter
//   subject = "everybody" | "user" name | "client" id | "role" name | "claim" name "=" value
//
// In a filter %u is the user, %c the client id, %{name} a claim, and %% a '%'.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace gaon::auth {

enum class AclAction : std::uint8_t { publish = 1, subscribe = 2, all = 3 };

struct AclSubject {
  enum class Kind : std::uint8_t { everybody, user, client, role, claim };

  Kind kind = Kind::everybody;
  std::string name;   // of user, client, role or claim
  std::string value;  // of the claim
  bool operator==(const AclSubject&) const = default;
};

struct AclRule {
  AclSubject subject;
  bool allow = false;
  AclAction action = AclAction::all;
  std::string filter;  // as written, with its %
  bool operator==(const AclRule&) const = default;
};

// Errors say what is wrong and what to write.
Result<AclSubject> parse_acl_subject(std::string_view text);
Result<AclRule> parse_acl_rule(std::string_view text);  // for everybody
std::string to_string(const AclSubject& subject);
std::string to_string(const AclRule& rule);  // without its subject

}  // namespace gaon::auth
