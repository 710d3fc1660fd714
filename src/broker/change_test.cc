// What is reloaded while clients are connected.
#include "broker/broker_fixture_test.h"

namespace gaon::broker {
namespace {

// Believes everybody, by the user name; takes its time if it is slow.
class Believer final : public auth::Authenticator {
 public:
  bool slow = false;
  void start(Answer answer) override { answer_ = std::move(answer); }
  auth::Reply authenticate(const auth::Credentials& credentials, const auth::Ticket& ticket) override {
    auth::Reply granted(auth::Verdict::granted);
    granted.identity.user = std::string(credentials.user_name.value_or(""));
    if (!slow) return granted;
    asked_.emplace_back(ticket, std::move(granted));
    return {};
  }
  void answer() {
    for (auto& [ticket, reply] : std::exchange(asked_, {})) answer_(ticket, std::move(reply));
  }

 private:
  Answer answer_;
  std::vector<std::pair<auth::Ticket, auth::Reply>> asked_;
};

struct Reloading : BrokerTest {
  Reloading() { authenticator = &believer; }

  Toll reload(const Config& next, const std::string& gone, bool only_asks) {
    Toll toll;
    std::size_t done = 0;
    std::vector<std::unique_ptr<Change>> changes;
    for (std::size_t i = 0; i < workers(); ++i) {
      changes.push_back(std::make_unique<Change>(Change{
          .config = next,
          .objections = {.objection = [gone](std::uint32_t, const auth::Identity& identity, bool,
                                             const net::PeerCertificate*) -> const char* {
                           return !gone.empty() && identity.user == gone ? "its user is gone" : nullptr;
                         },
                         .by_certificate = std::vector<bool>(next.listeners.size())},
          .only_asks = only_asks,
          .done = [&](const Toll& its) { toll += its, ++done; }}));
    }
    broker().reload(std::move(changes));
    run();
    EXPECT_EQ(done, workers());
    return toll;
  }
  Config now_used() { return broker().config(); }
  static auth::AclRules rules(std::string_view text) {
    auth::AclRules all;
    EXPECT_TRUE(all.read(text, "acl"));
    return all;
  }
  ScriptedClient& enter(std::string_view client_id, std::string_view user) {
    ScriptedClient& client = open(client_id, {.user_name = user});
    EXPECT_EQ(client.told(), "CONNACK 00");
    return client;
  }
  static std::uint32_t packet_size_said(ScriptedClient& client) {
    const auto got = client.take();
    return got.at(0).properties().number(Property::maximum_packet_size).value_or(0);
  }

  Believer believer;
};
INSTANTIATE_TEST_SUITE_P(on, Reloading, one_and_two, workers_name);

TEST_P(Reloading, says_first_who_would_lose_access_and_changes_nothing) {
  config.auth.rules = rules("everybody\nallow all #\n");
  ScriptedClient& ada = enter(id_at("a", 0), "ada");
  ScriptedClient& bob = enter(id_at("b", 1), "bob");
  ScriptedClient& eve = enter(id_at("e", 1), "eve");
  eve.subscribe("a/#", q0);
  bob.subscribe("b/#", q0);
  run();
  EXPECT_EQ(eve.told() + bob.told(), "SUBACK 1 00SUBACK 1 00");
  Config next = now_used();
  next.auth.rules = rules("everybody\nallow publish #\nallow subscribe b/#\n");
  for (const bool only_asks : {true, false}) {
    const Toll toll = reload(next, "ada", only_asks);
    EXPECT_EQ(toll.disconnected, 1U);
    EXPECT_EQ(toll.restricted, 1U);
    EXPECT_EQ(ada.told(), only_asks ? "" : "DISCONNECT 87, closed");
    bob.publish("a/x", "1");
    bob.publish("b/x", "2");
    run();
    EXPECT_EQ(eve.told(), only_asks ? "a/x=1" : "");
    EXPECT_EQ(bob.told(), "b/x=2");
  }
  EXPECT_EQ(reload(next, "ada", true).restricted, 0U);  // nothing new
}

TEST_P(Reloading, who_is_banned_meanwhile_goes) {
  config.bans.push_back({.client = "nobody"});
  ScriptedClient& eve = enter(id_at("e", 1), "eve");
  ScriptedClient& one = enter(id_at("banned", 0), "ada");
  ScriptedClient& old = open(id_at("o", 0), {.version = Version::v311, .user_name = "eve"});
  ScriptedClient& bob = enter(id_at("b", 1), "bob");
  old.told();
  Config next = now_used();
  next.bans.push_back({.user = "ev*"});
  next.bans.push_back({.client = "banned*"});
  for (const bool only_asks : {true, false}) EXPECT_EQ(reload(next, "bob", only_asks).disconnected, 4U);
  EXPECT_EQ(eve.told(), "DISCONNECT 98, closed");
  EXPECT_EQ(one.told(), "DISCONNECT 98, closed");
  EXPECT_EQ(old.told(), "closed");
  EXPECT_EQ(bob.told(), "DISCONNECT 87, closed");
  ScriptedClient& other = enter(id_at("c", 0), "ada");
  next.bans.push_back({.address = "0.0.0.0/0, ::/0"});
  reload(next, "", false);
  EXPECT_EQ(other.told(), "DISCONNECT 98, closed");
}

TEST_P(Reloading, who_was_on_its_way_when_it_was_banned_is_not_let_in) {
  believer.slow = true;
  ScriptedClient& early = call(Version::v5, workers() - 1);
  const std::string id = id_at("c", 0);
  early.send(mqtt::Connect{.client_id = id, .user_name = "ada"});
  run();
  Config next = now_used();
  next.bans.push_back({.client = "c*"});
  reload(next, "", false);
  believer.answer();
  run();
  EXPECT_EQ(early.told(), "CONNACK 8a, closed");
}

TEST_P(Reloading, who_was_on_its_way_by_the_old_doors_is_looked_at) {
  ScriptedClient& early = call(Version::v5, workers() - 1);
  run();
  reload(now_used(), "ada", false);
  const std::string id = id_at("c", 0);
  early.send(mqtt::Connect{.client_id = id, .user_name = "ada"});
  run();
  EXPECT_EQ(early.told(), "CONNACK 87, closed");
  // By the new ones it would not have come so far: whoever does is let in.
  EXPECT_EQ(open(id, {.user_name = "ada"}).told(), "CONNACK 00");
}

TEST_P(Reloading, what_was_announced_to_a_client_holds_for_it) {
  ScriptedClient& old = open("old");
  EXPECT_EQ(packet_size_said(old), now_used().limits.packet_bytes_max);
  Config next = now_used();
  next.limits.packet_bytes_max = 2'000;
  next.limits.topic_levels_max = 1;
  reload(next, "", false);
  old.publish("a", std::string(3'000, 'x'), {.qos = q1});
  run();
  EXPECT_EQ(old.told(), "PUBACK 1 10");
  ScriptedClient& late = open("late");
  EXPECT_EQ(packet_size_said(late), 2'000U);
  late.publish("a", std::string(3'000, 'x'), {.qos = q1});
  run();
  EXPECT_EQ(late.told(), "DISCONNECT 95, closed");
  // What needs no agreement holds for all.
  old.publish("a/b", "x", {.qos = q1});
  run();
  EXPECT_EQ(old.told(), "PUBACK 2 90");
}

TEST_P(Reloading, sys_topics_begin_and_end) {
  ScriptedClient& client = open("c");
  client.subscribe("$SYS/broker/uptime", q0);
  run();
  client.take();
  Config next = now_used();
  for (const std::uint32_t interval_s : {5U, 0U, 5U}) {
    next.sys_interval_s = interval_s;
    reload(next, "", false);
    advance(seconds(5));
    client.take();
    advance(seconds(20));
    EXPECT_EQ(client.take().size(), interval_s == 0 ? 0U : 4U);
  }
}

TEST_P(Reloading, brings_other_limits_to_who_is_connected) {
  ScriptedClient& s = client(id_at("s", 0));
  s.subscribe("#");
  run();
  s.told();
  ScriptedClient& p = client(id_at("p", 1));
  Config next = now_used();
  next.limit_entries.push_back(
      {.user = {}, .client = "p*", .values = {{find_client_limit("messages_per_s"), 2}}});
  reload(next, {}, false);
  for (const char* payload : {"1", "2", "3", "4"}) p.publish("t", payload);
  run();
  EXPECT_EQ(s.told(), "t=1, t=2");
  reload(now_used(), {}, false);
  advance(seconds(1));
  EXPECT_EQ(s.told(), "t=3, t=4");
}

TEST_P(Reloading, brings_limits_of_what_is_retained_already) {
  ScriptedClient& p = client("p");
  for (const char* topic : {"a", "b"}) p.publish(topic, "x", {.qos = q1, .retain = true});
  run();
  p.told();
  Config next = now_used();
  next.limits.retained_per_client_max = 2;
  reload(next, {}, false);
  p.publish("c", "x", {.qos = q1, .retain = true});
  run();
  EXPECT_EQ(p.told(), "PUBACK 3 97");
  reload(now_used(), {}, false);
  p.publish("c", "x", {.qos = q1, .retain = true});
  run();
  EXPECT_EQ(p.told(), "PUBACK 4 10");
}

TEST_P(Reloading, brings_other_bans_and_counts) {
  open(id_at("a", 0)).told();
  Config next = now_used();
  next.bans.push_back({.address = {}, .client = "b", .user = {}});
  next.limits.flapping_connects = 1;
  reload(next, {}, true);
  EXPECT_EQ(open("b").told(), "CONNACK 00");
  reload(next, {}, false);
  EXPECT_EQ(open("b").told(), "CONNACK 8a, closed");
  EXPECT_EQ(open("c").told(), "CONNACK 00");
  EXPECT_EQ(open("c").told(), "CONNACK 9f, closed");
}

}  // namespace
}  // namespace gaon::broker
