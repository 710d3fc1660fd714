// What MQTT promises, against random lives of a broker that crashes: it keeps a log of its
// session as a journal would, of which only what was synced is there when it comes back.
// This is also how the owner of a recorded session is meant to use it.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <functional>
#include <map>
#include <set>

#include "session/pair_test.h"

namespace gaon {
namespace {

using mqtt::QoS;
using mqtt::Version;
using State = Copy::State;

struct Step {
  enum class Kind : std::uint8_t { publish, deliver, sync, unload, cut, connect, crash };
  Kind kind;
  std::uint16_t number;  // of bytes, or which one
};

rc::Gen<Step> step() {
  using Kind = Step::Kind;
  const auto kind = rc::gen::weightedElement<Kind>({{8, Kind::publish},
                                                    {16, Kind::deliver},
                                                    {8, Kind::sync},
                                                    {3, Kind::unload},
                                                    {1, Kind::cut},
                                                    {3, Kind::connect},
                                                    {1, Kind::crash}});
  return rc::gen::build<Step>(rc::gen::set(&Step::kind, kind),
                              rc::gen::set(&Step::number, rc::gen::inRange<std::uint16_t>(0, 90)));
}

class Life {
 public:
  Life(Version version, std::uint16_t window, std::uint16_t inflight) : pair_(version) {
    pair_.client.options.receive_maximum = window;
    pair_.server.options.inflight_max = inflight;
    pair_.open();
    outbound().hold_sends(true);
  }

  void take(const Step& step) {
    switch (step.kind) {
      case Step::Kind::publish:
        publish(step.number);
        break;
      case Step::Kind::deliver:
        pair_.deliver(pair_.to_client, step.number);
        pair_.deliver(pair_.to_server, step.number);
        break;
      case Step::Kind::sync:
        sync();
        break;
      case Step::Kind::unload:
        unload(step.number);
        break;
      case Step::Kind::cut:
        pair_.cut();
        break;
      case Step::Kind::connect:
        if (!pair_.client.endpoint) pair_.connect(false);
        break;
      case Step::Kind::crash:
        crash();
        break;
    }
    tend();
  }

  // Lets everything come to its end, then asks what became of it.
  void check() {
    if (!pair_.client.endpoint) pair_.connect(false);
    for (int turn = 0; turn < 1'000 && !(outbound().empty() && pending_.empty()); ++turn) {
      pair_.run();
      tend();
      sync();
    }
    RC_ASSERT(outbound().empty());
    RC_ASSERT(outbound().waiting_bytes() == 0u);
    RC_ASSERT(log_.copies.empty());
    check_messages();
    check_repeats();
  }

 private:
  struct Record {
    std::size_t message;
    QoS qos;
    State state;
  };
  // What is on disk.
  struct Log {
    std::map<std::uint32_t, Record> copies;
    std::uint32_t last_sequence = 0;
    std::uint32_t open_to = 0;
    std::set<std::size_t> messages;  // all that ever were there
  };

  Outbound& outbound() { return pair_.server.session.outbound; }
  bool is_open() const {
    return pair_.server.endpoint && pair_.server.endpoint->state() == Endpoint::State::open;
  }
  static Message message(std::size_t number) {
    return Message::make({.topic = "t", .payload = as_bytes(std::to_string(number))});
  }

  void publish(unsigned number) {
    const auto qos = static_cast<QoS>(number % 3);
    const std::size_t which = published_.size();
    published_.push_back(qos);
    const Message made = message(which);
    const bool sent = is_open() && outbound().may_send_now(qos);
    pair_.server.publish({.message = made, .qos = qos}, pair_.now);
    if (qos == QoS::at_most_once) return;
    const std::uint32_t sequence = outbound().last_sequence();
    unfinished_[sequence] = which;
    record([this, sequence, which, qos, sent] {
      log_.copies[sequence] = {which, qos, sent ? State::publish_sent : State::waiting};
      log_.last_sequence = sequence;
      log_.messages.insert(which);
    });
  }

  // A record, and what may be done when it is durable.
  void record(std::function<void()> durable) { pending_.push_back(std::move(durable)); }

  void sync() {
    for (const auto& durable : std::exchange(pending_, {})) durable();
    tend();
  }

  // What the owner does after anything happened.
  void tend() {
    for (const Received& one : std::exchange(pair_.server.received, {})) {
      record([this, one] {
        log_.copies.at(one.sequence).state = State::pubrel_sent;
        if (is_open()) {
          pair_.server.endpoint->release(one.packet_id);
        } else {
          outbound().release(one.packet_id);
        }
      });
    }
    std::erase_if(unfinished_, [&](const auto& one) {
      if (outbound().find_sequence(one.first) != nullptr) return false;
      record([this, sequence = one.first] { log_.copies.erase(sequence); });
      return true;
    });
    if (const auto wanted = outbound().gate_wants(2)) {
      record([this, open_to = *wanted] {
        log_.open_to = open_to;
        outbound().open_to(open_to);
      });
    }
    std::vector<Copy*> absent;
    do {
      absent.clear();
      outbound().absent_next(absent, 2);
      for (Copy* copy : absent) copy->restore(message(copy->stored_at().offset));
      pair_.server.pump(pair_.now);
    } while (is_open() && !absent.empty());
  }

  void unload(unsigned number) {
    if (log_.copies.empty()) return;
    const auto one = std::next(log_.copies.begin(), number % static_cast<int>(log_.copies.size()));
    Copy* copy = outbound().find_sequence(one->first);
    if (copy != nullptr) copy->make_absent({1, static_cast<std::uint32_t>(one->second.message)});
  }

  void crash() {
    pair_.cut();
    pending_.clear();
    unfinished_.clear();
    pair_.server.received.clear();
    pair_.server.session = Session();
    outbound().hold_sends(true);
    outbound().restore_numbers(log_.last_sequence, log_.open_to);
    for (const auto& [sequence, record] : log_.copies) {
      const bool may_be_sent = record.state == State::waiting && sequence <= log_.open_to;
      outbound().restore({.sequence = sequence,
                          .qos = record.qos,
                          .state = may_be_sent ? State::publish_sent : record.state,
                          .at = {1, static_cast<std::uint32_t>(record.message)},
                          .size = static_cast<std::uint32_t>(message(record.message).size())});
      unfinished_[sequence] = record.message;
    }
  }

  void check_messages() {
    std::vector<int> count(published_.size());
    std::size_t last_new = 0;
    for (const Side::Got& one : pair_.client.got) {
      const auto number = static_cast<std::size_t>(std::stoul(one.payload));
      RC_ASSERT(one.qos == published_.at(number));
      if (count[number]++ > 0) continue;
      RC_ASSERT(number >= last_new);
      last_new = number;
    }
    for (std::size_t i = 0; i < published_.size(); ++i) {
      if (published_[i] != QoS::at_least_once) RC_ASSERT(count[i] <= 1);
      if (log_.messages.contains(i)) RC_ASSERT(count[i] >= 1);
    }
    RC_ASSERT(pair_.client.violations.empty());
    RC_ASSERT(pair_.server.violations.empty());
  }

  // [MQTT-3.3.1-1]: again only with DUP and with the same packet id.
  void check_repeats() {
    std::map<std::string, std::string> first;
    for (const std::string& packet : pair_.to_client.packets) {
      if (!packet.starts_with("PUBLISH") || packet.starts_with("PUBLISH q0")) continue;
      const std::string id_and_message = packet.substr(packet.find('#'));
      const std::string payload = packet.substr(packet.rfind('=') + 1);
      const auto [known, is_first] = first.emplace(payload, id_and_message);
      RC_ASSERT(known->second == id_and_message);
      RC_ASSERT(is_first || packet.find(" dup ") != std::string::npos);
    }
  }

  Pair pair_;
  std::vector<QoS> published_;
  std::map<std::uint32_t, std::size_t> unfinished_;  // sequence, message
  std::vector<std::function<void()>> pending_;
  Log log_;
};

void a_crash_loses_and_doubles_nothing(Version version) {
  const bool held = rc::check([version] {
    Life life(version, *rc::gen::inRange<std::uint16_t>(1, 6), *rc::gen::inRange<std::uint16_t>(1, 12));
    for (const Step& one : *rc::gen::container<std::vector<Step>>(step())) life.take(one);
    life.check();
  });
  EXPECT_TRUE(held);
}

TEST(Crash, loses_and_doubles_nothing_in_mqtt_3_1_1) { a_crash_loses_and_doubles_nothing(Version::v311); }
TEST(Crash, loses_and_doubles_nothing_in_mqtt_5) { a_crash_loses_and_doubles_nothing(Version::v5); }

}  // namespace
}  // namespace gaon
