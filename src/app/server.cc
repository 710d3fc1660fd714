#include "app/server.h"

#include <signal.h>
#include <sys/resource.h>

#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "auth/authenticator.h"
#include "base/log.h"
#include "broker/broker.h"
#include "broker/worker.h"
#include "journal/memory_journal.h"
#include "net/epoll.h"
#include "net/listener.h"
#include "net/loop.h"

namespace gaon::app {
namespace {

// Every connection is a descriptor: take as many as the system lets us.
void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

// The signals that end us, kept from all threads but the one that waits for them.
sigset_t hold_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  return signals;
}

Result<std::vector<net::Listener>> open_listeners(const broker::Config& config) {
  std::vector<net::Listener> listeners;
  for (const broker::ListenerConfig& listener : config.listeners) {
    TRY_SET(auto opened, net::Listener::open(listener.url));
    listeners.push_back(std::move(opened));
  }
  return listeners;
}

Result<std::vector<std::unique_ptr<net::Epoll>>> open_backends(std::size_t count,
                                                               const std::vector<net::Listener>& listeners) {
  std::vector<std::unique_ptr<net::Epoll>> backends;
  for (std::size_t i = 0; i < count; ++i) {
    TRY_SET(auto backend, net::Epoll::open());
    for (std::size_t id = 0; id < listeners.size(); ++id) {
      TRY(backend->listen(listeners[id], static_cast<std::uint32_t>(id)));
    }
    backends.push_back(std::move(backend));
  }
  return backends;
}

std::uint64_t random_number() {
  std::random_device device;
  return (std::uint64_t{device()} << 32) | device();
}

void run_worker(broker::Worker& worker, net::Epoll& backend, const net::Ticker& ticker) {
  while (!worker.stopped()) {
    backend.wait(worker.may_wait(ticker.now()));
    worker.tick(ticker.now());
  }
  backend.unlisten();
}

}  // namespace

Result<void> run_server(const broker::Config& config) {
  raise_descriptor_limit();
  const sigset_t signals = hold_signals();
  const net::Ticker ticker;
  const std::size_t cores = std::max(1u, std::thread::hardware_concurrency());
  const std::size_t workers = std::min(config.workers > 0 ? config.workers : cores, broker::kWorkersMax);

  TRY_SET(const auto listeners, open_listeners(config));
  TRY_SET(const auto backends, open_backends(workers, listeners));
  std::vector<net::Backend*> seams;
  for (const auto& backend : backends) seams.push_back(backend.get());

  journal::MemoryJournal journal;
  auth::AnonymousOnly authenticator;
  broker::Broker broker({.config = config,
                         .backends = seams,
                         .journal = &journal,
                         .authenticator = &authenticator,
                         .seed = {random_number(), random_number()},
                         .incarnation = static_cast<std::uint16_t>(random_number()),
                         .random_seed = random_number(),
                         .now = ticker.now()});
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < workers; ++i) {
    threads.emplace_back([&, i] { run_worker(broker.worker(i), *backends[i], ticker); });
  }
  for (const net::Listener& listener : listeners)
    log(LogLevel::info, "listening on " + to_string(listener.url()));
  log(LogLevel::info, "serving with " + std::to_string(workers) + (workers == 1 ? " worker" : " workers"));

  int caught = 0;
  sigwait(&signals, &caught);
  log(LogLevel::info, "stopping: saying goodbye to all clients");
  broker.stop();
  for (std::thread& thread : threads) thread.join();
  log(LogLevel::info, "stopped");
  return {};
}

}  // namespace gaon::app
