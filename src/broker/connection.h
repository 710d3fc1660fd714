// One connection of a worker, from accept to close.
#pragma once

#include "auth/authenticator.h"
#include "base/token_bucket.h"
#include "broker/admission.h"
#include "broker/authentication.h"
#include "broker/table.h"
#include "net/backend.h"
#include "net/timer_wheel.h"
#include "session/endpoint.h"

namespace gaon::broker {

struct Client;

// How fast a client may publish.
struct Pace {
  TokenBucket messages;
  TokenBucket bytes;
};

struct Connection {
  enum class Phase : std::uint8_t {
    connecting,      // no CONNECT yet, or its method takes its steps
    authenticating,  // the authenticator will answer; not read
    connected,
  };

  Connection(net::Socket& from, std::uint32_t listener_id, const EndpointOptions& its_options,
             Traffic& traffic)
      : socket(&from),
        options(its_options),
        endpoint(Endpoint::Role::server, options, traffic, from.output),
        listener(listener_id) {}

  Ref ref;
  net::Socket* socket;
  Client* client = nullptr;  // when connected
  EndpointOptions options;   // as it was told them: a reload is for those after it
  Endpoint endpoint;
  net::TimerId timer;
  Time connect_by = kNever;  // CONNECT, and the answer to it
  std::uint32_t listener;
  std::uint32_t admitted_in = 0;  // which generation of admissions found nothing against it
  Phase phase = Phase::connecting;
  bool marked = false;         // its output was touched in this tick
  bool held_back = false;      // not read until its output has room
  bool publish_waits = false;  // not read: pace.cc
  bool vouched_for = false;    // authenticated on the worker it came from
  net::TimerId pace_timer;     // publish_waits: when it may go on
  std::unique_ptr<Pace> pace;  // connected: how much it may publish; none: no limit
  Admission::Places places;
  std::unique_ptr<auth::Reply> reply;              // to its CONNECT, once there is one
  std::unique_ptr<Authentication> authentication;  // when CONNECT named a method
  std::unique_ptr<auth::Identity> identity;        // of who is somebody, until the session has it
  Time identity_ends = kNever;                     // a token's end
  net::TimerId identity_timer;                     // connected: some time after that
};

}  // namespace gaon::broker
