// Who a client is, and what it may: rules on publish, subscribe, wills and delivery, rules
// that change, and tokens that end.
#include "broker/broker_fixture_test.h"

namespace gaon::broker {
namespace {

// Believes everybody, by the user name; roles, rules and the end are the same for all.
class Believer final : public auth::Authenticator {
 public:
  void start(Answer) override {}
  auth::Reply authenticate(const auth::Credentials& credentials, const auth::Ticket&) override {
    return reply(std::string(credentials.user_name.value_or("")));
  }
  std::unique_ptr<auth::Exchange> begin(std::string_view, const auth::Credentials&,
                                        const auth::Ticket&) override {
    return std::make_unique<Once>(*this);
  }
  auth::Identity identity;

 private:
  // The data is the user.
  class Once final : public auth::Exchange {
   public:
    explicit Once(Believer& believer) : believer_(believer) {}
    auth::Reply next(ByteView data) override { return believer_.reply(std::string(as_text(data))); }

   private:
    Believer& believer_;
  };

  auth::Reply reply(std::string user) const {
    auth::Reply granted(auth::Verdict::granted);
    granted.identity = identity;
    granted.identity.user = std::move(user);
    return granted;
  }
};

struct Access : BrokerTest {
  Access() { authenticator = &believer; }

  static auth::AclRules rules(std::string_view text) {
    auth::AclRules all;
    EXPECT_TRUE(all.read(text, "acl"));
    return all;
  }
  void change(std::string_view text) {
    broker().set_rules(rules(text));
    run();
  }
  ScriptedClient& enter(std::string_view client_id, std::string_view user, Opening opening = {}) {
    opening.user_name = user;
    ScriptedClient& client = open(client_id, opening);
    EXPECT_EQ(client.take().size(), 1U);
    return client;
  }
  std::string told(ScriptedClient& client) {
    run();
    return client.told();
  }

  Believer believer;
};
INSTANTIATE_TEST_SUITE_P(on, Access, one_and_two, workers_name);

TEST_P(Access, what_may_not_be_published_is_acknowledged_with_a_reason_and_goes_nowhere) {
  config.auth.rules = rules("user ada\nallow publish a/#\neverybody\nallow subscribe #\n");
  ScriptedClient& reader = enter("reader", "bob");
  reader.subscribe("#", q0);
  EXPECT_EQ(told(reader), "SUBACK 1 00");
  ScriptedClient& ada = enter("c", "ada");
  ada.publish("a/x", "1", {.qos = q1});
  ada.publish("b", "2", {.qos = q1});
  ada.publish("b", "3", {.qos = q2});
  ada.publish("b", "4", {.retain = true});
  EXPECT_EQ(told(ada), "PUBACK 1 00, PUBACK 2 87, PUBREC 3 87");
  EXPECT_EQ(told(reader), "a/x=1");
  EXPECT_EQ(dropped(DropReason::not_allowed), 3);
}

// [MQTT-3.3.5-2@311]: a positive acknowledgement, and nothing else.
TEST_P(Access, before_mqtt_5_what_may_not_be_published_is_acknowledged_and_dropped) {
  config.auth.rules = rules("everybody\nallow subscribe #\n");
  ScriptedClient& client = enter("c", "ada", {.version = Version::v311});
  client.subscribe("#", q0);
  client.publish("b", "2", {.qos = q1});
  EXPECT_EQ(in_any_order(told(client)), "PUBACK 2 00, SUBACK 1 00");
}

TEST_P(Access, each_filter_is_allowed_or_refused_alone) {
  config.auth.rules = rules("user ada\ndeny subscribe a/secret\nallow subscribe a/#\n");
  ScriptedClient& client = enter("c", "ada");
  client.subscribe({{.filter = "a/b", .qos = q1},
                    {.filter = "a/#", .qos = q1},
                    {.filter = "b", .qos = q1},
                    {.filter = "$share/g/a/b", .qos = q1},
                    {.filter = "$share/g/b", .qos = q1}});
  EXPECT_EQ(told(client), "SUBACK 1 01 87 87 01 87");
  ScriptedClient& old = enter("d", "ada", {.version = Version::v311});
  old.subscribe({{.filter = "a/b", .qos = q1}, {.filter = "b", .qos = q1}});
  EXPECT_EQ(told(old), "SUBACK 1 01 80");
}

TEST_P(Access, a_name_that_was_not_proven_counts_for_nothing) {
  config.auth.rules = rules("user ada\nallow all #\n");
  ScriptedClient& client = open("c");  // granted as nobody in particular
  client.take();
  client.publish("a", "1", {.qos = q1});
  EXPECT_EQ(told(client), "PUBACK 1 87");
}

TEST_P(Access, a_will_has_to_be_allowed_when_it_is_left_and_when_it_is_published) {
  config.auth.rules = rules("user ada\nallow publish w\neverybody\nallow subscribe #\n");
  ScriptedClient& reader = enter("reader", "bob");
  reader.subscribe("#", q0);
  told(reader);
  const mqtt::Will will{.topic = "w", .payload = as_bytes("x")};
  EXPECT_EQ(open("b", {.will = will, .user_name = "bob"}).told(), "CONNACK 87, closed");
  EXPECT_EQ(open("b", {.version = Version::v311, .will = will, .user_name = "bob"}).told(),
            "CONNACK 87, closed");
  enter("c", "ada", {.will = will}).hang_up();
  EXPECT_EQ(told(reader), "w=x");
  ScriptedClient& again = enter("c", "ada", {.will = will});
  change("everybody\nallow subscribe #\n");
  again.hang_up();
  EXPECT_EQ(told(reader), "");
}

TEST_P(Access, rules_that_change_hold_for_who_is_connected) {
  ScriptedClient& reader = enter(id_at("r", 1), "bob");
  reader.subscribe("a/#", q1);
  reader.subscribe("b", q1);
  ScriptedClient& writer = enter(id_at("w", 0), "ada");
  run();
  reader.take();
  writer.publish("a/1", "before", {.qos = q1});
  EXPECT_EQ(told(reader), "a/1=before q1");
  EXPECT_EQ(told(writer), "PUBACK 1 00");
  change("user ada\nallow publish #\nuser bob\nallow subscribe a/1\nallow subscribe b\n");
  for (const char* topic : {"a/1", "a/2", "b"}) writer.publish(topic, "after", {.qos = q1});
  EXPECT_EQ(told(reader), "a/1=after q1, b=after q1");
  change("user bob\nallow all #\n");
  writer.publish("a/2", "no", {.qos = q1});
  run();
  writer.take();
  reader.publish("a/2", "again", {.qos = q0});
  EXPECT_EQ(told(reader), "a/2=again");
  change("");
  writer.publish("a/2", "free", {.qos = q1});
  EXPECT_EQ(told(reader), "a/2=free q1");
}

TEST_P(Access, retained_messages_are_looked_at_like_others) {
  ScriptedClient& writer = enter("w", "ada");
  writer.publish("a/1", "1", {.retain = true});
  writer.publish("b/1", "2", {.retain = true});
  run();
  change("user bob\nallow subscribe a/#\n");
  ScriptedClient& reader = enter("r", "bob");
  reader.subscribe({{.filter = "a/#", .qos = q0}, {.filter = "b/#", .qos = q0}});
  EXPECT_EQ(told(reader), "SUBACK 1 00 87, a/1=1 retain");
}

TEST_P(Access, a_member_of_a_group_that_may_not_have_it_leaves_it_to_the_others) {
  ScriptedClient& one = enter(id_at("one", 0), "bob");
  ScriptedClient& two = enter(id_at("two", 1), "eve");
  one.subscribe("$share/g/a", q1);
  two.subscribe("$share/g/a", q1);
  run();
  one.take(), two.take();
  change("user ada\nallow publish a\nuser eve\nallow subscribe a\n");
  ScriptedClient& writer = enter("w", "ada");
  for (int i = 0; i < 4; ++i) writer.publish("a", std::to_string(i), {.qos = q1});
  run();
  EXPECT_EQ(one.told(), "");
  EXPECT_EQ(in_any_order(two.told()), "a=0 q1, a=1 q1, a=2 q1, a=3 q1");
}

TEST_P(Access, the_session_of_one_user_is_not_given_to_another) {
  ScriptedClient& ada = enter("c", "ada", {.session_expiry_s = 100});
  ada.subscribe("a", q1);
  told(ada);
  // Connected: it stays. Gone: what waits for it is not for others.
  EXPECT_EQ(open("c", {.clean_start = false, .user_name = "bob"}).told(), "CONNACK 87, closed");
  EXPECT_EQ(told(ada), "");
  ada.hang_up();
  run();
  ScriptedClient& writer = enter("w", "eve");
  writer.publish("a", "for ada", {.qos = q1});
  run();
  EXPECT_EQ(open("c", {.clean_start = false, .user_name = "bob"}).told(), "CONNACK 00");
  EXPECT_EQ(open("d", {.session_expiry_s = 100, .user_name = "ada"}).told(), "CONNACK 00");
  EXPECT_EQ(open("d", {.clean_start = false, .user_name = "ada"}).told(), "CONNACK 00 present");
}

TEST_P(Access, the_session_of_one_user_is_not_given_to_another_after_a_restart) {
  keeps_log = true;
  config.auth.rules = rules("everybody\nallow publish a\nallow subscribe a\n");
  for (const char* id : {"c", "d"}) {
    ScriptedClient& ada = enter(id, "ada", {.session_expiry_s = 100});
    ada.subscribe("a", q1);
    told(ada);
    ada.hang_up();
    run();
  }
  crash();
  ScriptedClient& writer = enter("w", "eve");
  writer.publish("a", "for ada", {.qos = q1});
  run();
  const Opening bob{.clean_start = false, .session_expiry_s = 100, .user_name = "bob"};
  EXPECT_EQ(open("c", bob).told(), "CONNACK 00");
  EXPECT_EQ(open("d", {.clean_start = false, .session_expiry_s = 100, .user_name = "ada"}).told(),
            "CONNACK 00 present, a=for ada q1");
}

TEST_P(Access, a_client_has_to_be_called_as_its_user_where_that_is_asked) {
  config.listeners.push_back({.url = {}, .allow_anonymous = true, .client_id_is_user = true});
  EXPECT_EQ(open("pump-7", {.user_name = "pump-7"}).told(), "CONNACK 00");
  EXPECT_EQ(open("pump-8", {.user_name = "pump-7"}).told(), "CONNACK 87, closed");
  EXPECT_EQ(open("", {.user_name = "pump-7"}).told(), "CONNACK 87, closed");
}

TEST_P(Access, rules_of_the_token_come_after_ours) {
  config.auth.rules = rules("everybody\ndeny publish b\n");
  believer.identity.rules = {*auth::parse_acl_rule("allow publish #")};
  ScriptedClient& client = enter("c", "ada");
  client.publish("a", "1", {.qos = q1});
  client.publish("b", "2", {.qos = q1});
  EXPECT_EQ(told(client), "PUBACK 1 10, PUBACK 2 87");
}

TEST_P(Access, who_does_not_renew_its_token_goes_some_time_after_its_end) {
  config.auth.expiry_grace_s = 5;
  believer.identity.ends = now() + seconds(10);
  for (std::size_t home = 0; home < 2; ++home) {
    ScriptedClient& client = enter(id_at("c", home), "ada");
    ScriptedClient& old = enter(id_at("o", home), "ada", {.version = Version::v311});
    believer.identity.ends = now() + seconds(10);
    advance(seconds(14));
    EXPECT_EQ(client.told(), "");
    advance(seconds(1));
    EXPECT_EQ(client.told(), "DISCONNECT 87, closed");
    EXPECT_EQ(old.told(), "closed");
    believer.identity.ends = now() + seconds(10);
  }
}

TEST_P(Access, a_token_can_be_renewed_inside_the_session) {
  config.auth.expiry_grace_s = 5;
  for (std::size_t home = 0; home < 2; ++home) {
    believer.identity.ends = now() + seconds(10);
    const Props ada =
        Props().text(Property::authentication_method, "OAUTH").data(Property::authentication_data, "ada");
    ScriptedClient& client = open(id_at("c", home), {.properties = &ada});
    client.take();
    advance(seconds(9));
    believer.identity.ends = now() + seconds(100);
    client.send(mqtt::Auth{.reason = Reason::re_authenticate, .properties = ada});
    EXPECT_EQ(told(client), "AUTH 00");
    advance(seconds(90));
    EXPECT_EQ(client.told(), "");
    advance(seconds(15));
    EXPECT_EQ(client.told(), "DISCONNECT 87, closed");
  }
}

}  // namespace
}  // namespace gaon::broker
