// The file of auth.scram_file.
#pragma once

#include "auth/scram_users.h"
#include "base/result.h"
#include "broker/config.h"

namespace gaon::app {

// Its users; nobody if there is no file set. Errors name file and line.
Result<auth::ScramUsers> read_scram_users(const broker::AuthConfig& config);

}  // namespace gaon::app
