// Who may connect. An authenticator may answer at once or later; until then the
// client's further packets wait unread in its connection.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "base/bytes.h"

namespace gaon::auth {

// What a CONNECT brings. Views live for the call.
struct Credentials {
  std::string_view client_id;
  std::optional<std::string_view> user_name;
  std::optional<ByteView> password;
  bool anonymous_allowed = false;  // by the listener it came in on
};

enum class Verdict : std::uint8_t {
  granted,
  bad_user_name_or_password,
  not_authorized,
  pending,  // the answer comes later, with the same ticket
};

// Names a question; opaque to who answers.
struct Ticket {
  std::uint32_t worker;
  std::uint32_t slot;
  std::uint32_t generation;
};

// Shared by all workers: authenticate() is called from each of their threads.
class Authenticator {
 public:
  // Takes a late answer, with the ticket of its question; any thread may call it.
  using Answer = std::function<void(const Ticket& ticket, Verdict verdict)>;

  virtual ~Authenticator() = default;
  // Once, before the first question.
  virtual void start(Answer answer) = 0;
  virtual Verdict authenticate(const Credentials& credentials, const Ticket& ticket) = 0;
};

// Lets in whoever comes in by a listener that allows anonymous clients, whatever
// they call themselves, and nobody else.
class AnonymousOnly final : public Authenticator {
 public:
  void start(Answer) override {}
  Verdict authenticate(const Credentials& credentials, const Ticket&) override {
    return credentials.anonymous_allowed ? Verdict::granted : Verdict::not_authorized;
  }
};

}  // namespace gaon::auth
