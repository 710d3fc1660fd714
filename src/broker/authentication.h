// What a connection knows of the authentication method that its CONNECT named. Goes with
// it to another worker, between two exchanges.
#pragma once

#include <memory>
#include <string>

#include "auth/exchange.h"
#include "net/timer_wheel.h"

namespace gaon::broker {

struct Authentication {
  std::string method;
  std::unique_ptr<auth::Exchange> exchange;  // while one goes on
  bool waits = false;                        // for the authenticator's late answer
  std::string user = {};                     // that the last exchange found it to be
  std::string data = {};                     // for the CONNACK
  net::TimerId timer = {};                   // of authenticating again
};

}  // namespace gaon::broker
