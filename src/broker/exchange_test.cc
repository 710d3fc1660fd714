// Authentication methods: an authenticator that answers each step when it likes, and the
// ways in which an exchange does not come to its end.
#include <deque>

#include "broker/broker_fixture_test.h"

namespace gaon::broker {
namespace {

using auth::Verdict;

// Offers the method "late"; keeps each question until answer().
class LateMethod final : public auth::Authenticator {
 public:
  void start(Answer answer) override { answer_ = std::move(answer); }
  auth::Reply authenticate(const auth::Credentials&, const auth::Ticket&) override {
    return Verdict::granted;
  }
  std::unique_ptr<auth::Exchange> begin(std::string_view method, const auth::Credentials& credentials,
                                        const auth::Ticket& ticket) override {
    if (method != "late") return nullptr;
    connected_as.emplace_back(credentials.connected_as.value_or("-"));
    return std::make_unique<Late>(*this, ticket);
  }

  void answer(auth::Reply reply, std::string user = {}) {
    reply.identity.user = std::move(user);
    answer_(questions_.front(), std::move(reply));
    questions_.pop_front();
  }
  std::vector<std::string> asked;  // the data of each step
  std::vector<std::string> connected_as;

 private:
  class Late final : public auth::Exchange {
   public:
    Late(LateMethod& method, const auth::Ticket& ticket) : method_(method), ticket_(ticket) {}
    auth::Reply next(ByteView data) override {
      method_.asked.emplace_back(as_text(data));
      method_.questions_.push_back(ticket_);
      return Verdict::pending;
    }

   private:
    LateMethod& method_;
    auth::Ticket ticket_;
  };

  Answer answer_;
  std::deque<auth::Ticket> questions_;
};

struct Exchange : BrokerTest {
  Exchange() { authenticator = &late; }

  ScriptedClient& begin(std::size_t home = 0) {
    const Props method =
        Props().text(Property::authentication_method, "late").data(Property::authentication_data, "1");
    return open(id_at("a", home), {.properties = &method});
  }
  void say(ScriptedClient& client, Reason reason, std::string_view data) {
    const Props method =
        Props().text(Property::authentication_method, "late").data(Property::authentication_data, data);
    client.send(mqtt::Auth{.reason = reason, .properties = method});
    run();
  }
  void answer(auth::Reply reply, std::string user = {}) {
    late.answer(std::move(reply), std::move(user));
    run();
  }
  // Connected as u.
  ScriptedClient& connected() {
    ScriptedClient& client = begin();
    answer(Verdict::granted, "u");
    EXPECT_EQ(client.told(), "CONNACK 00");
    return client;
  }

  LateMethod late;
};
INSTANTIATE_TEST_SUITE_P(on, Exchange, one_and_two, workers_name);

TEST_P(Exchange, may_take_its_time_for_each_step) {
  for (std::size_t home = 0; home < 2; ++home) {
    late.asked.clear();
    ScriptedClient& client = begin(home);
    EXPECT_EQ(client.told(), "");
    answer({Verdict::continue_authentication, "2"});
    EXPECT_EQ(client.told(), "AUTH 18");
    say(client, Reason::continue_authentication, "3");
    EXPECT_EQ(client.told(), "");
    answer({Verdict::granted, "4"});
    const std::vector<Got> got = client.take();
    ASSERT_EQ(got.size(), 1U);
    EXPECT_EQ(got[0].text(), "CONNACK 00");
    EXPECT_EQ(got[0].properties().text(Property::authentication_method), "late");
    EXPECT_EQ(as_text(*got[0].properties().data(Property::authentication_data)), "4");
    EXPECT_EQ(late.asked, (std::vector<std::string>{"1", "3"}));
    client.subscribe("t");
    run();
    EXPECT_EQ(client.told(), "SUBACK 1 02");
  }
}

TEST_P(Exchange, refusal_is_told_by_connack) {
  ScriptedClient& client = begin();
  answer({Verdict::continue_authentication, "2"});
  say(client, Reason::continue_authentication, "3");
  answer(Verdict::bad_user_name_or_password);
  EXPECT_EQ(client.told(), "AUTH 18, CONNACK 86, closed");
  EXPECT_EQ(sum(&Metrics::connections), 0);
  EXPECT_EQ(sum(&Metrics::sessions), 0);
}

TEST_P(Exchange, has_the_time_of_a_connect) {
  config.limits.connect_timeout_s = 10;
  ScriptedClient& client = begin();
  answer({Verdict::continue_authentication, "2"});
  EXPECT_EQ(client.told(), "AUTH 18");
  advance(seconds(11));
  EXPECT_EQ(client.told(), "closed");
}

TEST_P(Exchange, ends_with_its_connection_whoever_answers_then) {
  ScriptedClient& client = begin();
  client.hang_up();
  run();
  answer({Verdict::continue_authentication, "2"});
  EXPECT_EQ(sum(&Metrics::connections), 0);

  ScriptedClient& other = begin();
  answer({Verdict::continue_authentication, "2"});
  other.disconnect();
  run();
  EXPECT_EQ(other.told(), "AUTH 18, closed");
  EXPECT_EQ(sum(&Metrics::connections), 0);
}

TEST_P(Exchange, a_broker_that_stops_refuses_who_is_in_the_middle_of_it) {
  ScriptedClient& client = begin();
  answer({Verdict::continue_authentication, "2"});
  broker().stop();
  run();
  EXPECT_EQ(client.told(), "AUTH 18, CONNACK 88, closed");
}

TEST_P(Exchange, messages_go_on_while_a_client_authenticates_again) {
  ScriptedClient& client = connected();
  client.subscribe("t", q1);
  say(client, Reason::re_authenticate, "again");
  EXPECT_EQ(client.told(), "SUBACK 1 01");
  client.publish("t", "x", {.qos = q1});
  run();
  EXPECT_EQ(in_any_order(client.told()), "PUBACK 2 00, t=x q1");
  answer({Verdict::continue_authentication, "2"});
  EXPECT_EQ(client.told(), "AUTH 18");
  say(client, Reason::continue_authentication, "3");
  answer(Verdict::granted, "u");
  EXPECT_EQ(client.told(), "AUTH 00");
  EXPECT_EQ(late.connected_as, (std::vector<std::string>{"-", "u"}));
}

TEST_P(Exchange, again_has_the_time_of_a_connect) {
  config.limits.connect_timeout_s = 10;
  ScriptedClient& client = connected();
  say(client, Reason::re_authenticate, "again");
  answer(Verdict::granted, "u");
  EXPECT_EQ(client.told(), "AUTH 00");
  advance(seconds(11));
  EXPECT_EQ(client.told(), "");
  say(client, Reason::re_authenticate, "again");
  advance(seconds(11));
  EXPECT_EQ(client.told(), "DISCONNECT 87, closed");
  late.answer(Verdict::granted);  // too late
  run();
}

TEST_P(Exchange, a_client_that_does_not_wait_for_the_answer_breaks_a_rule) {
  ScriptedClient& client = connected();
  say(client, Reason::re_authenticate, "again");
  say(client, Reason::continue_authentication, "more");
  EXPECT_EQ(client.told(), "DISCONNECT 82, closed");
}

TEST_P(Exchange, step_that_the_client_cannot_take_ends_it) {
  const Props method =
      Props().text(Property::authentication_method, "late").number(Property::maximum_packet_size, 32);
  ScriptedClient& client = open("a", {.properties = &method});
  answer({Verdict::continue_authentication, std::string(20, 'x')});
  EXPECT_EQ(client.told(), "CONNACK 95, closed");
}

}  // namespace
}  // namespace gaon::broker
