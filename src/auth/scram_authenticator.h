// Lets in who proves to be one of its users by SCRAM-SHA-256, from everywhere, and
// without a method whom AnonymousOnly lets in.
#pragma once

#include "auth/authenticator.h"
#include "auth/scram_users.h"

namespace gaon::auth {

class ScramAuthenticator final : public AnonymousOnly {
 public:
  explicit ScramAuthenticator(ScramUsers users) : users_(std::move(users)) {}

  std::unique_ptr<Exchange> begin(std::string_view method, const Credentials& credentials,
                                  const Ticket&) override {
    if (method != kScramSha256) return nullptr;
    // Who authenticates again stays who it is: its session is that user's.
    return std::make_unique<ScramServer>(
        [this](std::string_view user) { return users_.find(user); },
        credentials.connected_as ? std::optional<std::string>(*credentials.connected_as) : std::nullopt);
  }

 private:
  const ScramUsers users_;
};

}  // namespace gaon::auth
