#include "auth/chain.h"

#include <algorithm>

namespace gaon::auth {
namespace {

Question question_of(const Credentials& credentials) {
  const auto copy = [](const auto& view) {
    return view ? std::optional<std::string>(*view) : std::optional<std::string>();
  };
  return {.client_id = std::string(credentials.client_id),
          .user_name = copy(credentials.user_name),
          .password = credentials.password ? std::optional<std::string>(as_text(*credentials.password))
                                           : std::optional<std::string>(),
          .address = credentials.peer ? credentials.peer->address : std::string(),
          .certificate = copy(credentials.certificate)};
}

Reply refusal(Verdict verdict, const char* why) {
  Reply reply(verdict);
  reply.why = why;
  return reply;
}

// What two sources know of one client, of which the first names it.
void add(Identity& to, Identity from) {
  if (to.user.empty()) to.user = std::move(from.user);
  std::ranges::move(from.roles, std::back_inserter(to.roles));
  std::ranges::move(from.claims, std::back_inserter(to.claims));
  std::ranges::move(from.rules, std::back_inserter(to.rules));
  to.ruled = to.ruled || from.ruled;
  to.ends = std::min(to.ends, from.ends);
  to.shown_by |= from.shown_by;
}

}  // namespace

// The token is one step; it waits for its answer like a password.
class Chain::TokenExchange final : public Exchange {
 public:
  TokenExchange(Chain& chain, const Credentials& credentials, const Ticket& ticket)
      : chain_(chain), inquiry_(std::make_unique<Inquiry>()) {
    inquiry_->question = question_of(credentials);
    inquiry_->question.token_only = true;
    inquiry_->ticket = ticket;
    inquiry_->deadline = credentials.deadline;
    inquiry_->chain = &chain.listeners_[credentials.listener];
    if (credentials.connected_as) inquiry_->only = std::string(*credentials.connected_as);
  }

  Reply next(ByteView data) override {
    if (inquiry_ == nullptr) return refusal(Verdict::not_authorized, "a token was sent twice");
    inquiry_->question.password = std::string(as_text(data));
    return chain_.go_on(std::move(inquiry_));
  }

 private:
  Chain& chain_;
  std::unique_ptr<Inquiry> inquiry_;
};

// SCRAM, and that it was.
class Chain::ScramExchange final : public Exchange {
 public:
  ScramExchange(const ScramUsers& users, std::optional<std::string> only_user)
      : server_([&users](std::string_view user) { return users.find(user); }, std::move(only_user)) {}

  Reply next(ByteView data) override {
    Reply reply = server_.next(data);
    reply.identity.shown_by = only(Method::scram);
    return reply;
  }

 private:
  ScramServer server_;
};

Chain::Chain(std::vector<ChainSource> sources, ScramUsers users, std::vector<ListenerChain> listeners,
             Lane::Now now)
    : users_(std::move(users)), listeners_(std::move(listeners)) {
  for (ChainSource& one : sources) {
    Place place{.source = std::move(one.source), .lane = nullptr, .method = one.method, .tokens = one.tokens};
    if (one.threads > 0) {
      std::function<void()> idle;
      if (one.refreshes) idle = [source = place.source.get()] { source->refresh(); };
      place.lane = std::make_unique<Lane>(one.threads, one.queue_max, now, std::move(idle));
    }
    sources_.push_back(std::move(place));
  }
}

Chain::~Chain() { stop(); }

void Chain::stop() {
  for (Place& place : sources_) {
    if (place.lane) place.lane->stop();
  }
}

std::uint64_t Chain::busy() const {
  std::uint64_t sum = 0;
  for (const Place& place : sources_) {
    if (place.lane) sum += place.lane->refused();
  }
  return sum;
}

Reply Chain::authenticate(const Credentials& credentials, const Ticket& ticket) {
  const ListenerChain& chain = listeners_[credentials.listener];
  // Where nothing could be checked, a name without proof is no reason to keep somebody out.
  const bool says_nothing = !credentials.user_name && !credentials.password && !credentials.certificate;
  if (credentials.anonymous_allowed && (chain.sources.empty() || (says_nothing && !chain.all))) {
    return Verdict::granted;
  }
  auto inquiry = std::make_unique<Inquiry>();
  inquiry->question = question_of(credentials);
  inquiry->ticket = ticket;
  inquiry->deadline = credentials.deadline;
  inquiry->chain = &chain;
  inquiry->anonymous_allowed = credentials.anonymous_allowed;
  return go_on(std::move(inquiry));
}

std::unique_ptr<Exchange> Chain::begin(std::string_view method, const Credentials& credentials,
                                       const Ticket& ticket) {
  const ListenerChain& chain = listeners_[credentials.listener];
  if (method == kOAuth && chain.oauth) return std::make_unique<TokenExchange>(*this, credentials, ticket);
  if (method != kScramSha256 || !chain.scram) return nullptr;
  // Who authenticates again stays who it is: its session is that user's.
  return std::make_unique<ScramExchange>(users_, credentials.connected_as
                                                     ? std::optional<std::string>(*credentials.connected_as)
                                                     : std::nullopt);
}

Reply Chain::go_on(std::unique_ptr<Inquiry> inquiry) {
  while (inquiry->step < inquiry->chain->sources.size()) {
    Place& place = sources_[inquiry->chain->sources[inquiry->step]];
    if (inquiry->question.token_only && !inquiry->chain->all && !place.tokens) {
      ++inquiry->step;  // The token has to be good, whatever else would do.
      continue;
    }
    if (place.lane == nullptr) {
      if (auto reply = take(*inquiry, place.method, place.source->check(inquiry->question)))
        return std::move(*reply);
      continue;
    }
    if (auto known = place.source->knows(inquiry->question)) {
      if (auto reply = take(*inquiry, place.method, std::move(*known))) return std::move(*reply);
      continue;
    }
    ++waiting_;
    const Time deadline = inquiry->deadline;
    auto job = [this, &place, asked = std::move(inquiry)](bool late) mutable {
      const Ticket ticket = asked->ticket;
      auto reply = late ? refusal(Verdict::not_authorized, "busy: it waited too long")
                        : take(*asked, place.method, place.source->check(asked->question));
      if (!reply) reply = go_on(std::move(asked));
      if (reply->verdict != Verdict::pending) answer_(ticket, std::move(*reply));
      --waiting_;
    };
    const bool taken = place.lane->put(std::move(job), deadline);
    if (!taken) --waiting_;
    return taken ? Reply() : refusal(Verdict::not_authorized, "busy: too many clients wait to authenticate");
  }
  return conclude(*inquiry);
}

// An answer, or nothing if the next source has to be asked.
std::optional<Reply> Chain::take(Inquiry& inquiry, Method method, Finding finding) {
  ++inquiry.step;
  switch (finding.kind) {
    case Finding::Kind::wrong:
      return refusal(Verdict::bad_user_name_or_password, finding.why);
    case Finding::Kind::refused:
      return refusal(Verdict::not_authorized, finding.why);
    case Finding::Kind::granted:
      ++inquiry.granted;
      finding.identity.shown_by = only(method);
      add(inquiry.identity, std::move(finding.identity));
      if (!inquiry.chain->all) return conclude(inquiry);
      return std::nullopt;
    case Finding::Kind::unknown:
      break;
  }
  if (inquiry.chain->all) return refusal(Verdict::not_authorized, "one of the required proofs is missing");
  return std::nullopt;
}

Reply Chain::conclude(Inquiry& inquiry) {
  if (inquiry.granted == 0) {
    const bool said = inquiry.question.user_name || inquiry.question.password;
    if (!said && inquiry.anonymous_allowed) return Verdict::granted;
    return said ? refusal(Verdict::bad_user_name_or_password, "nobody knows this user")
                : refusal(Verdict::not_authorized, "it did not say who it is");
  }
  if (inquiry.only && inquiry.identity.user != *inquiry.only) {
    return refusal(Verdict::not_authorized, "it is another user now");
  }
  Reply reply(Verdict::granted);
  reply.identity = std::move(inquiry.identity);
  return reply;
}

const char* Chain::objection(std::uint32_t listener, const Identity& identity) const {
  for (std::size_t i = 0; i < kMethods; ++i) {
    const auto method = static_cast<Method>(i);
    if ((identity.shown_by & only(method)) == 0) continue;
    if (const char* why = objection(listeners_[listener], method, identity)) return why;
  }
  return nullptr;
}

const char* Chain::objection(const ListenerChain& chain, Method method, const Identity& identity) const {
  constexpr const char* kUserGone = "its user is not there any more";
  constexpr const char* kMethodGone = "its listener does not ask any more for what it showed";
  if (method == Method::scram) {
    if (!chain.scram) return kMethodGone;
    return users_.find(identity.user).known ? nullptr : kUserGone;
  }
  const auto of_method = [&](std::uint8_t place) { return sources_[place].method == method; };
  const auto place = std::ranges::find_if(chain.sources, of_method);
  if (place == chain.sources.end()) return kMethodGone;
  return sources_[*place].source->keeps(identity) ? nullptr : kUserGone;
}

Finding CertificateSource::check(const Question& question) {
  if (!question.certificate) return {};
  return {.kind = Finding::Kind::granted, .identity = {.user = *question.certificate}};
}

}  // namespace gaon::auth
