// A whole broker in one thread for tests: real workers on a network in memory, a clock
// that stands until advance(), and clients that are scripts. Nothing here depends on
// the machine; the same calls give the same result.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "broker/broker.h"
#include "broker/scripted_client_test.h"
#include "broker/worker.h"
#include "journal/log.h"
#include "journal/memory_disk.h"
#include "journal/memory_journal.h"
#include "net/filtered_backend.h"
#include "net/memory_backend.h"

namespace gaon::broker {

using mqtt::Property;
using mqtt::QoS;
using mqtt::Reason;
using mqtt::Version;

inline constexpr QoS q0 = QoS::at_most_once;
inline constexpr QoS q1 = QoS::at_least_once;
inline constexpr QoS q2 = QoS::exactly_once;

struct Opening {
  Version version = Version::v5;
  bool clean_start = true;
  std::uint16_t keep_alive_s = 0;
  std::uint32_t session_expiry_s = 0;  // 0: without the property
  std::optional<mqtt::Will> will{};
  std::optional<std::string_view> user_name{};
  const Props* properties = nullptr;  // instead of session_expiry_s
  std::size_t accepted_by = 0;        // worker; the broker moves it to where its session lives
  bool acks = true;
};

class TestBroker {
 public:
  explicit TestBroker(std::size_t workers) : workers_(workers) { config.sys_interval_s = 0; }

  // Before the first client.
  Config config;
  auth::Authenticator* authenticator = &anonymous_;
  journal::Journal* journal = &memory_journal_;
  // Instead of journal: a real log on a disk in memory, which outlives the broker.
  bool keeps_log = false;
  journal::LogOptions log_options{.segment_bytes = 64 * kKiB, .seed_low = 7, .seed_high = 8};
  journal::MemoryDisk disk;
  // Connections come in through what this makes.
  net::FilteredBackend::Admit admit;
  // run() leaves what was appended where it is.
  bool log_stands = false;

  Broker& broker();
  // The process is killed, and the power with it: what is not synced may be lost. The
  // clients are gone; the next use begins a broker on what the disk has.
  void crash();
  journal::Log& log() { return *log_; }
  Time now() const { return now_; }

  // Connects and runs; the CONNACK is still in the inbox.
  ScriptedClient& open(std::string_view client_id, const Opening& opening = {});
  // The same without running, and with the CONNACK taken away.
  ScriptedClient& dial(std::string_view client_id, const Opening& opening = {});
  ScriptedClient& client(std::string_view client_id, const Opening& opening = {});
  // The client's end of a new connection; and with a client that has said nothing.
  net::MemoryPeer wire(std::size_t accepted_by);
  ScriptedClient& call(Version version = Version::v5, std::size_t accepted_by = 0);
  // A client id that begins with prefix and whose session lives on this worker (or the
  // one it comes to if there are fewer).
  std::string id_at(std::string_view prefix, std::size_t worker);

  // Ticks of all workers and reads of all clients in turn, until nothing moves.
  void run();
  // One tick of one worker; its clients do not read.
  void tick(std::size_t worker);
  // True if a client got something.
  bool poll();
  bool quiet();
  // Moves the clock, with everything that falls due on the way.
  void advance(Duration duration);

  std::int64_t dropped(DropReason reason);
  std::int64_t sum(Metric Metrics::*metric) { return broker().sum(metric); }
  std::size_t workers() const { return workers_; }
  // Nothing is used after it: what a test brought along may go.
  void end();

 private:
  std::int64_t traffic() const;
  bool step_log();

  std::size_t workers_;
  Time now_{seconds(1'700'000'000)};
  net::MemoryNetwork network_;
  journal::MemoryJournal memory_journal_;
  auth::AnonymousOnly anonymous_;
  journal::MemoryDisk::Random random_{1};
  std::unique_ptr<journal::Log> log_;
  std::vector<std::unique_ptr<net::MemoryBackend>> backends_;
  std::vector<std::unique_ptr<net::FilteredBackend>> filtered_;  // over those, if there is admit
  std::unique_ptr<Broker> broker_;
  std::vector<std::unique_ptr<ScriptedClient>> clients_;
};

// Suites that hold for any number of workers derive from it; the number is the parameter.
struct BrokerTest : testing::TestWithParam<std::size_t>, TestBroker {
  BrokerTest() : TestBroker(GetParam()) {}
  void TearDown() override { end(); }
};

inline std::string workers_name(const testing::TestParamInfo<std::size_t>& info) {
  return std::to_string(info.param) + (info.param == 1 ? "_worker" : "_workers");
}

// What suites are instantiated with.
inline const auto one_and_two = testing::Values(std::size_t{1}, std::size_t{2});

}  // namespace gaon::broker
