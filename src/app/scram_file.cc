#include "app/scram_file.h"

#include "app/text_file.h"
#include "auth/crypto.h"

namespace gaon::app {

Result<auth::ScramUsers> read_scram_users(const broker::AuthConfig& config) {
  // What users that there are not look like changes with each start.
  std::string secret = auth::random_bytes(32);
  if (config.scram_file.empty()) return auth::ScramUsers::read("", "", std::move(secret));
  TRY_SET(const std::string text, read_text_file(config.scram_file, auth::ScramUsers::kTextMax));
  return auth::ScramUsers::read(text, config.scram_file.string(), std::move(secret));
}

}  // namespace gaon::app
