// What a worker knows of one client id: its session, its subscriptions, its will, and
// its connection while there is one. Lives on the worker of its shard for ever.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "broker/access.h"
#include "broker/mail.h"
#include "broker/retained_replay.h"
#include "broker/subscriber.h"
#include "net/timer_wheel.h"
#include "session/session.h"

namespace gaon::broker {

struct Allowance;
struct Connection;

struct Will {
  Message message;  // without number and deadline, which it gets when it is published
  std::uint32_t delay_s = 0;
  std::optional<std::uint32_t> message_expiry_s;
};

// A client's place in a shared group. In a table of its worker; its packed Ref is the
// ShareTag of the copies it gets. When the client unsubscribes it stays, leaving, until
// the last copy that was sent is done: else nobody would know whose that was.
struct Seat {
  Ref ref;
  Ref client;
  WorkerId home = 0;  // where the group is
  Ref group;          // known once the home has answered
  MessageId number;   // of the group, if it is kept
  Subscriber options;
  std::string share_name;
  std::string filter;
  std::uint32_t under_way = 0;  // copies the session has of it
  bool leaving = false;
  std::vector<mail::Done::Copy> done;  // not yet told to the home
};

struct Client {
  Ref ref;
  std::uint16_t shard = 0;
  bool waits_for_tick = false;  // in the worker's list of clients to go on with
  bool kept = false;            // the journal knows the session
  bool touched = false;         // in the worker's list of clients whose queue grew
  bool asked = false;           // copies up to asked_to may go out, or will soon
  bool slow = false;            // with acknowledgements; broker/unwritten.cc
  std::uint32_t asked_to = 0;
  std::uint32_t tried = 0;  // while it is slow: the copy whose PUBACK is timed
  Time tried_at{};
  std::uint32_t unwritten = 0;    // copies in flight whose record waits
  std::uint32_t written_in = 0;   // segment of the journal that its state was last written to
  std::uint64_t acks_behind = 0;  // Owed::behind of the latest acknowledgement owed to it
  Connection* connection = nullptr;
  const Allowance* allowance = nullptr;  // of the broker's table; never null in the worker's
  Session session;
  MessageId number;              // of the session, for the journal
  std::uint64_t hash = 0;        // of the client id, for No Local
  std::uint64_t last_route = 0;  // the routing pass that last hit it
  std::uint32_t last_hit = 0;    // and its place there
  std::uint32_t session_expiry_interval = 0;
  Time session_ends = kNever;  // while offline
  Time will_due = kNever;
  net::TimerId timer;  // at the earlier of both
  std::unique_ptr<Will> will;
  std::unique_ptr<Access> access;  // none: nobody in particular, and no rules; or restored, and not back yet
  std::vector<topic::FilterId> subscriptions;
  std::vector<Ref> seats;
  std::vector<RetainedReplay> replays;
};
static_assert(sizeof(Client) <= 384);  // there is one for each session

}  // namespace gaon::broker
