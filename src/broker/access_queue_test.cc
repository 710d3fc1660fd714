// What waits for a client that may not have it any more: it is not sent, whenever it was
// queued.
#include "broker/broker_fixture_test.h"

namespace gaon::broker {
namespace {

// Believes everybody, by the user name; roles are the same for all.
class Believer final : public auth::Authenticator {
 public:
  void start(Answer) override {}
  auth::Reply authenticate(const auth::Credentials& credentials, const auth::Ticket&) override {
    auth::Reply granted(auth::Verdict::granted);
    granted.identity.user = std::string(credentials.user_name.value_or(""));
    granted.identity.roles = roles;
    return granted;
  }
  std::vector<std::string> roles;
};

constexpr std::string_view kNotTheLine = "user eve\ndeny all line1/#\neverybody\nallow all #\n";
constexpr std::string_view kAll = "everybody\nallow all #\n";

struct AccessOfQueued : BrokerTest {
  AccessOfQueued() {
    authenticator = &believer;
    keeps_log = true;
    config.auth.rules = rules(kAll);
  }

  static auth::AclRules rules(std::string_view text) {
    auth::AclRules all;
    EXPECT_TRUE(all.read(text, "acl"));
    return all;
  }
  void change(std::string_view text) {
    config.auth.rules = rules(text);
    broker().set_rules(config.auth.rules);
    run();
  }
  // The broker stops, and comes back with other rules.
  void restart(std::string_view text) {
    crash();
    config.auth.rules = rules(text);
    broker();
    run();
  }
  ScriptedClient& enter(std::string_view id, std::string_view user, Opening opening = {}) {
    opening.user_name = user;
    ScriptedClient& client = open(id, opening);
    EXPECT_EQ(client.take().size(), 1U);
    return client;
  }
  // A session of that user's, with one subscription, that is offline.
  void leave(std::string_view id, std::string_view user, std::string_view filter = "#") {
    ScriptedClient& client = enter(id, user, {.session_expiry_s = 1000});
    client.subscribe(filter, q2);
    run();
    client.hang_up();
    run();
  }
  Opening again(std::string_view user, bool acks = true) {
    return {.clean_start = false, .session_expiry_s = 1000, .user_name = user, .acks = acks};
  }
  std::string comes_back(std::string_view id, std::string_view user = "eve") {
    return open(id, again(user)).told();
  }
  void publish(std::string_view topic, std::string_view payload, QoS qos = q1) {
    ScriptedClient& writer = enter(id_at("w", 0), "ada");
    writer.publish(topic, payload, {.qos = qos});
    run();
    writer.disconnect();
    run();
  }

  Believer believer;
  std::string e() { return id_at("e", 1); }
};
INSTANTIATE_TEST_SUITE_P(on, AccessOfQueued, one_and_two, workers_name);

TEST_P(AccessOfQueued, what_waited_when_the_rules_changed_is_not_sent) {
  config.session.queue_qos0_offline = true;
  leave(e(), "eve");
  publish("line1/secret", "0", q0);
  publish("line1/secret", "1");
  publish("hall", "2");
  publish("line1/secret", "3", q2);
  change(kNotTheLine);
  EXPECT_EQ(comes_back(e()), "CONNACK 00 present, hall=2 q1");
  EXPECT_EQ(dropped(DropReason::not_allowed), 3);
  EXPECT_EQ(sum(&Metrics::queued_messages), 0);
  // It is gone for good: not the journal has it, and no rule brings it back.
  restart(kAll);
  EXPECT_EQ(comes_back(e()), "CONNACK 00 present");
}

TEST_P(AccessOfQueued, neither_is_what_waited_for_a_subscription_that_ended) {
  config.limits.inflight_max = 1;
  ScriptedClient& eve = enter(e(), "eve", {.session_expiry_s = 1000, .acks = false});
  eve.subscribe("line1/#", q1);
  for (const char* payload : {"1", "2"}) publish("line1/secret", payload);
  EXPECT_EQ(eve.told(), "SUBACK 1 01, line1/secret=1 q1");
  eve.unsubscribe({"line1/#"});
  run();
  change(kNotTheLine);
  eve.send(mqtt::Puback{.packet_id = 1});
  run();
  EXPECT_EQ(eve.told(), "UNSUBACK 2 00");
}

// [MQTT-4.4.0-1]
TEST_P(AccessOfQueued, what_was_sent_once_is_sent_again) {
  ScriptedClient& eve = enter(e(), "eve", {.session_expiry_s = 1000, .acks = false});
  eve.subscribe("#", q2);
  run();
  publish("line1/secret", "1");
  publish("line1/secret", "2", q2);
  EXPECT_EQ(eve.told(), "SUBACK 1 02, line1/secret=1 q1, line1/secret=2 q2");
  eve.hang_up();
  run();
  change(kNotTheLine);
  publish("line1/secret", "3");
  EXPECT_EQ(comes_back(e()), "CONNACK 00 present, line1/secret=1 q1 dup, line1/secret=2 q2 dup");
}

TEST_P(AccessOfQueued, what_waited_over_a_restart_with_other_rules_is_not_sent) {
  leave(e(), "eve");
  publish("line1/secret", "before");
  publish("hall", "before");
  restart(kNotTheLine);
  publish("line1/secret", "after");
  publish("hall", "after");
  EXPECT_EQ(comes_back(e()), "CONNACK 00 present, hall=before q1, hall=after q1");
  restart(kAll);
  EXPECT_EQ(comes_back(e()), "CONNACK 00 present");
}

TEST_P(AccessOfQueued, neither_is_what_waited_for_nobody_in_particular) {
  ScriptedClient& one = client(e(), {.session_expiry_s = 1000});
  one.subscribe("#", q1);
  run();
  one.hang_up();
  run();
  publish("line1/secret", "before");
  restart("user ada\nallow all #\neverybody\ndeny all line1/#\nallow all #\n");
  publish("line1/secret", "after");
  publish("hall", "after");
  EXPECT_EQ(open(e(), {.clean_start = false, .session_expiry_s = 1000}).told(),
            "CONNACK 00 present, hall=after q1");
}

// They were let out behind one record, and only one of them was sent: which, is not known.
TEST_P(AccessOfQueued, what_may_not_have_been_sent_before_a_crash_is_not_sent) {
  leave(e(), "eve");
  for (const char* payload : {"1", "2"}) publish("line1/secret", payload);
  publish("line1/secret", "3", q2);
  config.limits.inflight_max = 1;
  restart(kAll);
  EXPECT_EQ(open(e(), again("eve", false)).told(), "CONNACK 00 present, line1/secret=1 q1");
  restart(kNotTheLine);
  // What it may hold of QoS 2 is released.
  std::vector<Got> got = open(e(), again("eve")).take();
  ASSERT_EQ(got.size(), 2U);
  EXPECT_EQ(got[1].type, mqtt::PacketType::pubrel);
  restart(kAll);
  EXPECT_EQ(comes_back(e()), "CONNACK 00 present");
}

TEST_P(AccessOfQueued, what_waited_for_a_role_that_its_user_has_lost_is_not_sent) {
  change("role operator\nallow all line1/#\neverybody\nallow all hall\nuser ada\nallow all #\n");
  believer.roles = {"operator"};
  ScriptedClient& eve = enter(e(), "eve", {.session_expiry_s = 1000});
  eve.subscribe({{.filter = "line1/#", .qos = q1}, {.filter = "hall", .qos = q1}});
  run();
  eve.hang_up();
  run();
  believer.roles = {};
  publish("line1/secret", "1");
  publish("hall", "2");
  EXPECT_EQ(comes_back(e()), "CONNACK 00 present, hall=2 q1");
}

TEST_P(AccessOfQueued, what_a_group_handed_out_goes_to_another_member) {
  config.limits.output_bytes_high = 20;
  leave("other", "bob", "$share/g/line1/x");
  ScriptedClient& eve = enter(e(), "eve", {.session_expiry_s = 1000});
  eve.subscribe("$share/g/line1/x", q1);
  run();
  eve.take();
  eve.wire.take_at_most(0);
  const std::vector<std::string> payloads = {"1111111111", "2222222222", "3333333333", "4444444444"};
  for (const std::string& payload : payloads) publish("line1/x", payload);
  change(kNotTheLine);
  eve.wire.take_at_most(SIZE_MAX);
  run();
  const std::size_t sent = eve.take().size();
  ASSERT_LT(sent, payloads.size());
  std::string others = "CONNACK 00 present";
  for (std::size_t i = sent; i < payloads.size(); ++i) others += ", line1/x=" + payloads[i] + " q1";
  EXPECT_EQ(in_any_order(comes_back("other", "bob")), in_any_order(others));
  restart(kAll);
  EXPECT_EQ(comes_back(e()), "CONNACK 00 present");
  EXPECT_EQ(comes_back("other", "bob"), "CONNACK 00 present");
}

TEST_P(AccessOfQueued, retained_messages_that_wait_are_not_sent) {
  publish("line1/a", "gone");
  ScriptedClient& writer = enter("r", "ada");
  for (int i = 0; i < 100; ++i)
    writer.publish((i % 2 == 0 ? "line1/" : "hall/") + std::to_string(i), "x", {.qos = q1, .retain = true});
  run();
  config.limits.inflight_max = 1;
  restart(kAll);
  ScriptedClient& eve = enter(e(), "eve", {.acks = false});
  eve.subscribe("#", q1);
  run();
  std::vector<Got> got = eve.take();
  ASSERT_EQ(got.size(), 2U);  // SUBACK and the first
  change(kNotTheLine);
  eve.acks = true;
  eve.send(mqtt::Puback{.packet_id = got[1].packet_id});
  run();
  got = eve.take();
  EXPECT_GE(got.size(), 49U);
  for (const Got& one : got) EXPECT_TRUE(one.topic.starts_with("hall/")) << one.topic;
}

// What is left of those that have to be looked at is so on the next connection too.
TEST_P(AccessOfQueued, who_comes_back_a_second_time_gets_no_more) {
  config.limits.inflight_max = 1;
  leave(e(), "eve");
  publish("hall", "1");
  publish("line1/secret", "2");
  change(kNotTheLine);
  EXPECT_EQ(open(e(), again("eve", false)).told(), "CONNACK 00 present, hall=1 q1");
  EXPECT_EQ(comes_back(e()), "CONNACK 00 present, hall=1 q1 dup");
}

TEST_P(AccessOfQueued, who_comes_back_with_the_same_rights_gets_all) {
  leave(e(), "eve");
  publish("line1/secret", "1");
  EXPECT_EQ(open(e(), again("eve", false)).told(), "CONNACK 00 present, line1/secret=1 q1");
  publish("line1/secret", "2");
  EXPECT_EQ(in_any_order(comes_back(e())),
            "CONNACK 00 present, line1/secret=1 q1 dup, line1/secret=2 q1 dup");
}

TEST_P(AccessOfQueued, a_will_that_may_not_be_left_any_more_is_not_published) {
  leave("reader", "bob");
  const Props delay =
      Props().number(Property::will_delay_interval, 30).number(Property::message_expiry_interval, 1000);
  const mqtt::Will will{.topic = "line1/w", .payload = as_bytes("x"), .qos = q1, .properties = delay};
  for (const char* id : {"waits", "ends"}) {
    enter(id, "eve", {.session_expiry_s = 1000, .will = will}).hang_up();
    run();
  }
  change(kNotTheLine);
  open("ends", {.user_name = "eve"});  // Clean Start ends the session, and so its delay.
  advance(seconds(40));
  EXPECT_EQ(comes_back("reader", "bob"), "CONNACK 00 present");
}

TEST_P(AccessOfQueued, neither_is_the_will_of_who_left_before_there_were_rules) {
  change("");
  leave("reader", "bob");
  const Props delay = Props().number(Property::will_delay_interval, 30);
  const mqtt::Will will{.topic = "line1/w", .payload = as_bytes("x"), .qos = q1, .properties = delay};
  enter("c", "", {.session_expiry_s = 1000, .will = will}).hang_up();
  run();
  change("user bob\nallow all #\n");
  advance(seconds(40));
  EXPECT_EQ(comes_back("reader", "bob"), "CONNACK 00 present");
}

}  // namespace
}  // namespace gaon::broker
