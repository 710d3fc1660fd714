// A PUBLISH that has to wait: its client publishes faster than it may. Nothing is dropped:
// its socket is not read, what was read stays undecoded, and TCP makes the client wait. What
// else it sends is handled up to that PUBLISH; its keep alive does not count meanwhile.
#include <algorithm>

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
  if (!next->whole) return false;
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
