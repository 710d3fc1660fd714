#include "broker/broker_fixture_test.h"

#include <algorithm>
#include <stdexcept>

namespace gaon::broker {

Broker& TestBroker::broker() {
  if (broker_) return *broker_;
  if (config.listeners.empty()) config.listeners.push_back({.url = {}, .allow_anonymous = true});
  std::vector<net::Backend*> backends;
  for (std::size_t i = 0; i < workers_; ++i) {
    backends_.push_back(std::make_unique<net::MemoryBackend>(network_));
    backends.push_back(backends_.back().get());
    if (!admit) continue;
    filtered_.push_back(std::make_unique<net::FilteredBackend>(*backends_.back()));
    filtered_.back()->guard(0, admit);
    backends.back() = filtered_.back().get();
  }
  BrokerParts parts{.config = config,
                    .backends = backends,
                    .journal = journal,
                    .authenticator = authenticator,
                    .seed = {},
                    .incarnation = 1,
                    .random_seed = 1,
                    .now = now_};
  Image image;
  if (keeps_log) {
    auto opened = journal::Log::open(
        disk, log_options,
        [&](ByteView records, journal::Place begin) { return image.apply(records, begin); }, {});
    if (!opened) throw std::runtime_error(opened.error().what);
    log_ = std::move(*opened);
    parts.journal = log_.get();
    parts.seed = {log_->identity().seed_low, log_->identity().seed_high};
    parts.incarnation = log_->identity().incarnation;
  }
  broker_ = std::make_unique<Broker>(parts);
  broker_->restore(std::move(image), now_);
  return *broker_;
}

void TestBroker::crash() {
  clients_.clear();
  broker_.reset();
  filtered_.clear();
  backends_.clear();
  log_.reset();
  disk.crash(random_);
}

void TestBroker::end() {
  clients_.clear();
  broker_.reset();
}

bool TestBroker::step_log() {
  bool moved = false;
  while (log_ && !log_stands && log_->step()) moved = true;
  return moved;
}

net::MemoryPeer TestBroker::wire(std::size_t accepted_by) {
  broker();
  net::MemoryBackend& backend = *backends_[accepted_by % workers_];
  return backend.peer(backend.connect());
}

ScriptedClient& TestBroker::call(Version version, std::size_t accepted_by) {
  clients_.push_back(std::make_unique<ScriptedClient>(wire(accepted_by), version));
  return *clients_.back();
}

ScriptedClient& TestBroker::dial(std::string_view client_id, const Opening& opening) {
  ScriptedClient& client = call(opening.version, opening.accepted_by);
  client.acks = opening.acks;
  Props properties;
  if (opening.session_expiry_s > 0) {
    properties.number(Property::session_expiry_interval, opening.session_expiry_s);
  }
  client.send(mqtt::Connect{.version = opening.version,
                            .clean_start = opening.clean_start,
                            .keep_alive_s = opening.keep_alive_s,
                            .client_id = client_id,
                            .will = opening.will,
                            .user_name = opening.user_name,
                            .properties = opening.properties ? *opening.properties : properties});
  return client;
}

ScriptedClient& TestBroker::open(std::string_view client_id, const Opening& opening) {
  ScriptedClient& client = dial(client_id, opening);
  run();
  return client;
}

ScriptedClient& TestBroker::client(std::string_view client_id, const Opening& opening) {
  ScriptedClient& client = open(client_id, opening);
  EXPECT_FALSE(client.take().empty()) << "no CONNACK";
  return client;
}

std::string TestBroker::id_at(std::string_view prefix, std::size_t worker) {
  for (int i = 0;; ++i) {
    std::string id = std::string(prefix) + std::to_string(worker) + "." + std::to_string(i);
    const std::size_t shard = Broker::shard_of(hash(id, broker().seed()));
    if (broker().worker_of_shard(shard) == worker % workers_) return id;
  }
}

void TestBroker::run() {
  for (;;) {
    const std::int64_t before = traffic();
    for (std::size_t i = 0; i < workers_; ++i) tick(i);
    const bool moved = step_log();
    const bool read = poll();
    if (!read && !moved && traffic() == before && quiet()) return;
  }
}

void TestBroker::tick(std::size_t worker) {
  broker();
  if (admit) {
    filtered_[worker]->wait(Duration::zero());
  } else {
    backends_[worker]->wait(Duration::zero());
  }
  broker().worker(worker).tick(now_);
}

bool TestBroker::poll() {
  bool read = false;
  for (const auto& client : clients_) read = client->poll() || read;
  return read;
}

bool TestBroker::quiet() {
  for (std::size_t i = 0; i < workers_; ++i) {
    if (broker().worker(i).may_wait(now_) == Duration::zero()) return false;
  }
  return true;
}

void TestBroker::advance(Duration duration) {
  const Time end = now_ + duration;
  run();
  while (now_ < end) {
    Duration step = end - now_;
    for (std::size_t i = 0; i < workers_; ++i) {
      step = std::min(step, std::max(broker().worker(i).may_wait(now_), milliseconds(1)));
    }
    now_ += step;
    run();
  }
}

std::int64_t TestBroker::dropped(DropReason reason) {
  std::int64_t total = 0;
  for (std::size_t i = 0; i < workers_; ++i) {
    total += broker().worker(i).metrics.dropped[static_cast<std::size_t>(reason)].get();
  }
  return total;
}

std::int64_t TestBroker::traffic() const {
  std::int64_t total = 0;
  for (const auto& backend : backends_) {
    const net::Traffic& t = backend->traffic;
    total += t.accepted.get() + t.received_bytes.get() + t.sent_bytes.get();
  }
  return total;
}

}  // namespace gaon::broker
