#include "app/server.h"

#include <signal.h>

#include <algorithm>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "app/acl_file.h"
#include "app/authentication.h"
#include "app/descriptors.h"
#include "app/listener_entrance.h"
#include "app/memory_watch.h"
#include "app/privileges.h"
#include "app/reload.h"
#include "app/storage.h"
#include "app/supervise.h"
#include "auth/reloadable.h"
#include "base/log.h"
#include "broker/broker.h"
#include "broker/worker.h"
#include "net/epoll.h"
#include "net/listener.h"
#include "net/loop.h"

namespace gaon::app {
namespace {

constexpr Duration kLastMoment = milliseconds(250);

void tell_of_few(const DescriptorShares& shares, const broker::Limits& limits) {
  if (shares.connections >= limits.connections_max) return;
  log(LogLevel::warning, "limits.connections_max is " + std::to_string(limits.connections_max) +
                             ", but the system lets this process open only " + std::to_string(shares.all) +
                             " files: there is room for " + std::to_string(shares.connections) +
                             " connections. Raise it (LimitNOFILE= of the service, ulimit -n), or lower "
                             "limits.connections_max");
}

// The signals that we take, kept from all threads but the one that waits for them.
sigset_t hold_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  return signals;
}

// A listener and its place in the configuration, by which the broker knows it.
struct OpenListener {
  net::Listener listener;
  std::uint32_t id;
  net::Entrance entrance;
};

// One worker's network.
struct Network {
  std::unique_ptr<net::Epoll> epoll;
  std::unique_ptr<net::FilteredBackend> filtered;  // null where no listener has filters

  net::Backend& backend() {
    if (filtered) return *filtered;
    return *epoll;
  }
};

bool has_ipv6_loopback() { return net::Listener::open({.host = "::1", .port = 0}).has_value(); }

Result<std::vector<OpenListener>> open_listeners(const broker::Config& config) {
  std::vector<OpenListener> listeners;
  for (std::uint32_t id = 0; id < config.listeners.size(); ++id) {
    const net::Url& url = config.listeners[id].url;
    auto opened = net::Listener::open(url);
    if (!opened && url.host == "::1" && !has_ipv6_loopback()) {
      // It is among the defaults, and not every machine has it.
      log(LogLevel::warning, "not listening on " + to_string(url) + ": this machine has no IPv6");
      continue;
    }
    if (!opened) return std::unexpected(opened.error());
    std::vector<Problem> problems;
    auto entrance = open_entrance(config.listeners[id], problems);
    if (!entrance) return failure(to_text(problems.back()));
    listeners.push_back({std::move(*opened), id, std::move(*entrance)});
  }
  return listeners;
}

Result<std::vector<Network>> open_networks(std::size_t count, const std::vector<OpenListener>& listeners,
                                           std::uint64_t accepted_below) {
  std::vector<Network> networks;
  const bool plain = std::ranges::all_of(listeners, [](const auto& open) { return open.entrance.plain(); });
  for (std::size_t i = 0; i < count; ++i) {
    TRY_SET(auto epoll, net::Epoll::open());
    epoll->accept_below(static_cast<int>(accepted_below));
    Network network{std::move(epoll), nullptr};
    if (!plain) network.filtered = std::make_unique<net::FilteredBackend>(*network.epoll);
    for (const OpenListener& open : listeners) {
      if (!open.entrance.plain()) network.filtered->guard(open.id, net::admit_by(open.entrance));
      TRY(network.epoll->listen(open.listener, open.id));
    }
    networks.push_back(std::move(network));
  }
  return networks;
}

void run_worker(broker::Worker& worker, Network& network, const net::Ticker& ticker) {
  net::Backend& backend = network.backend();
  while (!worker.stopped()) {
    backend.wait(worker.may_wait(ticker.now()));
    worker.tick(ticker.now());
  }
  network.epoll->unlisten();
  // The goodbyes are on their way; peers that are still sending get a moment to read them.
  const Time deadline = ticker.now() + kLastMoment;
  while (network.epoll->lingering() > 0 && ticker.now() < deadline) {
    backend.wait(milliseconds(10));
    net::Completion ignored;
    while (backend.next(ignored)) {
    }
    backend.flush();
  }
}

}  // namespace

Result<void> run_server(const broker::Config& given, const ConfigSource& source, Contents contents,
                        const ServeOptions& options) {
  broker::Config config = given;
  TRY_SET(config.auth.rules, read_rules(given.auth));
  const std::uint64_t descriptors = raise_descriptor_limit();
  const sigset_t signals = hold_signals();
  const net::Ticker ticker;
  const std::size_t cores = std::max(1u, std::thread::hardware_concurrency());
  const std::size_t workers = std::min(config.workers > 0 ? config.workers : cores, broker::kWorkersMax);

  const DescriptorShares shares = share_descriptors(descriptors, config, workers);
  tell_of_few(shares, config.limits);

  const auto now = [ticker] { return ticker.now(); };
  TRY_SET(std::shared_ptr<auth::Authenticator> chain, open_authentication(config, now));
  auth::Reloadable authenticator(chain);
  // Who leaves root has to open first what only root may, and what is in the directory is
  // his. Others let nobody connect before the journal is read: it may take its time, or fail.
  std::vector<OpenListener> listeners;
  const bool listens_first = leaves_root(config.run_as);
  if (listens_first) {
    TRY(make_directory_of(config.run_as, config.data_dir));
    TRY_SET(listeners, open_listeners(config));
  }
  TRY(become(config.run_as));
  TRY_SET(const auto storage, Storage::open(config, options.salvage));
  if (!listens_first) {
    TRY_SET(listeners, open_listeners(config));
  }
  for (const OpenListener& open : listeners) {
    if (open.entrance.tls) config.listeners[open.id].certificate_ends = open.entrance.tls->ends();
  }
  TRY_SET(auto networks, open_networks(workers, listeners, shares.accepted_below));
  std::vector<net::Backend*> seams;
  for (Network& network : networks) seams.push_back(&network.backend());

  broker::Broker broker({.config = config,
                         .backends = seams,
                         .journal = &storage->journal(),
                         .authenticator = &authenticator,
                         .seed = storage->seed(),
                         .incarnation = storage->incarnation(),
                         .random_seed = random_number(),
                         .now = ticker.now(),
                         .connections_max = shares.connections});
  storage->restore_into(broker, ticker.now());
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < workers; ++i) {
    threads.emplace_back([&, i] { run_worker(broker.worker(i), networks[i], ticker); });
  }
  for (const OpenListener& open : listeners)
    log(LogLevel::info, "listening on " + to_string(open.listener.url()));
  log(LogLevel::info, "serving with " + std::to_string(workers) + (workers == 1 ? " worker" : " workers"));

  const MemoryWatch memory_watch(broker, memory_ceiling(config.limits.memory_bytes_max));
  ReloadParts parts{.source = source,
                    .config = config,
                    .contents = std::move(contents),
                    .broker = &broker,
                    .authenticator = &authenticator,
                    .first = std::move(chain),
                    .entrances = {config.listeners.size(), std::nullopt},
                    .networks = {},
                    .left_root = listens_first,
                    .now = now};
  for (const OpenListener& open : listeners) parts.entrances[open.id] = open.entrance;
  for (const Network& network : networks) parts.networks.push_back(network.filtered.get());
  Reload reload(std::move(parts));
  supervise(signals, reload);
  log(LogLevel::info, "stopping: saying goodbye to all clients");
  broker.stop();
  for (std::thread& thread : threads) thread.join();
  TRY(storage->stop());
  log(LogLevel::info, "stopped");
  return {};
}

}  // namespace gaon::app
