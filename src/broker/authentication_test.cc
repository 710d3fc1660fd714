// An authenticator that answers when it likes.
#include <deque>

#include "broker/broker_fixture_test.h"

namespace gaon::broker {
namespace {

using auth::Verdict;

class LateAuthenticator final : public auth::Authenticator {
 public:
  void start(Answer answer) override { answer_ = std::move(answer); }
  auth::Reply authenticate(const auth::Credentials& credentials, const auth::Ticket& ticket) override {
    if (credentials.user_name == "known") return Verdict::granted;
    questions_.push_back(ticket);
    return Verdict::pending;
  }

  std::size_t questions() const { return questions_.size(); }
  void answer(Verdict verdict) {
    answer_(questions_.front(), verdict);
    questions_.pop_front();
  }

 private:
  Answer answer_;
  std::deque<auth::Ticket> questions_;
};

struct Authentication : BrokerTest {
  Authentication() { authenticator = &late; }
  LateAuthenticator late;
};
INSTANTIATE_TEST_SUITE_P(on, Authentication, one_and_two, workers_name);

TEST_P(Authentication, lets_later_packets_wait_for_the_answer) {
  for (std::size_t home = 0; home < 2; ++home) {
    ScriptedClient& client = open(id_at("a", home));
    client.subscribe("t", q1);
    run();
    client.publish("t", "x", {.qos = q1});
    run();
    EXPECT_EQ(client.told(), "");
    EXPECT_EQ(late.questions(), 1U);
    late.answer(Verdict::granted);
    run();
    EXPECT_EQ(in_any_order(client.told()), "CONNACK 00, PUBACK 2 00, SUBACK 1 01, t=x q1");
    EXPECT_EQ(late.questions(), 0U);
  }
}

TEST_P(Authentication, does_not_let_one_wait_for_another) {
  ScriptedClient& waits = open("a");
  EXPECT_EQ(open("b", {.user_name = "known"}).told(), "CONNACK 00");
  EXPECT_EQ(waits.told(), "");
}

// [MQTT-3.1.4-2], U311-3.2.2-a
TEST_P(Authentication, refuses_with_the_code_of_the_verdict) {
  ScriptedClient& wrong = open("a");
  ScriptedClient& unwanted = open("b");
  ScriptedClient& old = open("c", {.version = Version::v311});
  late.answer(Verdict::bad_user_name_or_password);
  late.answer(Verdict::not_authorized);
  late.answer(Verdict::bad_user_name_or_password);
  run();
  EXPECT_EQ(wrong.told(), "CONNACK 86, closed");
  EXPECT_EQ(unwanted.told(), "CONNACK 87, closed");
  EXPECT_EQ(old.told(), "CONNACK 86, closed");
  EXPECT_EQ(sum(&Metrics::connections), 0);
}

TEST_P(Authentication, has_the_same_time_limit_as_the_connect) {
  config.limits.connect_timeout_s = 10;
  ScriptedClient& client = open("a");
  advance(seconds(11));
  EXPECT_EQ(client.told(), "closed");
  ScriptedClient& other = open("b");  // in the place of the first
  late.answer(Verdict::granted);
  run();
  EXPECT_EQ(other.told(), "");
  late.answer(Verdict::granted);
  run();
  EXPECT_EQ(other.told(), "CONNACK 00");
}

TEST_P(Authentication, survives_a_client_that_does_not_wait) {
  ScriptedClient& client = open("a");
  client.hang_up();
  run();
  late.answer(Verdict::granted);
  run();
  EXPECT_EQ(client.told(), "CONNACK 00, closed");
  EXPECT_EQ(sum(&Metrics::connections), 0);
  EXPECT_EQ(sum(&Metrics::sessions), 0);
}

}  // namespace
}  // namespace gaon::broker
