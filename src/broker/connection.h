// One connection of a worker, from accept to close.
#pragma once

#include "auth/authenticator.h"
#include "broker/authentication.h"
#include "broker/table.h"
#include "net/backend.h"
#include "net/timer_wheel.h"
#include "session/endpoint.h"

namespace gaon::broker {

struct Client;

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
  Client* client = nullptr;       // when connected
  const EndpointOptions options;  // as they were when it came: a reload is for those after it
  Endpoint endpoint;
  net::TimerId timer;
  std::uint32_t listener;
  std::uint32_t admitted_in = 0;  // which generation of admissions found nothing against it
  Phase phase = Phase::connecting;
  bool marked = false;                             // its output was touched in this tick
  bool held_back = false;                          // not read until its output has room
  bool vouched_for = false;                        // authenticated on the worker it came from
  std::unique_ptr<auth::Reply> reply;              // to its CONNECT, once there is one
  std::unique_ptr<Authentication> authentication;  // when CONNECT named a method
  std::unique_ptr<auth::Identity> identity;        // of who is somebody, until the session has it
  Time identity_ends = kNever;                     // a token's end
  net::TimerId identity_timer;                     // connected: some time after that
};

}  // namespace gaon::broker
