// [[acl]] of gaon.toml.
#pragma once

#include <toml++/toml.h>

#include <string>
#include <vector>

#include "app/config_problem.h"
#include "auth/acl.h"

namespace gaon::app {

// One table: whom it is about (user, client, role or claim; none of them: everybody), its
// rules and what to expect of them. The problems have lines, and no file yet.
std::vector<Problem> read_acl(const toml::table& table, const std::string& file, auth::AclRules& to);

// As they stand in a file.
std::string show_acl(const auth::AclRules& rules);

}  // namespace gaon::app
