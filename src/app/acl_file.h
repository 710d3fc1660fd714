// The rules of a configuration: [[acl]], then those of auth.acl_file.
#pragma once

#include "auth/acl.h"
#include "base/result.h"
#include "broker/config.h"

namespace gaon::app {

// Errors name file and line.
Result<auth::AclRules> read_rules(const broker::AuthConfig& config);

}  // namespace gaon::app
