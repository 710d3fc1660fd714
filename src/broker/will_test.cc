// Wills: when they are published and when not. Takeover is in takeover_test.cc.
#include "broker/broker_fixture_test.h"

namespace gaon::broker {
namespace {

struct Wills : BrokerTest {
  Wills() {
    config.session.expiry_v3_s = 100;
    watcher = &client("watcher");
    watcher->subscribe({{.filter = "will/#", .qos = q2, .retain_as_published = true}});
    run();
    watcher->take();
  }

  // A client with a will of its name that comes after delay_s.
  ScriptedClient& with_will(std::string_view id, std::uint32_t delay_s, std::uint32_t session_expiry_s) {
    const Props delay = Props().number(Property::will_delay_interval, delay_s);
    mqtt::Will will{.topic = "will/x", .payload = as_bytes(id), .qos = q1};
    if (delay_s > 0) will.properties = delay;
    return client(id, {.clean_start = false, .session_expiry_s = session_expiry_s, .will = will});
  }

  ScriptedClient* watcher;
};
INSTANTIATE_TEST_SUITE_P(on, Wills, one_and_two, workers_name);

// [MQTT-3.14.4-3], U5-3.14.4-a
TEST_P(Wills, depend_on_how_the_connection_ends) {
  with_will("normal", 0, 0).disconnect();
  run();
  EXPECT_EQ(watcher->told(), "");
  with_will("asked", 0, 0).disconnect(Reason::disconnect_with_will_message);
  run();
  EXPECT_EQ(watcher->told(), "will/x=asked q1");
  with_will("error", 0, 0).disconnect(Reason::unspecified_error);
  run();
  EXPECT_EQ(watcher->told(), "will/x=error q1");
  with_will("broken", 0, 0).hang_up();
  run();
  EXPECT_EQ(watcher->told(), "will/x=broken q1");
  with_will("reset", 0, 100).wire.reset(104);
  run();
  EXPECT_EQ(watcher->told(), "will/x=reset q1");
  with_will("wrong", 0, 0).send(mqtt::Pubrel{.packet_id = 1, .reason = Reason::success});
  run();
  EXPECT_EQ(watcher->told(), "");  // Not wrong: answered with 0x92.
  with_will("violation", 0, 0).send_bytes(as_bytes("\xF1"));
  run();
  EXPECT_EQ(watcher->told(), "will/x=violation q1");
}

TEST_P(Wills, of_every_version_are_sent_once) {
  for (const Version version : {Version::v31, Version::v311, Version::v5}) {
    const mqtt::Will will{.topic = "will/x", .payload = as_bytes("bye"), .qos = q2, .retain = true};
    client("c", {.version = version, .will = will}).hang_up();
    run();
    EXPECT_EQ(watcher->told(), "will/x=bye q2 retain");
    client("c", {.version = version}).hang_up();
    run();
    EXPECT_EQ(watcher->told(), "");  // [MQTT-3.1.2-10]
  }
}

// [MQTT-3.1.2-8]
TEST_P(Wills, wait_for_their_delay) {
  with_will("c", 5, 100).hang_up();
  advance(milliseconds(4'980));
  EXPECT_EQ(watcher->told(), "");
  advance(milliseconds(40));
  EXPECT_EQ(watcher->told(), "will/x=c q1");
  advance(seconds(200));
  EXPECT_EQ(watcher->told(), "");
}

TEST_P(Wills, do_not_wait_longer_than_the_session) {
  with_will("c", 50, 10).hang_up();
  advance(milliseconds(9'980));
  EXPECT_EQ(watcher->told(), "");
  advance(milliseconds(40));
  EXPECT_EQ(watcher->told(), "will/x=c q1");
  EXPECT_EQ(sum(&Metrics::sessions), 1);
  with_will("d", 50, 0).hang_up();
  run();
  EXPECT_EQ(watcher->told(), "will/x=d q1");
}

TEST_P(Wills, are_sent_when_disconnect_ends_the_session) {
  const Props none = Props().number(Property::session_expiry_interval, 0);
  with_will("c", 50, 100).disconnect(Reason::disconnect_with_will_message, none);
  run();
  EXPECT_EQ(watcher->told(), "will/x=c q1");
}

// [MQTT-3.1.3-9]
TEST_P(Wills, are_withdrawn_by_who_resumes_in_time) {
  with_will("c", 5, 100).hang_up();
  advance(seconds(4));
  client("c", {.clean_start = false, .session_expiry_s = 100}).disconnect();
  advance(seconds(200));
  EXPECT_EQ(watcher->told(), "");
}

TEST_P(Wills, are_sent_when_clean_start_ends_the_session) {
  with_will("c", 50, 100).hang_up();
  advance(seconds(4));
  client("c");
  EXPECT_EQ(watcher->told(), "will/x=c q1");
}

// U5-3.1.3.2-b
TEST_P(Wills, carry_their_properties_with_the_expiry_counted_from_publication) {
  const Props properties = Props()
                               .number(Property::will_delay_interval, 5)
                               .number(Property::message_expiry_interval, 10)
                               .text(Property::content_type, "text")
                               .user("k", "v");
  const mqtt::Will will{.topic = "will/x", .payload = as_bytes("c"), .properties = properties};
  client("c", {.session_expiry_s = 100, .will = will}).hang_up();
  advance(seconds(6));
  const auto got = watcher->take();
  ASSERT_EQ(got.size(), 1U);
  EXPECT_EQ(got[0].properties().number(Property::message_expiry_interval), 10U);
  EXPECT_EQ(got[0].properties().number(Property::will_delay_interval), std::nullopt);
  EXPECT_EQ(got[0].properties().text(Property::content_type), "text");
  EXPECT_TRUE(got[0].properties().has(Property::user_property));
}

TEST_P(Wills, are_not_for_their_own_session_where_no_local_is_asked) {
  ScriptedClient& c = with_will("c", 0, 100);
  c.subscribe(
      {{.filter = "will/x", .qos = q1, .no_local = true}, {.filter = "+/x", .qos = q1, .no_local = true}});
  run();
  c.hang_up();
  run();
  EXPECT_EQ(watcher->told(), "will/x=c q1");
  EXPECT_EQ(open("c", {.clean_start = false}).told(), "CONNACK 00 present");
}

TEST_P(Wills, reach_their_own_session_otherwise) {
  ScriptedClient& c = with_will("c", 0, 100);
  c.subscribe("will/x", q1);
  run();
  c.hang_up();
  run();
  EXPECT_EQ(open("c", {.clean_start = false}).told(), "CONNACK 00 present, will/x=c q1");
}

TEST_P(Wills, are_sent_after_a_keep_alive_timeout) {
  const mqtt::Will will{.topic = "will/x", .payload = as_bytes("c")};
  client("c", {.keep_alive_s = 10, .will = will});
  advance(milliseconds(15'020));
  EXPECT_EQ(watcher->told(), "will/x=c");
}

}  // namespace
}  // namespace gaon::broker
