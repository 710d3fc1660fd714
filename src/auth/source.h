// One way to find out who a client is: a file of passwords, tokens, somebody else's
// server. May take its time; see auth/chain.h for who asks.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "auth/identity.h"

namespace gaon::auth {

// What a client brings, kept while the answer is looked for.
struct Question {
  std::string client_id;
  std::optional<std::string> user_name;
  std::optional<std::string> password;  // by the method OAUTH: the token
  std::string address;
  std::optional<std::string> certificate;  // see Credentials
  bool token_only = false;                 // came by the method OAUTH
};

struct Finding {
  enum class Kind : std::uint8_t {
    unknown,  // this source has nothing to say of it: ask the next
    granted,
    wrong,    // the user or the password is not right
    refused,  // it may not, whatever it brings; or we cannot tell
  };

  Kind kind = Kind::unknown;
  const char* why = "";  // for the log; no secret, nothing that the client sent
  Identity identity = {};
};

class Source {
 public:
  virtual ~Source() = default;

  // On a thread of the source's lane; blocks as long as it must.
  virtual Finding check(const Question& question) = 0;

  // What it can tell at once, without its lane; nothing: check() has to find out. Any thread.
  virtual std::optional<Finding> knows(const Question& question) const {
    static_cast<void>(question);
    return std::nullopt;
  }

  // On the same threads, when there is time: what need not keep anybody waiting.
  virtual void refresh() {}

  // Whether it still lets in whom it has let in, as far as it can tell at once. Any thread.
  virtual bool keeps(const Identity& identity) const {
    static_cast<void>(identity);
    return true;
  }
};

}  // namespace gaon::auth
