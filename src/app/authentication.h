// The authenticator that a configuration asks for.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "auth/chain.h"
#include "auth/jwt_keys.h"
#include "base/result.h"
#include "base/time.h"
#include "broker/config.h"

namespace gaon::app {

// The words of listener.auth, by broker::AuthMethod.
std::span<const std::string_view> auth_method_names();

// Whether the configuration has what the method needs; if not, the key that would.
bool is_set_up(const broker::AuthConfig& config, broker::AuthMethod method);
std::string_view key_of(broker::AuthMethod method);

// What a listener asks for: its own list, or all that is set up.
std::vector<broker::AuthMethod> methods_of(const broker::Config& config,
                                           const broker::ListenerConfig& listener);

// The keys of auth.jwt_keys, which must be set. Errors name the file.
Result<auth::JwtKeys> read_jwt_keys(const broker::AuthConfig& config);

// Reads the files that it needs. now may be called from any thread.
Result<std::unique_ptr<auth::Chain>> open_authentication(const broker::Config& config,
                                                         std::function<Time()> now);

}  // namespace gaon::app
