// Who may connect. An authenticator may answer at once or later; until then the
// client's further packets wait unread in its connection. By an authentication method of
// MQTT 5 the two talk until one of them is satisfied: an Exchange.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "auth/exchange.h"
#include "auth/peer.h"
#include "base/bytes.h"
#include "base/time.h"

namespace gaon::auth {

// What a CONNECT brings. Views live for the call.
struct Credentials {
  std::string_view client_id;
  std::optional<std::string_view> user_name;
  std::optional<ByteView> password;
  bool anonymous_allowed = false;  // by the listener it came in on
  std::uint32_t listener = 0;      // its place in the configuration
  // Who the certificate of its connection says that it is, if there was one and it was checked.
  std::optional<std::string_view> certificate = {};
  // Of a client that authenticates again: the user that it is now, if its exchange told.
  std::optional<std::string_view> connected_as = {};
  const Peer* peer = nullptr;  // where it comes from; null only in tests
  Time deadline = kNever;      // Then it is not connected any more, and needs no answer.
};

// Names a question; opaque to who answers.
struct Ticket {
  std::uint32_t worker;
  std::uint32_t slot;
  std::uint32_t generation;
};

// Shared by all workers: authenticate() and begin() are called from each of their threads.
class Authenticator {
 public:
  // Takes a late answer, with the ticket of its question; any thread may call it.
  using Answer = std::function<void(const Ticket& ticket, Reply reply)>;

  virtual ~Authenticator() = default;
  // Once, before the first question.
  virtual void start(Answer answer) = 0;
  // Of a CONNECT without a method: granted, refused or pending.
  virtual Reply authenticate(const Credentials& credentials, const Ticket& ticket) = 0;
  // Of a CONNECT, or an AUTH that authenticates again, by this method: the server's side
  // of it, or null if the method is not offered. The ticket holds for all its questions.
  virtual std::unique_ptr<Exchange> begin(std::string_view method, const Credentials& credentials,
                                          const Ticket& ticket) {
    static_cast<void>(method), static_cast<void>(credentials), static_cast<void>(ticket);
    return nullptr;
  }

  // Why a client that was let in by this listener, as this identity, would not be let in any
  // more, as far as it can be told at once; null: it would. Any thread.
  virtual const char* objection(std::uint32_t listener, const Identity& identity) const {
    static_cast<void>(listener), static_cast<void>(identity);
    return nullptr;
  }

  // Nobody waits for an answer. Any thread.
  virtual bool idle() const { return true; }

  // Questions that were refused because too many waited. Any thread.
  virtual std::uint64_t busy() const { return 0; }

  // Once, after the last question: when it returns, no answer comes any more.
  virtual void stop() {}
};

// Lets in whoever comes in by a listener that allows anonymous clients, whatever
// they call themselves, and nobody else.
class AnonymousOnly : public Authenticator {
 public:
  void start(Answer) override {}
  Reply authenticate(const Credentials& credentials, const Ticket&) override {
    return credentials.anonymous_allowed ? Verdict::granted : Verdict::not_authorized;
  }
};

}  // namespace gaon::auth
