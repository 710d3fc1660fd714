#include "auth/reloadable.h"

#include <gtest/gtest.h>

#include <future>

#include "auth/chain.h"

namespace gaon::auth {
namespace {

// Lets everybody in as the user it was made with; later, if it has to wait.
class As final : public Source {
 public:
  explicit As(std::string user, std::shared_future<void> may = {}) : user_(std::move(user)), may_(may) {}
  Finding check(const Question&) override {
    if (may_.valid()) may_.wait();
    return {.kind = Finding::Kind::granted, .identity = {.user = user_}};
  }

 private:
  const std::string user_;
  std::shared_future<void> may_;
};

std::unique_ptr<Chain> chain_of(std::unique_ptr<Source> source, std::size_t threads, bool oauth = false) {
  std::vector<ChainSource> sources;
  sources.push_back({.source = std::move(source), .threads = threads, .tokens = oauth});
  return std::make_unique<Chain>(std::move(sources), std::move(*ScramUsers::read("", "", "s")),
                                 std::vector<ListenerChain>{{.sources = {0}, .oauth = oauth}});
}

Credentials somebody() { return {.client_id = "c", .user_name = "ada", .password = as_bytes("x")}; }

TEST(Reloadable, asks_the_new_one_once_it_is_exchanged) {
  Reloadable reloadable(chain_of(std::make_unique<As>("old"), 0));
  reloadable.start([](const Ticket&, Reply) {});
  EXPECT_EQ(reloadable.authenticate(somebody(), {}).identity.user, "old");
  reloadable.exchange(chain_of(std::make_unique<As>("new"), 0));
  EXPECT_EQ(reloadable.authenticate(somebody(), {}).identity.user, "new");
  reloadable.stop();
}

TEST(Reloadable, what_the_old_one_was_asked_it_answers) {
  std::promise<void> may;
  std::promise<std::string> answered;
  Reloadable reloadable(chain_of(std::make_unique<As>("old", may.get_future().share()), 1));
  reloadable.start([&](const Ticket&, Reply reply) { answered.set_value(reply.identity.user); });
  EXPECT_EQ(reloadable.authenticate(somebody(), {}).verdict, Verdict::pending);
  reloadable.exchange(chain_of(std::make_unique<As>("new"), 0));
  EXPECT_TRUE(reloadable.has_room());
  may.set_value();
  EXPECT_EQ(answered.get_future().get(), "old");
  reloadable.stop();
}

TEST(Reloadable, an_exchange_goes_on_with_whom_it_began) {
  Reloadable reloadable(chain_of(std::make_unique<As>("old"), 0, true));
  reloadable.start([](const Ticket&, Reply) {});
  const auto exchange = reloadable.begin(kOAuth, somebody(), {});
  reloadable.exchange(chain_of(std::make_unique<As>("new"), 0, true));
  EXPECT_TRUE(reloadable.has_room());  // which lets go of what nobody needs
  EXPECT_EQ(exchange->next(as_bytes("token")).identity.user, "old");
  EXPECT_EQ(reloadable.begin("OTHER", somebody(), {}), nullptr);
  reloadable.stop();
}

TEST(Reloadable, does_not_heap_up_old_ones_that_have_work) {
  std::promise<void> may;
  const auto wait = may.get_future().share();
  const auto slow = [&] { return chain_of(std::make_unique<As>("old", wait), 1); };
  Reloadable reloadable(slow());
  reloadable.start([](const Ticket&, Reply) {});
  for (std::size_t i = 0; i < Reloadable::kRetiredMax; ++i) {
    EXPECT_TRUE(reloadable.has_room());
    reloadable.authenticate(somebody(), {});
    reloadable.exchange(slow());
  }
  EXPECT_FALSE(reloadable.has_room());
  may.set_value();
  reloadable.stop();
}

}  // namespace
}  // namespace gaon::auth
