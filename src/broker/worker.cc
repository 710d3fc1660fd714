#include "broker/worker.h"

#include <algorithm>

#include "base/log.h"

namespace gaon::broker {
namespace {

// Mail that may wait for one worker before we stop taking new work from sockets. What
// is under way then is bounded by what one tick of each worker reads.
constexpr std::size_t kMailHigh = 50'000;
// Records that may wait for the disk before the same.
constexpr std::size_t kPendingHigh = 64 * kMiB;
// Read in one tick. More would save no system calls worth naming, but what is made from
// it would leave the cache before it is sent on.
constexpr std::size_t kTickBytes = 256 * 1024;
constexpr Duration kThrottleNap = milliseconds(1);
constexpr Duration kSweepInterval = seconds(1);
constexpr std::size_t kSweepBudget = 20'000;

std::uint64_t timer_word(std::uint8_t kind, Ref ref) { return (std::uint64_t{kind} << 60) | ref.packed(); }

}  // namespace

Worker::Worker(Broker& broker, WorkerId id, net::Backend& backend, std::uint64_t random_seed, Time now)
    : broker_(broker),
      config_(broker.config()),
      limits_(std::make_unique<LimitTable>(config_)),
      bans_(config_.bans),
      id_(id),
      backend_(backend),
      mailbox_(backend.waker()),
      now_(now),
      random_(random_seed),
      retained_(broker.seed(), config_.limits),
      interest_(broker.seed()),
      timers_(now),
      records_(broker.journal().keeps_records()),
      read_back_(broker.journal()),
      rules_(std::exchange(config_.auth.rules, {})) {
  retained_.count_publishers(limits_->limits_retained());
  if (id_ == 0 && config_.sys_interval_s > 0) begin_sys_topics();
  schedule(TimerKind::sweep, {0, 1}, now + kSweepInterval);
}

void Worker::begin_sys_topics() {
  sys_topics_ = std::make_unique<SysTopics>(*this);
  schedule(TimerKind::sys, {0, 1}, now_);
}

void Worker::tick(Time now) {
  now_ = now;
  take_memory_level();
  memory_full_ = is_memory_full();
  outgoing_.resize(broker_.workers());
  go_on();  // first: what the last flush left is known now
  take_mail();
  if (!throttled()) take_completions();
  fire_timers();
  take_own_mail();
  clean();
  settle();
  post();
  for (const Ref ref : marked_) {
    if (Connection* connection = connections_.find(ref)) connection->marked = false;
  }
  marked_.clear();
  backend_.flush();
  publish_traffic();
  if (stopping_ && connections_.size() == 0) stopped_.store(true, std::memory_order_release);
}

Duration Worker::may_wait(Time now) const {
  const bool own_mail = id_ < outgoing_.size() && !outgoing_[id_].empty();
  if (!mailbox_.empty() || own_mail || (!go_on_.empty() && now >= read_again_at_) || !seats_done_.empty() ||
      !touched_.empty() || !records_.empty()) {
    return Duration::zero();
  }
  if (may_clean()) return Duration::zero();
  if (throttled() || cleaning_.segment != 0) return kThrottleNap;
  Time next = timers_.next_deadline();
  if (!unwritten_.empty()) next = std::min(next, write_due());
  if (!go_on_.empty()) next = std::min(next, read_again_at_);
  if (next == kNever) return seconds(60);
  return std::clamp<Duration>(next - now, Duration::zero(), seconds(60));
}

void Worker::take_mail() {
  mail_.clear();
  if (!mailbox_.take(mail_)) return;
  for (Mail& mail : mail_) {
    std::visit([&](auto& body) { handle(mail.from, body); }, mail.body);
  }
  mail_.clear();
}

// What we told ourselves: a group at home on the worker of its member.
void Worker::take_own_mail() {
  std::vector<Mail> own;
  tell_done();
  while (!outgoing_[id_].empty()) {
    own.swap(outgoing_[id_]);
    for (Mail& mail : own) {
      std::visit([&](auto& body) { handle(id_, body); }, mail.body);
    }
    own.clear();
    tell_done();
  }
}

void Worker::take_completions() {
  net::Completion completion;
  std::size_t bytes = 0;
  while (bytes < kTickBytes && backend_.next(completion)) {
    bytes += completion.bytes.size();
    using Kind = net::Completion::Kind;
    if (completion.kind == Kind::woken) continue;
    if (completion.kind == Kind::accepted) {
      on_accepted(*completion.socket, completion.listener);
      continue;
    }
    auto* connection = static_cast<Connection*>(completion.socket->user);
    switch (completion.kind) {
      case Kind::received:
        on_received(*connection, completion.bytes);
        break;
      case Kind::drained:
        resume(*connection);
        if (connection->client != nullptr) pump(*connection->client);
        break;
      default:
        connection_lost(*connection, true);
        break;
    }
  }
}

void Worker::fire_timers() {
  timers_.expire(now_, [&](std::uint64_t what) {
    const Ref ref = Ref::unpack(what & ~(std::uint64_t{0xF} << 60));
    switch (static_cast<TimerKind>(what >> 60)) {
      case TimerKind::connection:
        if (Connection* connection = connections_.find(ref)) on_connection_timer(*connection);
        break;
      case TimerKind::authentication:
        if (Connection* connection = connections_.find(ref)) on_authentication_timer(*connection);
        break;
      case TimerKind::identity:
        if (Connection* connection = connections_.find(ref)) on_identity_timer(*connection);
        break;
      case TimerKind::pace:
        if (Connection* connection = connections_.find(ref)) publish_again(*connection);
        break;
      case TimerKind::listener:
        backend_.resume_accept(ref.slot);
        break;
      case TimerKind::client:
        if (Client* client = clients_.find(ref)) on_client_timer(*client);
        break;
      case TimerKind::sys:
        if (config_.sys_interval_s == 0) {
          sys_topics_.reset();
          break;
        }
        sys_topics_->publish(now_);
        schedule(TimerKind::sys, ref, now_ + seconds(config_.sys_interval_s));
        break;
      case TimerKind::sweep: {
        const auto expired = static_cast<std::int64_t>(retained_.sweep(now_, kSweepBudget));
        if (id_ == 0) metrics.drop(DropReason::expired, expired);  // All workers drop the same.
        start_cleaning();
        schedule(TimerKind::sweep, ref, now_ + kSweepInterval);
        break;
      }
    }
  });
}

net::TimerId Worker::schedule(TimerKind kind, Ref ref, Time deadline) {
  return timers_.schedule(deadline, timer_word(static_cast<std::uint8_t>(kind), ref));
}

// Durability is an order: records first, then whatever says that they are safe.
void Worker::settle() {
  do {  // What is released may bring new records.
    settle_unwritten();
    ask_to_send();
    append();
    release_durable();
  } while (!touched_.empty() || !records_.empty() || (!owed_.empty() && owed_.back().place == kNotAppended));
  if (owed_.empty()) return;
  waits_for_journal_.store(true);
  release_durable();  // It may have moved before it could know that we wait.
}

void Worker::append() {
  if (!records_.empty()) {
    const journal::Appended appended = broker_.journal().append(records_.bytes());
    appended_ = appended.end;
    records_.begin_batch();
    leave_memory(appended.begin);
  }
  // What recorded nothing waits only for what we recorded before.
  for (std::size_t i = owed_.size(); i-- > 0 && owed_[i].place == kNotAppended;) owed_[i].place = appended_;
}

void Worker::release_durable() {
  const journal::Place durable = broker_.journal().durable();
  forget_ended(durable);
  while (!owed_.empty() && owed_.front().place <= durable) {
    release(owed_.pop_front());
  }
}

void Worker::journal_moved() {
  if (waits_for_journal_.exchange(false)) backend_.waker().wake();
}

void Worker::owe(Owed owed) {
  owed.place = kNotAppended;
  if (owed.kind == Owed::Kind::ack) {
    if (Client* client = clients_.find(owed.client)) {
      // It would wait for the earlier ones in the session, where many are slow to pass over.
      owed.behind = client->acks_behind = std::max(client->acks_behind, owed.behind);
    }
  }
  if (waits_for_unwritten(owed)) {
    held_acks_.push_back(owed);
  } else {
    owed_.push_back(owed);
  }
  if (owed.kind == Owed::Kind::ack && owed.type == mqtt::PacketType::pubrec && is_error(owed.reason)) {
    // [MQTT-4.3.3-9]: the refusal gives the id free.
    if (Client* client = clients_.find(owed.client)) {
      client->session.inbound.refuse(owed.packet_id);
      records_.released(*client, owed.packet_id);
    }
  }
}

void Worker::release(const Owed& owed) {
  if (owed.kind == Owed::Kind::stored) {
    send_mail(owed.to, mail::Stored{owed.number, owed.outcome});
    return;
  }
  if (owed.kind == Owed::Kind::suback) {
    PendingSuback* suback = subacks_.find(owed.client);
    if (suback == nullptr) return;
    suback->recorded = true;
    return finish_suback(*suback);
  }
  if (owed.kind == Owed::Kind::connack) {
    if (Connection* connection = connections_.find(owed.client)) uncork(*connection);
    return;
  }
  if (owed.kind == Owed::Kind::hand_out) return release_hand_out();
  Client* client = clients_.find(owed.client);
  if (client == nullptr) return;
  switch (owed.kind) {
    case Owed::Kind::send:
      client->session.outbound.open_to(owed.number);
      if (client->connection != nullptr) pump(*client);
      break;
    case Owed::Kind::pubrel:
      if (client->connection != nullptr) {
        mark(*client->connection);
        client->connection->endpoint.release(owed.packet_id);
      } else {
        client->session.outbound.release(owed.packet_id);
      }
      break;
    default:
      release_ack(*client, owed);
      break;
  }
}

void Worker::release_ack(Client& client, const Owed& owed) {
  Inbound& inbound = client.session.inbound;
  Connection* connection = client.connection;
  const bool same = connection != nullptr && inbound.connection() == owed.connection;
  if (same && owed.outcome == Outcome::no_room && connection->endpoint.version() != mqtt::Version::v5) {
    // [MQTT-3.3.5-2@311]: there is no word for it but the end of the connection. The id is
    // free then, and the message comes again.
    inbound.settle(owed.type, owed.packet_id, owed.reason);
    log(LogLevel::warning, "client '" + client.session.client_id +
                               "' is disconnected: the journal has no room for what it publishes");
    drop_connection(*connection, owed.reason);
    return;
  }
  if (same) {
    mark(*connection);
    connection->endpoint.settle(owed.type, owed.packet_id, owed.reason);
  } else if (owed.type == mqtt::PacketType::pubrec) {
    // The id is held by the session: its repeat on a newer connection may be waiting.
    inbound.settle(owed.type, owed.packet_id, owed.reason);
    if (connection != nullptr) {
      mark(*connection);
      connection->endpoint.write_acks();
    }
  }
}

void Worker::send_mail(WorkerId to, decltype(Mail::body) body) {
  outgoing_[to].push_back({id_, std::move(body)});
}

void Worker::post() {
  for (std::size_t i = 0; i < outgoing_.size(); ++i) {
    if (i == id_ || outgoing_[i].empty()) continue;
    broker_.worker(i).mailbox().put(outgoing_[i]);
  }
}

bool Worker::throttled() const {
  if (broker_.journal().pending_bytes() > kPendingHigh) return true;
  for (std::size_t i = 0; i < broker_.workers(); ++i) {
    if (i != id_ && broker_.worker(i).mailbox_.size() > kMailHigh) return true;
  }
  return false;
}

void Worker::publish_traffic() {
  for (std::size_t type = 0; type < mqtt::kPacketTypes; ++type) {
    metrics.received[type].set(static_cast<std::int64_t>(traffic_.received[type]));
    metrics.sent[type].set(static_cast<std::int64_t>(traffic_.sent[type]));
  }
  metrics.publish_bytes_received.set(static_cast<std::int64_t>(traffic_.publish_bytes_received));
  metrics.publish_bytes_sent.set(static_cast<std::int64_t>(traffic_.publish_bytes_sent));
  metrics.retained_messages.set(static_cast<std::int64_t>(retained_.messages()));
  metrics.retained_bytes.set(static_cast<std::int64_t>(retained_.bytes()));
}

void Worker::stop() {
  stopping_ = true;
  std::vector<Ref> all;
  connections_.for_each([&](Connection& connection) { all.push_back(connection.ref); });
  for (const Ref ref : all) {
    if (Connection* connection = connections_.find(ref)) {
      drop_connection(*connection, mqtt::Reason::server_shutting_down);
    }
  }
}

}  // namespace gaon::broker
