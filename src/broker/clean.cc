// See clean.h.
#include "broker/clean.h"

#include <algorithm>

#include "broker/worker.h"
#include "topic/name.h"

namespace gaon::broker {
namespace {

// Bytes read in one tick, so that clients hardly notice.
constexpr std::size_t kTickBytes = 64 * kKiB;
// With so much on its way to the disk, what clients want comes first.
constexpr std::size_t kPendingHigh = 8 * kMiB;
// Not worth the trouble: the log may be this much larger than twice what lives.
constexpr std::uint64_t kSlackSegments = 4;

CopyState state_of(const Copy& copy) {
  switch (copy.state) {
    case Copy::State::waiting:
      return CopyState::waiting;
    case Copy::State::publish_sent:
      return CopyState::sent;
    default:
      return CopyState::received;
  }
}

// Up to where the journal was told that copies may go out; the gate opens when that is durable.
std::uint32_t said_to_send(const Client& client) {
  const std::uint32_t open_to = client.session.outbound.open_to();
  const bool further = client.asked && static_cast<std::int32_t>(client.asked_to - open_to) > 0;
  return further ? client.asked_to : open_to;
}

}  // namespace

// --- the first worker

void Worker::start_cleaning() {
  if (id_ != 0 || !records_.wanted() || cleaner_.waits > 0) return;
  const journal::Journal& journal = broker_.journal();
  const std::uint32_t next = std::max(journal.oldest_segment(), cleaner_.segment + 1);
  if (next >= journal.current_segment() || !worth_cleaning(next - journal.oldest_segment())) return;
  cleaner_.segment = next;
  cleaner_.units = cleaner_.bytes = 0;
  ask_to_clean(next);
}

// dropped: segments that are cleaned, and on the disk for a moment still.
bool Worker::worth_cleaning(std::uint32_t dropped) const {
  const journal::Journal& journal = broker_.journal();
  const std::uint64_t segment = journal.segment_bytes();
  const std::uint64_t disk = journal.disk_bytes() - std::min(journal.disk_bytes(), dropped * segment);
  const auto units =
      static_cast<std::uint64_t>(broker_.sum(&Metrics::queued_messages) + broker_.sum(&Metrics::sessions) +
                                 broker_.sum(&Metrics::subscriptions) + metrics.retained_messages.get());
  const std::uint64_t live = units * cleaner_.unit_bytes;
  if (disk > 2 * live + kSlackSegments * segment) return true;
  if (journal.health() == journal::Health::full) return disk > live + live / 4 + segment;
  return cleaner_.was_nearly_dead && disk > kSlackSegments * segment;
}

void Worker::ask_to_clean(std::uint32_t segment) {
  cleaner_.waits = broker_.workers();
  for (std::size_t to = 0; to < broker_.workers(); ++to) {
    send_mail(static_cast<WorkerId>(to), mail::Clean{segment});
  }
}

void Worker::handle(WorkerId, mail::Cleaned& cleaned) {
  cleaner_.units += cleaned.units;
  cleaner_.bytes += cleaned.bytes;
  if (--cleaner_.waits > 0) return;
  cleaner_.second_round = !cleaner_.second_round;
  if (cleaner_.second_round) return ask_to_clean(0);
  journal::Journal& journal = broker_.journal();
  journal.drop_before(cleaner_.segment + 1);
  cleaner_.was_nearly_dead = cleaner_.bytes < journal.segment_bytes() / 16;
  if (cleaner_.units > 0) {
    cleaner_.unit_bytes = (cleaner_.unit_bytes + cleaner_.bytes / cleaner_.units) / 2 + 1;
  }
  metrics.cleaned_segments.add();
  metrics.cleaned_bytes.add(static_cast<std::int64_t>(cleaner_.bytes));
  start_cleaning();
}

// --- every worker

void Worker::handle(WorkerId from, mail::Clean& clean) {
  if (clean.segment == 0) return send_mail(from, mail::Cleaned{0, 0});
  cleaning_.segment = clean.segment;
  cleaning_.next = {clean.segment, 0};
  cleaning_.batch.clear();
  cleaning_.read = 0;
  cleaning_.units = cleaning_.bytes = 0;
}

// Whether there is something to do, and it may be done now.
bool Worker::may_clean() const {
  if (cleaning_.segment == 0 || now_ < read_again_at_) return false;
  const journal::Journal& journal = broker_.journal();
  if (journal.pending_bytes() > kPendingHigh) return false;
  // Of a full disk only the rest of the segment is left, and others need it too.
  return journal.health() == journal::Health::good ||
         (journal.health() == journal::Health::full &&
          journal.durable().offset + journal.pending_bytes() < journal.segment_bytes() / 2);
}

void Worker::clean() {
  if (!may_clean()) return;
  const std::size_t before = records_.bytes().size();
  for (std::size_t budget = kTickBytes; budget > 0;) {
    const auto next = cleaning_.read < cleaning_.batch.size() ? std::expected<void, journal::NotRead>()
                                                              : next_batch_to_clean();
    if (!next && next.error() == journal::NotRead::not_now) {
      read_later();
      break;
    }
    if (!next) {
      cleaning_.bytes += records_.bytes().size() - before;
      send_mail(0, mail::Cleaned{cleaning_.units, cleaning_.bytes});
      cleaning_ = {};
      return;
    }
    Reader reader(cleaning_.batch.view().subspan(cleaning_.read));
    const auto record = next_record(reader);
    if (!record || !clean(*record)) break;
    cleaning_.read += record->whole.size();
    budget -= std::min(budget, record->whole.size());
  }
  cleaning_.bytes += records_.bytes().size() - before;
}

std::expected<void, journal::NotRead> Worker::next_batch_to_clean() {
  cleaning_.batch.clear();
  cleaning_.read = 0;
  cleaning_.message = {};
  const auto batch = broker_.journal().read_batch(cleaning_.next, cleaning_.batch);
  if (!batch) return std::unexpected(batch.error());
  cleaning_.begin = batch->begin;
  cleaning_.next = batch->next;
  return {};
}

// False: not yet.
bool Worker::clean(Record record) {
  Reader& body = record.body;
  switch (record.kind) {
    case RecordKind::message:
      cleaning_.message = {body.u64()};
      cleaning_.message_record = record.whole;
      cleaning_.message_at = {cleaning_.begin.segment,
                              cleaning_.begin.offset + static_cast<std::uint32_t>(cleaning_.read)};
      return true;
    case RecordKind::queued:
      record_again(read_queued(body));
      return true;
    case RecordKind::retained:
      retained_again();
      return true;
    case RecordKind::session:
    case RecordKind::offline:
    case RecordKind::will:
    case RecordKind::subscribed:
      state_again(body.u64());
      return true;
    case RecordKind::sending: {
      const std::uint64_t number = body.u64();
      const Client* client = find_kept(number);
      if (client != nullptr && said_to_send(*client) == body.u32()) state_again(number);
      return true;
    }
    case RecordKind::group:
    case RecordKind::group_queued:
      group_again(body.u64());
      return true;
    case RecordKind::held: {
      const std::uint64_t number = body.u64();
      const Client* client = find_kept(number);
      if (client != nullptr && client->session.inbound.holds(body.u16())) state_again(number);
      return true;
    }
    case RecordKind::routing:
      return !is_on_its_way({body.u64()});
    default:
      return true;
  }
}

Client* Worker::find_kept(std::uint64_t number) {
  const auto at = kept_.find(number);
  return at == kept_.end() ? nullptr : at->second;
}

bool Worker::is_on_its_way(MessageId message) const {
  bool found = false;
  receipts_.for_each([&](const Receipt& receipt) { found = found || receipt.routing == message; });
  return found;
}

void Worker::record_again(const QueuedRecord& queued) {
  Client* client = find_kept(queued.number);
  Copy* copy = client == nullptr ? nullptr : client->session.outbound.find_sequence(queued.sequence);
  if (copy == nullptr) return;
  const journal::Place at = cleaning_.message_at;
  // Numbers are used again after a crash: it must be this copy.
  if (copy->absent() ? copy->stored_at() != StoredAt{at.segment, at.offset}
                     : copy->message().id() != cleaning_.message) {
    return;
  }
  const std::size_t offset = records_.message_again(cleaning_.message, cleaning_.message_record);
  records_.queued_again(*client, *copy, state_of(*copy), queued.group);
  if (copy->absent() && copy->share() != 0) {
    // Its seat may give it back before it can be read where it is now.
    Reader reader(cleaning_.message_record);
    if (auto record = next_record(reader)) copy->restore(Message::make(read_message(record->body)));
  } else if (copy->absent()) {
    leaving_.push_back({client->ref, copy->sequence, offset});
  }
  ++cleaning_.units;
}

void Worker::retained_again() {
  MessageParts parts;
  Reader reader(cleaning_.message_record);
  if (auto record = next_record(reader)) parts = read_message(record->body);
  const std::size_t shard = Broker::shard_of(hash(parts.topic, broker_.seed()));
  if (broker_.worker_of_shard(shard) != id_) return;
  const Message* message = retained_.find(parts.topic);
  if (message == nullptr || message->id() != parts.id || !RetainedStore::alive(*message, now_)) return;
  records_.retained(*message);
  ++cleaning_.units;
}

// All of a session but its copies, if that was not written since.
void Worker::state_again(std::uint64_t number) {
  Client* client = find_kept(number);
  if (client == nullptr || client->written_in > cleaning_.segment) return;
  client->written_in = broker_.journal().current_segment();
  records_.session(*client);
  records_.anew(*client);
  if (client->connection != nullptr) {
    records_.online(*client);
  } else {
    records_.offline(*client);
  }
  if (client->will) records_.will(*client);
  for (const topic::FilterId id : client->subscriptions) {
    records_.subscribed(*client, interest_.text(id), *interest_.find(id, client->ref.slot, false));
    ++cleaning_.units;
  }
  for (const Ref ref : client->seats) {
    const Seat& seat = seats_.at(ref.slot);
    if (seat.leaving) continue;  // Unsubscribed; only what it has under way goes on.
    records_.subscribed(*client, "$share/" + group_key(seat.share_name, seat.filter), seat.options);
  }
  client->session.inbound.for_each_held([&](std::uint16_t id) { records_.held(*client, id); });
  records_.sending(*client, said_to_send(*client));
  ++cleaning_.units;
}

// All that waits with it, once for all the segments that are there now.
void Worker::group_again(std::uint64_t number) {
  groups_.for_each([&](Group& group) {
    if (!group.kept || group.number.value != number || group.written_in > cleaning_.segment) return;
    group.written_in = broker_.journal().current_segment();
    record_again(group);
    cleaning_.units += group.queue.size() + 1;
  });
}

}  // namespace gaon::broker
