// Acknowledgements wait for the journal, and it is told what a restart must know.
#include <algorithm>

#include "broker/broker_fixture_test.h"

namespace gaon::broker {
namespace {

// Keeps all records; durable at once, or while it stands up to where the test says.
class SlowJournal final : public journal::MemoryJournal {
 public:
  struct Record {
    RecordKind kind;
    std::vector<std::uint8_t> body;
  };

  bool keeps_records() const override { return true; }
  journal::Appended append(Buffer& records) override {
    Reader reader(records.view());
    while (const auto record = next_record(reader)) {
      ++end_.offset;
      records_.push_back({record->kind, {record->body.rest().begin(), record->body.rest().end()}});
    }
    records.clear();
    return {end_, end_};
  }
  journal::Place durable() const override { return stands_ ? durable_ : end_; }

  void stand() {
    sync();
    stands_ = true;
  }
  void sync() { durable_ = end_; }
  std::size_t count(RecordKind kind) const {
    return static_cast<std::size_t>(std::ranges::count(records_, kind, &Record::kind));
  }
  // The body of the latest of its kind.
  std::vector<std::uint8_t> latest(RecordKind kind) const {
    for (auto at = records_.rbegin(); at != records_.rend(); ++at) {
      if (at->kind == kind) return at->body;
    }
    return {};
  }

 private:
  std::vector<Record> records_;
  journal::Place end_;
  journal::Place durable_;
  bool stands_ = false;
};

struct Durability : BrokerTest {
  Durability() { journal = &slow; }
  // A session with a subscription that is offline.
  void leave_subscriber(std::size_t worker) {
    ScriptedClient& s = client(id_at("s", worker), {.session_expiry_s = 100});
    s.subscribe("t", q2);
    run();
    s.hang_up();
    run();
  }
  SlowJournal slow;
};
INSTANTIATE_TEST_SUITE_P(on, Durability, one_and_two, workers_name);

TEST_P(Durability, comes_before_the_acknowledgement_here_and_there) {
  leave_subscriber(1);
  slow.stand();
  ScriptedClient& p = client(id_at("p", 0));
  p.publish("t", "1", {.qos = q1});
  p.publish("t", "2", {.qos = q2});
  run();
  EXPECT_EQ(p.told(), "");
  EXPECT_EQ(slow.count(RecordKind::queued), 2U);
  slow.sync();
  run();
  EXPECT_EQ(p.told(), "PUBACK 1 00, PUBREC 2 00, PUBCOMP 2 00");
}

// A crash must not leave a will that was seen and is due again.
TEST_P(Durability, comes_before_a_will_is_seen_by_who_cannot_tell_that_it_comes_again) {
  ScriptedClient& s = client(id_at("s", 1), {.session_expiry_s = 100});
  s.subscribe("will/#", q1);
  const mqtt::Will will{.topic = "will/x", .payload = as_bytes("c"), .qos = q1};
  ScriptedClient& c = client(id_at("c", 0), {.session_expiry_s = 100, .will = will});
  run();
  s.told();
  slow.stand();
  c.hang_up();
  run();
  EXPECT_EQ(s.told(), "");
  slow.sync();
  run();
  EXPECT_EQ(s.told(), "will/x=c q1");
}

TEST_P(Durability, is_not_waited_for_where_nothing_was_written) {
  ScriptedClient& p = client("p");
  p.publish("t", "1", {.qos = q1});
  run();
  EXPECT_EQ(p.told(), "PUBACK 1 10");
}

TEST_P(Durability, forgets_what_was_dropped_from_a_queue) {
  config.limits.queue_messages_max = 1;
  leave_subscriber(0);
  ScriptedClient& p = client("p");
  p.publish("t", "1", {.qos = q1});
  run();
  const auto first = slow.latest(RecordKind::queued);
  p.publish("t", "2", {.qos = q1});
  run();
  const auto finished = slow.latest(RecordKind::finished);
  ASSERT_EQ(finished.size(), 12U);  // session and sequence
  EXPECT_TRUE(std::ranges::equal(finished, std::span(first).first(12)));
}

TEST_P(Durability, forgets_what_expired_in_a_queue) {
  leave_subscriber(0);
  const Props expiry = Props().number(Property::message_expiry_interval, 10);
  client("p").publish("t", "1", {.qos = q1, .properties = expiry});
  advance(seconds(20));
  client(id_at("s", 0), {.clean_start = false, .session_expiry_s = 100});
  EXPECT_EQ(slow.count(RecordKind::finished), 1U);
}

TEST_P(Durability, forgets_the_id_of_a_refused_qos_2) {
  config.session.overflow = OverflowPolicy::reject;
  config.limits.queue_messages_max = 0;
  leave_subscriber(1);
  client(id_at("p", 0), {.session_expiry_s = 100}).publish("t", "1", {.qos = q2});
  run();
  EXPECT_EQ(slow.count(RecordKind::held), 1U);
  EXPECT_EQ(slow.count(RecordKind::routing), workers() - 1);
  EXPECT_EQ(slow.count(RecordKind::routed), workers() - 1);
  EXPECT_EQ(slow.latest(RecordKind::released), slow.latest(RecordKind::held));
}

}  // namespace
}  // namespace gaon::broker
