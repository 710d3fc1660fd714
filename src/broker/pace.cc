// A PUBLISH that has to wait: its client publishes faster than it may, or there is no memory
// for what comes of it. Nothing is dropped:
// its socket is not read, what was read stays undecoded, and TCP makes the client wait. What
// else it sends is handled up to that PUBLISH; its keep alive does not count meanwhile.
#include <algorithm>
#include <utility>

#include "broker/worker.h"

namespace gaon::broker {

void Worker::set_pace(Connection& connection) {
  const ClientLimits& limits = connection.client->allowance->limits;
  connection.pace.reset();
  if (limits.messages_per_s == 0 && limits.bytes_per_s == 0) return;
  connection.pace = std::make_unique<Pace>(
      Pace{TokenBucket(limits.messages_per_s, now_), TokenBucket(limits.bytes_per_s, now_)});
}

bool Worker::publish_must_wait(Connection& connection) {
  if (connection.publish_waits) return true;
  const auto next = connection.endpoint.next_publish();
  if (!next) return false;
  if (memory_forbids(connection, next->at_most_once)) {
    wait_to_publish(connection);
    wait_for_memory_.push_back(connection.ref);
    return true;
  }
  if (connection.pace == nullptr || !next->whole) return false;
  Pace& pace = *connection.pace;
  const Time ready = std::max(pace.messages.ready(now_), pace.bytes.ready(now_));
  if (ready > now_) {
    wait_to_publish(connection);
    connection.pace_timer = schedule(TimerKind::pace, connection.ref, ready);
    return true;
  }
  pace.messages.take(1, now_);
  pace.bytes.take(next->size, now_);
  return false;
}

// When it is scarce, a message that would have to wait is refused; before MQTT 5 there is no word
// for that, so it stays where it is.
bool Worker::memory_forbids(const Connection& connection, bool at_most_once) const {
  switch (memory_level_) {
    case MemoryLevel::enough:
      return false;
    case MemoryLevel::scarce:
      return !at_most_once && connection.endpoint.version() != mqtt::Version::v5;
    case MemoryLevel::none:
      break;
  }
  return true;
}

void Worker::take_memory_level() {
  const MemoryLevel before = std::exchange(memory_level_, broker_.memory_level());
  if (memory_level_ >= before) return;
  std::vector<Ref> waiting;
  waiting.swap(wait_for_memory_);
  for (const Ref ref : waiting) {
    Connection* connection = connections_.find(ref);
    if (connection != nullptr && connection->publish_waits) publish_again(*connection);
  }
}

void Worker::wait_to_publish(Connection& connection) {
  connection.publish_waits = true;
  connection.endpoint.keep_unread();
  backend_.pause_read(*connection.socket);
  metrics.publishers_waiting.add();
}

void Worker::forget_wait(Connection& connection) {
  if (!connection.publish_waits) return;
  connection.publish_waits = false;
  timers_.cancel(connection.pace_timer);
  connection.pace_timer = {};
  metrics.publishers_waiting.add(-1);
}

void Worker::publish_again(Connection& connection) {
  const Ref ref = connection.ref;
  forget_wait(connection);
  connection.endpoint.heard(now_);
  mark(connection);
  handle_events(connection);
  const Connection* still = connections_.find(ref);
  if (still != nullptr && !still->publish_waits && !still->held_back) backend_.resume_read(*still->socket);
}

}  // namespace gaon::broker
