#include "app/acl_file.h"

#include "app/text_file.h"

namespace gaon::app {

Result<auth::AclRules> read_rules(const broker::AuthConfig& config) {
  auth::AclRules rules = config.rules;
  if (config.acl_file.empty()) return rules;
  TRY_SET(const std::string text, read_text_file(config.acl_file, auth::AclRules::kTextMax));
  TRY(rules.read(text, config.acl_file.string()));
  return rules;
}

}  // namespace gaon::app
