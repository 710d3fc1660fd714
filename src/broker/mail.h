// What workers tell each other. Each mail goes from one worker to one other, in
// order; see net/mailbox.h for the order between three.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "auth/acl.h"
#include "auth/authenticator.h"
#include "base/buffer.h"
#include "broker/admission.h"
#include "broker/authentication.h"
#include "broker/change.h"
#include "broker/table.h"
#include "mqtt/version.h"
#include "net/backend.h"
#include "session/message.h"

namespace gaon::broker {

using WorkerId = std::uint8_t;
inline constexpr std::size_t kWorkersMax = 64;  // one bit each in a set of workers

inline constexpr std::uint64_t kBrokerItself = 0;  // as the publisher of a message

// What became of a message where it was taken in; of several places the largest counts.
enum class Outcome : std::uint8_t {
  nobody,
  refused,
  taken,
  no_room,  // the journal cannot take it now: the publisher must keep it
};

// Names a seat: one session's membership in a shared group, by the worker that keeps
// the session.
struct SeatRef {
  WorkerId worker = 0;
  Ref seat;
  bool operator==(const SeatRef&) const = default;
};

namespace mail {

// A message for whoever subscribed on the receiving worker, and perhaps for its store.
// With a receipt an answer is wanted: Stored.
struct Deliver {
  Message message;
  std::uint32_t receipt;  // 0: none
  bool keep;              // in the store of retained messages
};
struct Stored {
  std::uint32_t receipt;
  Outcome outcome;
};

// The sending worker now has (or no longer has) subscribers for these filters.
struct Interest {
  std::unique_ptr<std::vector<std::string>> filters;
  std::uint32_t round;  // answered by Known; 0 when interest ends
};
struct Known {
  std::uint32_t round;
};

// A connection whose session lives on the receiving worker.
struct Arrival {
  struct Luggage {
    net::Detached connection;
    std::uint32_t listener;
    Admission::Places places;
    Buffer unread;  // the CONNECT and what came behind it
    std::unique_ptr<Authentication> authentication;
    std::unique_ptr<auth::Identity> identity;
    Time identity_ends = kNever;
    std::uint32_t admitted_in = 0;
  };
  std::unique_ptr<Luggage> luggage;
};

// --- shared groups: from a seat's worker to the group's home ...
struct Join {
  struct Request {
    std::string share_name;
    std::string filter;
    std::uint32_t window;     // copies that may be under way to this seat
    std::uint32_t under_way;  // copies the session has from before a restart
    mqtt::QoS qos;            // granted
    bool kept;                // the session outlives a crash
    bool leaving;             // it has unsubscribed, and copies are under way yet
  };
  std::unique_ptr<Request> request;
  SeatRef seat;
  std::uint32_t suback;  // what waits for Joined; 0: nothing
};
// It is a member no more. Unless for_good, copies that it was sent are under way yet.
struct Leave {
  SeatRef seat;
  std::unique_ptr<std::string> key;  // of the group, which the seat may not have heard from yet
  bool for_good;
};
// The seat's client came (window > 0) or went (0).
struct Presence {
  Ref group;
  SeatRef seat;
  std::uint32_t window;
  bool kept;
  // Copies that it has from another group of this name, or from before a restart: said
  // once, before any of them is done with in this one.
  std::optional<std::uint32_t> from_before = {};
};
// Copies that the seat is done with, one way or the other.
struct Done {
  struct Copy {
    MessageId message;  // none: of before a restart
    bool recorded;      // as finished by the session, or there is nothing to record
  };
  Ref group;
  SeatRef seat;
  std::unique_ptr<std::vector<Copy>> copies;
};
// Copies that the seat's client never got: back to the front of the queue, in order.
struct Return {
  struct Load {
    MessageId number;  // of the group, when they were handed out
    std::vector<Message> messages;
  };
  Ref group;
  SeatRef seat;
  std::unique_ptr<Load> load;
};
// ... and back.
struct Joined {
  Ref seat;
  Ref group;
  std::uint32_t suback;
};
struct HandOut {
  Ref seat;
  Ref group;
  MessageId number;  // of the group if it is kept
  Message message;
  mqtt::QoS qos;  // the highest that it may go by
};

// A late answer of the authenticator.
struct Verdict {
  Ref connection;
  std::unique_ptr<auth::Reply> reply;
};

// Cleaning of the journal, from the first worker: write again what you need of this
// segment; 0: nothing, only say that you came so far. And the answer.
struct Clean {
  std::uint32_t segment;
};
struct Cleaned {
  std::uint64_t units;
  std::uint64_t bytes;
};

// Other rules of authorisation, for all workers.
struct Rules {
  std::unique_ptr<auth::AclRules> rules;
};

// Another configuration, or the question what it would come to.
struct Reload {
  std::unique_ptr<Change> change;
};

// Say goodbye to all clients and end.
struct Stop {};

}  // namespace mail

struct Mail {
  WorkerId from = 0;
  std::variant<mail::Deliver, mail::Stored, mail::Interest, mail::Known, mail::Arrival, mail::Join,
               mail::Leave, mail::Presence, mail::Done, mail::Return, mail::Joined, mail::HandOut,
               mail::Verdict, mail::Clean, mail::Cleaned, mail::Rules, mail::Reload, mail::Stop>
      body;
};

}  // namespace gaon::broker
