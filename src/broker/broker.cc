#include "broker/broker.h"

#include "base/check.h"
#include "broker/worker.h"

namespace gaon::broker {

Broker::Broker(const BrokerParts& parts)
    : config_(parts.config),
      admission_(parts.config),
      connections_max_(parts.connections_max),
      seed_(parts.seed),
      incarnation_(parts.incarnation),
      journal_(parts.journal),
      authenticator_(parts.authenticator),
      started_(parts.now) {
  CHECK(!parts.backends.empty() && parts.backends.size() <= kWorkersMax);
  for (net::Backend* backend : parts.backends) {
    const auto id = static_cast<WorkerId>(workers_.size());
    workers_.push_back(std::make_unique<Worker>(*this, id, *backend, parts.random_seed + id, parts.now));
  }
  authenticator_->start([this](const auth::Ticket& ticket, auth::Reply reply) {
    std::vector<Mail> answer;
    answer.push_back({0, mail::Verdict{{ticket.slot, ticket.generation},
                                       std::make_unique<auth::Reply>(std::move(reply))}});
    workers_[ticket.worker]->mailbox().put(answer);
  });
}

// Answers go to the workers' mailboxes, so none may come any more.
Broker::~Broker() { authenticator_->stop(); }

std::int64_t Broker::sum(Metric Metrics::*metric) const {
  std::int64_t total = 0;
  for (const auto& worker : workers_) total += (worker->metrics.*metric).get();
  return total;
}

void Broker::set_rules(const auth::AclRules& rules) {
  for (const auto& worker : workers_) {
    std::vector<Mail> mail;
    mail.push_back({0, mail::Rules{std::make_unique<auth::AclRules>(rules)}});
    worker->mailbox().put(mail);
  }
}

void Broker::reload(std::vector<std::unique_ptr<Change>> changes) {
  CHECK(changes.size() == workers_.size());
  if (!changes.front()->only_asks) admission_.change(changes.front()->config);
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    CHECK(changes[i]->config.listeners.size() == config_.listeners.size());
    std::vector<Mail> mail;
    mail.push_back({0, mail::Reload{std::move(changes[i])}});
    workers_[i]->mailbox().put(mail);
  }
}

void Broker::set_memory_level(MemoryLevel level) {
  memory_level_.store(level, std::memory_order_relaxed);
  for (const auto& worker : workers_) worker->wake();
}

void Broker::journal_moved() {
  for (const auto& worker : workers_) worker->journal_moved();
}

void Broker::stop() {
  for (const auto& worker : workers_) {
    std::vector<Mail> stop;
    stop.push_back({0, mail::Stop{}});
    worker->mailbox().put(stop);
  }
}

}  // namespace gaon::broker
