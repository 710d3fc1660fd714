// Who may connect, asked of several sources in turn. Each listener has its list:
//
//   any   the first source that knows the client decides
//   all   every source has to grant; who it is and what it may are put together
//
// A source works on threads of its own, its lane, so that neither a slow password hash
// nor somebody else's server holds up a worker. What does not fit into a lane's queue is
// refused, and so is who would have to wait too long; what a source knows at once is asked
// before. By the methods of MQTT 5: SCRAM-SHA-256 is a source of its own kind, and OAUTH
// is a token that comes as authentication data instead of as a password.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "auth/authenticator.h"
#include "auth/lane.h"
#include "auth/scram_users.h"
#include "auth/source.h"

namespace gaon::auth {

inline constexpr std::string_view kOAuth = "OAUTH";

struct ChainSource {
  std::unique_ptr<Source> source;
  Method method = Method::password;
  std::size_t threads = 1;        // 0: its answer is quick, and given where it is asked
  std::size_t queue_max = 1'000;  // clients that may wait
  bool refreshes = false;         // wants refresh()
  bool tokens = false;            // is asked about tokens that come by OAUTH
};

// What one listener asks of a client.
struct ListenerChain {
  std::vector<std::uint8_t> sources;  // places in the chain's list, in order
  bool all = false;
  bool scram = false;  // offers SCRAM-SHA-256
  bool oauth = false;  // offers OAUTH
};

class Chain final : public Authenticator {
 public:
  // users: for SCRAM-SHA-256. listeners: as in the configuration.
  // now: what deadlines are compared with.
  Chain(
      std::vector<ChainSource> sources, ScramUsers users, std::vector<ListenerChain> listeners,
      Lane::Now now = [] { return Time{}; });
  ~Chain() override;

  void start(Answer answer) override { answer_ = std::move(answer); }
  Reply authenticate(const Credentials& credentials, const Ticket& ticket) override;
  std::unique_ptr<Exchange> begin(std::string_view method, const Credentials& credentials,
                                  const Ticket& ticket) override;
  void stop() override;
  const char* objection(std::uint32_t listener, const Identity& identity) const override;
  bool idle() const override { return waiting_.load(std::memory_order_acquire) == 0; }

  // Questions that were refused because too many waited.
  std::uint64_t busy() const override;

 private:
  class TokenExchange;
  class ScramExchange;

  // A question on its way through the sources.
  struct Inquiry {
    Question question;
    Ticket ticket{};
    Time deadline = kNever;
    const ListenerChain* chain = nullptr;
    bool anonymous_allowed = false;
    std::optional<std::string> only;  // the user it has to be
    std::size_t step = 0;             // the next source
    std::size_t granted = 0;          // by so many
    Identity identity;
  };

  struct Place {
    std::unique_ptr<Source> source;
    std::unique_ptr<Lane> lane;
    Method method;
    bool tokens = false;
  };

  // Goes on until there is an answer, or (pending) a lane has taken it over.
  Reply go_on(std::unique_ptr<Inquiry> inquiry);
  static std::optional<Reply> take(Inquiry& inquiry, Method method, Finding finding);
  const char* objection(const ListenerChain& chain, Method method, const Identity& identity) const;
  static Reply conclude(Inquiry& inquiry);

  std::vector<Place> sources_;
  const ScramUsers users_;
  const std::vector<ListenerChain> listeners_;
  Answer answer_;
  std::atomic<std::size_t> waiting_{0};  // questions in lanes
};

// Lets in whom a certificate names.
class CertificateSource final : public Source {
 public:
  Finding check(const Question& question) override;
};

}  // namespace gaon::auth
