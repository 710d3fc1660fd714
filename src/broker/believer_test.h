// An authenticator that takes everybody for who it says it is.
#pragma once

#include <string>

#include "auth/authenticator.h"

namespace gaon::broker {

class NameBeliever final : public auth::Authenticator {
 public:
  void start(Answer) override {}
  auth::Reply authenticate(const auth::Credentials& credentials, const auth::Ticket&) override {
    auth::Reply granted(auth::Verdict::granted);
    granted.identity.user = std::string(credentials.user_name.value_or(""));
    return granted;
  }
};

}  // namespace gaon::broker
