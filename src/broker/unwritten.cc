// A copy of QoS 1 that goes to its client at once is likely to be acknowledged before the
// disk would have it, and then there is nothing to record. So its record waits: the
// client's PUBACK makes it needless, and if that does not come in time it is written after
// all. Until one of both, the publisher's acknowledgement waits too.
//
// A client that did not make it in time is slow until a PUBACK shows that it would again:
// what it gets meanwhile is recorded at once, and no publisher waits for it.
//
// A later copy of the same session is recorded behind the earlier ones, in one batch: a
// crash must not leave the later one alone. And a copy that waits for its record was sent
// on the connection that its client still has: its end has all of them recorded.
#include "broker/worker.h"

namespace gaon::broker {
namespace {

// Measured with 100 pairs at full load: acknowledgements take 5 ms there, queues included.
// A client that is slower costs one publisher this much once.
constexpr Duration kHold = milliseconds(10);

}  // namespace

// The copy was sent just now.
void Worker::record_sent(Client& client, const Delivery& delivery, bool may_put_off) {
  Copy& copy = client.session.outbound.latest_sent();
  if (client.slow && client.tried == 0) {
    client.tried = copy.sequence;
    client.tried_at = now_;
  }
  if (!may_put_off || client.slow) {
    record_queued(client, delivery, CopyState::sent);
    return;
  }
  copy.unwritten = true;
  ++client.unwritten;
  unwritten_.push_back({client.ref, copy.sequence, now_});
  ++put_off_;
}

// What was acknowledged is passed over, what waited long enough is recorded; and whose
// copies all are one or the other may be acknowledged when the journal says so.
void Worker::settle_unwritten() {
  while (!unwritten_.empty()) {
    const Unwritten& first = unwritten_.front();
    Client* client = clients_.find(first.client);
    if (client != nullptr && client->unwritten > 0) {
      Copy* copy = client->session.outbound.find_sequence(first.sequence);
      if (copy != nullptr && copy->unwritten) {
        if (now_ < write_due()) break;
        client->slow = true;
        write_unwritten(*client);
      }
    }
    unwritten_.pop_front();
  }
  while (!held_acks_.empty() && !waits_for_unwritten(held_acks_.front())) {
    owed_.push_back(held_acks_.pop_front());
  }
}

Time Worker::write_due() const { return unwritten_[0].since + kHold; }

bool Worker::waits_for_unwritten(const Owed& owed) const {
  return owed.behind + unwritten_.size() > put_off_;
}

// Its connection ends: what it was told on it is on its way to the disk.
void Worker::write_last(Client& client) {
  write_unwritten(client);
  client.slow = false;
  client.tried = 0;
}

void Worker::write_unwritten(Client& client) {
  if (client.unwritten == 0) return;
  client.session.outbound.for_each_latest(
      client.unwritten, [](const Copy& copy) { return copy.unwritten; },
      [&](Copy& copy) {
        copy.unwritten = false;
        records_.queued(client,
                        {copy.message(), copy.qos(), copy.retain(), copy.subscription_ids(), copy.share()},
                        copy.sequence, CopyState::sent, group_number_of(copy.share()));
      });
  client.unwritten = 0;
}

std::size_t Worker::record_queued(Client& client, const Delivery& delivery, CopyState state) {
  write_unwritten(client);
  return records_.queued(client, delivery, client.session.outbound.last_sequence(), state,
                         group_number_of(delivery.share));
}

void Worker::record_finished(Client& client, const Copy& copy) {
  if (client.tried == copy.sequence && copy.qos() != mqtt::QoS::at_most_once) {
    client.slow = now_ - client.tried_at >= kHold;
    client.tried = 0;
  }
  if (!copy.unwritten) {
    records_.finished(client, copy);
    return;
  }
  --client.unwritten;
  metrics.spared_messages.add();
}

}  // namespace gaon::broker
