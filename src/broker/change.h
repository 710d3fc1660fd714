// What a reload brings to each worker: another configuration, and who would not be let in
// under it. All workers are asked first what it would come to, and take it over then.
// Plain values and functions; goes from the thread that reloads to one worker by mail.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "auth/identity.h"
#include "broker/config.h"
#include "net/tls_peer.h"

namespace gaon::broker {

// Who may not be connected any more.
struct Objections {
  // Why a client that was let in by this listener, as this identity (no user: nobody in
  // particular), would not be let in any more; null: it would. Called by all workers. The
  // certificate is there only if it looks at it, and there is one.
  std::function<const char*(std::uint32_t listener, const auth::Identity& identity, bool looks,
                            const net::PeerCertificate* certificate)>
      objection = {};
  std::vector<bool> by_certificate = {};  // by listener: of who is connected it looks at certificates
};

// What a change comes to for who is connected.
struct Toll {
  std::size_t disconnected = 0;  // by an objection, or a ban that is new
  std::size_t restricted = 0;    // stay, with a subscription that is not allowed any more

  Toll& operator+=(const Toll& other) {
    disconnected += other.disconnected;
    restricted += other.restricted;
    return *this;
  }
};

struct Change {
  Config config;  // as many listeners as before, at the same places; with all rules
  Objections objections;
  std::function<void()> enter = {};  // exchanges what stands before its listeners, on its thread
  bool only_asks = false;            // what it would come to
  std::function<void(const Toll& toll)> done = {};  // on its thread, when it is
};

}  // namespace gaon::broker
