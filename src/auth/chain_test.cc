#include "auth/chain.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <future>
#include <thread>

#include "auth/password_users.h"

namespace gaon::auth {
namespace {

using Kind = Finding::Kind;

// Knows some users, who are right with the password "right".
class Known final : public Source {
 public:
  explicit Known(std::string users, Identity identity = {})
      : users_(std::move(users)), identity_(std::move(identity)) {}
  Finding check(const Question& question) override {
    if (!question.user_name || users_.find(*question.user_name) == std::string::npos) return {};
    if (question.password != "right") return {.kind = Kind::wrong};
    Identity identity = identity_;
    if (identity.user.empty()) identity.user = *question.user_name;
    return {.kind = Kind::granted, .identity = identity};
  }

 private:
  std::string users_;
  Identity identity_;
};

// Does not answer before it may.
class Slow final : public Source {
 public:
  explicit Slow(std::shared_future<void> may) : may_(std::move(may)) {}
  Finding check(const Question&) override {
    may_.wait();
    return {.kind = Kind::granted, .identity = {.user = "slow"}};
  }

 private:
  std::shared_future<void> may_;
};

class Tokens final : public Source {
 public:
  Finding check(const Question& question) override {
    if (!question.token_only) return {};
    return {.kind = Kind::granted, .identity = {.user = *question.password}};
  }
};

ScramUsers no_scram() { return std::move(*ScramUsers::read("", "", "s")); }

ChainSource quick(std::unique_ptr<Source> source) { return {.source = std::move(source), .threads = 0}; }

std::vector<ChainSource> sources(std::unique_ptr<Source> a, std::unique_ptr<Source> b) {
  std::vector<ChainSource> both;
  both.push_back(quick(std::move(a)));
  both.push_back(quick(std::move(b)));
  return both;
}

Credentials user(std::string_view name, std::string_view password) {
  return {.client_id = "c", .user_name = name, .password = as_bytes(password)};
}

TEST(Chain, the_first_source_that_knows_the_user_decides) {
  Chain chain(sources(std::make_unique<Known>("ada"), std::make_unique<Known>("ada bob")), no_scram(),
              {{.sources = {0, 1}}});
  EXPECT_EQ(chain.authenticate(user("ada", "right"), {}).identity.user, "ada");
  EXPECT_EQ(chain.authenticate(user("bob", "right"), {}).identity.user, "bob");
  EXPECT_EQ(chain.authenticate(user("ada", "x"), {}).verdict, Verdict::bad_user_name_or_password);
  EXPECT_EQ(chain.authenticate(user("eve", "right"), {}).verdict, Verdict::bad_user_name_or_password);
  EXPECT_EQ(chain.authenticate({.client_id = "c"}, {}).verdict, Verdict::not_authorized);
}

TEST(Chain, all_sources_have_to_grant_where_all_are_required) {
  const Time soon{seconds(5)};
  Chain chain(
      sources(std::make_unique<CertificateSource>(),
              std::make_unique<Known>("ada", Identity{.user = "ada", .roles = {"operator"}, .ends = soon})),
      no_scram(), {{.sources = {0, 1}, .all = true}});
  EXPECT_EQ(chain.authenticate(user("ada", "right"), {}).verdict, Verdict::not_authorized);
  Credentials both = user("ada", "right");
  both.certificate = "plc7";
  const Reply reply = chain.authenticate(both, {});
  EXPECT_EQ(reply.verdict, Verdict::granted);
  EXPECT_EQ(reply.identity.user, "plc7");
  EXPECT_EQ(reply.identity.roles, std::vector<std::string>{"operator"});
  EXPECT_EQ(reply.identity.ends, soon);
  EXPECT_EQ(chain.authenticate({.client_id = "c", .certificate = "plc7"}, {}).verdict,
            Verdict::not_authorized);
}

TEST(Chain, who_is_allowed_to_be_anonymous_may_still_not_lie) {
  Chain chain(sources(std::make_unique<Known>("ada"), std::make_unique<Tokens>()), no_scram(),
              {{.sources = {0}}, {.sources = {}}});
  EXPECT_EQ(chain.authenticate({.client_id = "c", .anonymous_allowed = true}, {}).verdict, Verdict::granted);
  Credentials wrong = user("ada", "x");
  wrong.anonymous_allowed = true;
  EXPECT_EQ(chain.authenticate(wrong, {}).verdict, Verdict::bad_user_name_or_password);
  wrong.listener = 1;  // where nothing is checked, a name is only a name
  const Reply reply = chain.authenticate(wrong, {});
  EXPECT_EQ(reply.verdict, Verdict::granted);
  EXPECT_EQ(reply.identity.user, "");
  EXPECT_EQ(chain.authenticate({.client_id = "c", .listener = 1}, {}).verdict, Verdict::not_authorized);
  // A certificate that nobody asked for says nothing.
  const Credentials device{.client_id = "c", .anonymous_allowed = true, .certificate = "plc7"};
  EXPECT_EQ(chain.authenticate(device, {}).identity.user, "");
  EXPECT_EQ(chain.authenticate(device, {}).verdict, Verdict::granted);
}

TEST(Chain, a_token_by_oauth_is_asked_of_no_other_source) {
  std::vector<ChainSource> both = sources(std::make_unique<CertificateSource>(), std::make_unique<Tokens>());
  both[1].tokens = true;
  Chain chain(std::move(both), no_scram(), {{.sources = {0, 1}, .oauth = true}, {.sources = {0, 1}}});
  EXPECT_EQ(chain.begin(kOAuth, {.client_id = "c", .listener = 1}, {}), nullptr);
  EXPECT_EQ(chain.begin(kScramSha256, {.client_id = "c"}, {}), nullptr);
  const auto exchange = chain.begin(kOAuth, {.client_id = "c", .certificate = "plc7"}, {});
  EXPECT_EQ(exchange->next(as_bytes("ada")).identity.user, "ada");
  EXPECT_EQ(exchange->next(as_bytes("ada")).verdict, Verdict::not_authorized);
  const auto again = chain.begin(kOAuth, {.client_id = "c", .connected_as = "ada"}, {});
  EXPECT_EQ(again->next(as_bytes("bob")).verdict, Verdict::not_authorized);
}

TEST(Chain, a_slow_source_keeps_nobody_waiting_and_a_full_queue_refuses) {
  std::promise<void> may;
  std::vector<ChainSource> slow;
  slow.push_back({.source = std::make_unique<Slow>(may.get_future().share()), .threads = 1, .queue_max = 1});
  slow.push_back(quick(std::make_unique<Known>("ada")));
  Chain chain(std::move(slow), no_scram(), {{.sources = {0}}, {.sources = {1}}});
  std::promise<Reply> first;
  std::promise<Reply> second;
  chain.start([&](const Ticket& ticket, Reply reply) {
    (ticket.slot == 1 ? first : second).set_value(std::move(reply));
  });
  EXPECT_EQ(chain.authenticate(user("a", "x"), {.slot = 1}).verdict, Verdict::pending);
  // The thread may have taken the first out of the queue already, then one more fits.
  Reply reply = chain.authenticate(user("b", "x"), {.slot = 2});
  if (reply.verdict == Verdict::pending) reply = chain.authenticate(user("c", "x"), {.slot = 3});
  EXPECT_EQ(reply.verdict, Verdict::not_authorized);
  EXPECT_EQ(std::string_view(reply.why).substr(0, 4), "busy");
  EXPECT_EQ(chain.busy(), 1U);
  Credentials other = user("ada", "right");
  other.listener = 1;
  EXPECT_EQ(chain.authenticate(other, {}).verdict, Verdict::granted);
  may.set_value();
  EXPECT_EQ(first.get_future().get().identity.user, "slow");
  chain.stop();
}

TEST(Chain, who_has_gone_is_not_asked_about_any_more) {
  // Counts those that it is asked about.
  class Counts final : public Source {
   public:
    explicit Counts(std::shared_future<void> may, std::atomic<int>& asked)
        : may_(std::move(may)), asked_(asked) {}
    Finding check(const Question&) override {
      ++asked_;
      may_.wait();
      return {.kind = Kind::granted, .identity = {.user = "u"}};
    }

   private:
    std::shared_future<void> may_;
    std::atomic<int>& asked_;
  };
  std::atomic<int> asked = 0;
  std::atomic<int> now_s = 0;
  std::promise<void> may;
  std::vector<ChainSource> slow;
  slow.push_back({.source = std::make_unique<Counts>(may.get_future().share(), asked), .threads = 1});
  Chain chain(std::move(slow), no_scram(), {{.sources = {0}, .oauth = true}},
              [&] { return Time(seconds(now_s)); });
  std::array<std::promise<Reply>, 4> replies;
  chain.start([&](const Ticket& ticket, Reply reply) { replies[ticket.slot].set_value(std::move(reply)); });
  const auto ask = [&](std::uint32_t slot, Time deadline) {
    Credentials credentials = user("u", "x");
    credentials.deadline = deadline;
    EXPECT_EQ(chain.authenticate(credentials, {.slot = slot}).verdict, Verdict::pending);
  };
  ask(0, kNever);
  while (asked == 0) std::this_thread::yield();
  ask(1, Time(seconds(10)));
  ask(2, Time(seconds(11)));
  now_s = 10;
  may.set_value();
  EXPECT_EQ(replies[0].get_future().get().verdict, Verdict::granted);
  const Reply late = replies[1].get_future().get();
  EXPECT_EQ(late.verdict, Verdict::not_authorized);
  EXPECT_EQ(std::string_view(late.why).substr(0, 4), "busy");
  EXPECT_EQ(replies[2].get_future().get().verdict, Verdict::granted);
  EXPECT_EQ(asked, 2);
  while (!chain.idle()) std::this_thread::yield();
}

TEST(Chain, who_is_remembered_does_not_wait_with_the_others) {
  VerifiedLogins remembered;
  const PasswordUsers users = *PasswordUsers::read("ada:" + make_password_hash("right"), "");
  const std::string name = "ada";
  const std::string right = "right";
  PasswordSource(users, &remembered).check({.user_name = name, .password = right});
  std::vector<ChainSource> full;
  full.push_back({.source = std::make_unique<PasswordSource>(users, &remembered), .queue_max = 0});
  Chain chain(std::move(full), no_scram(), {{.sources = {0}}});
  const Reply reply = chain.authenticate(user("ada", "right"), {});
  EXPECT_EQ(reply.identity.user, "ada");
  EXPECT_EQ(reply.identity.shown_by, only(Method::password));
  EXPECT_EQ(chain.authenticate(user("ada", "wrong"), {}).verdict, Verdict::not_authorized);
  EXPECT_EQ(chain.busy(), 1U);
}

TEST(Chain, objects_to_who_is_gone_and_to_what_is_not_asked_for_any_more) {
  const auto chain_with = [](std::string_view users, std::vector<std::uint8_t> asked, bool scram) {
    std::vector<ChainSource> sources;
    sources.push_back(
        {.source = std::make_unique<PasswordSource>(*PasswordUsers::read(users, "")), .threads = 0});
    sources.push_back(
        {.source = std::make_unique<CertificateSource>(), .method = Method::certificate, .threads = 0});
    return std::make_unique<Chain>(std::move(sources), no_scram(),
                                   std::vector<ListenerChain>{{.sources = std::move(asked), .scram = scram}});
  };
  const std::string ada = "ada:" + make_password_hash("right");
  const Identity by_password =
      chain_with(ada, {0, 1}, false)->authenticate(user("ada", "right"), {}).identity;
  EXPECT_EQ(by_password.shown_by, only(Method::password));
  EXPECT_EQ(chain_with(ada, {0, 1}, false)->objection(0, by_password), nullptr);
  EXPECT_NE(chain_with("", {0, 1}, false)->objection(0, by_password), nullptr);
  EXPECT_NE(chain_with(ada, {1}, false)->objection(0, by_password), nullptr);
  const Identity by_certificate{.user = "ada", .shown_by = only(Method::certificate)};
  EXPECT_EQ(chain_with("", {0, 1}, false)->objection(0, by_certificate), nullptr);
  const Identity by_both{.user = "ada",
                         .shown_by = Methods(only(Method::certificate) | only(Method::password))};
  EXPECT_NE(chain_with("", {0, 1}, false)->objection(0, by_both), nullptr);
  EXPECT_NE(chain_with("", {}, true)->objection(0, {.user = "ada", .shown_by = only(Method::scram)}),
            nullptr);
  EXPECT_EQ(chain_with("", {}, false)->objection(0, {}), nullptr);
}

TEST(Chain, offers_scram_and_keeps_who_authenticates_again_the_same) {
  constexpr std::string_view kLine =
      "ada:SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:"
      "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=";
  Chain chain({}, std::move(*ScramUsers::read(kLine, "users", "s")), {{.scram = true}});
  const auto last = [&chain](const Credentials& credentials) {
    const auto exchange = chain.begin(kScramSha256, credentials, {});
    ScramClient client("ada", "pencil");
    const std::string first = exchange->next(as_bytes(client.next({}).data)).data;
    return exchange->next(as_bytes(client.next(as_bytes(first)).data));
  };
  EXPECT_EQ(last({}).identity.user, "ada");
  EXPECT_EQ(chain.objection(0, last({}).identity), nullptr);
  EXPECT_EQ(last({.connected_as = "ada"}).verdict, Verdict::granted);
  EXPECT_EQ(last({.connected_as = "bob"}).verdict, Verdict::bad_user_name_or_password);
  EXPECT_EQ(chain.authenticate({}, {}).verdict, Verdict::not_authorized);
}

}  // namespace
}  // namespace gaon::auth
