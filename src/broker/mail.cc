// What each kind of mail does; shared groups have theirs in share.cc.
#include <algorithm>

#include "broker/worker.h"

namespace gaon::broker {

void Worker::handle(WorkerId from, mail::Deliver& deliver) {
  const Message& message = deliver.message;
  // Lamport's rule: what we number from now on is newer than what we have seen.
  sequence_ = std::max(sequence_, message.id().sequence());
  if (deliver.keep) retain(message);
  const std::uint64_t before = put_off_;
  const Outcome outcome =
      take_in(message, interest_.match(message.topic()).subscribers, deliver.receipt != 0);
  if (deliver.receipt == 0) return;
  owe({.number = deliver.receipt,
       .kind = Owed::Kind::stored,
       .to = from,
       .outcome = outcome,
       .behind = put_off_ == before ? 0 : put_off_});
}

void Worker::handle(WorkerId, mail::Stored& stored) {
  Receipt& receipt = receipts_.at(stored.receipt - 1);
  receipt.outcome = std::max(receipt.outcome, stored.outcome);
  if (--receipt.waits > 0) return;
  if (receipt.routing != MessageId{}) records_.routed(receipt.routing);
  std::optional<Owed> owed = receipt.owed;
  if (owed) owed->outcome = receipt.outcome;
  receipts_.remove(receipt.ref);
  if (owed) answer(*owed);
}

void Worker::handle(WorkerId from, mail::Interest& interest) {
  for (const std::string& filter : *interest.filters) {
    if (interest.round != 0) {
      interest_.add_worker(filter, from);
    } else {
      interest_.remove_worker(filter, from);
    }
  }
  if (interest.round != 0) send_mail(from, mail::Known{interest.round});
}

void Worker::handle(WorkerId, mail::Known& known) {
  for (std::size_t i = 0; i < rounds_.size(); ++i) {
    if (rounds_[i].number == known.round) --rounds_[i].waits;
  }
  // Each worker answers in order, so rounds are complete in order.
  while (!rounds_.empty() && rounds_.front().waits == 0) {
    const std::uint32_t complete = rounds_.pop_front().number;
    while (!subacks_at_round_.empty() && subacks_at_round_.front().round == complete) {
      const Ref ref = subacks_at_round_.pop_front().suback;
      if (PendingSuback* suback = subacks_.find(ref)) {
        suback->round = 0;
        finish_suback(*suback);
      }
    }
    while (!joins_at_round_.empty() && joins_at_round_.front().round == complete) {
      const JoinedAtRound waited = joins_at_round_.pop_front();
      send_mail(waited.to, waited.joined);
    }
  }
}

void Worker::handle(WorkerId, mail::Arrival& arrival) {
  mail::Arrival::Luggage& luggage = *arrival.luggage;
  if (stopping_) {
    backend_.abort(backend_.adopt(std::move(luggage.connection)));
    return;
  }
  Connection& connection = add_connection(backend_.adopt(std::move(luggage.connection)), luggage.listener);
  connection.vouched_for = true;
  connection.places = std::move(luggage.places);
  connection.authentication = std::move(luggage.authentication);
  connection.identity = std::move(luggage.identity);
  connection.identity_ends = luggage.identity_ends;
  connection.admitted_in = luggage.admitted_in;
  on_received(connection, luggage.unread.view());
}

void Worker::handle(WorkerId, mail::Verdict& verdict) {
  Connection* connection = connections_.find(verdict.connection);
  if (connection == nullptr) return;
  Authentication* authentication = connection->authentication.get();
  const bool of_exchange = authentication != nullptr && authentication->waits;
  if (connection->phase == Connection::Phase::authenticating) {
    connection->phase = Connection::Phase::connecting;
    backend_.resume_read(*connection->socket);
    if (!of_exchange) connection->reply = std::move(verdict.reply);
  } else if (!of_exchange) {
    return;
  }
  if (of_exchange && !take_step(*connection, std::move(*verdict.reply))) return;
  handle_events(*connection);
}

void Worker::handle(WorkerId, mail::Stop&) { stop(); }

}  // namespace gaon::broker
