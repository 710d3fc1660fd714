// What a kept session sends. A restart must know of what the client may have seen, so a
// copy that waited goes out behind its record and behind one that says "sent up to
// here"; and a PUBREL behind the record of its PUBREC. A copy whose message is not in
// memory is read back from the journal when its turn comes.
#include "base/log.h"
#include "broker/worker.h"

namespace gaon::broker {
namespace {

// How many copies one record lets out, and how many are read back at a time.
constexpr std::size_t kAhead = 256;

constexpr Duration kReadAgain = milliseconds(10);

bool before(std::uint32_t a, std::uint32_t b) { return static_cast<std::int32_t>(a - b) < 0; }

}  // namespace

void Worker::touch(Client& client) {
  if (!client.kept || client.touched || client.connection == nullptr) return;
  if (!client.session.outbound.gate_wants(1)) return;
  client.touched = true;
  touched_.push_back(client.ref);
}

void Worker::ask_to_send() {
  for (const Ref ref : touched_) {
    Client* client = clients_.find(ref);
    if (client == nullptr) continue;
    client->touched = false;
    if (!client->kept || client->connection == nullptr) continue;
    const auto to = client->session.outbound.gate_wants(kAhead);
    if (!to || (client->asked && !before(client->asked_to, *to))) continue;
    client->asked = true;
    client->asked_to = *to;
    records_.sending(*client, *to);
    owe({.client = client->ref, .number = *to, .kind = Owed::Kind::send});
  }
  touched_.clear();
}

void Worker::on_received(Client& client, const Received& received) {
  records_.received(client, received.sequence);
  owe({.client = client.ref, .packet_id = received.packet_id, .kind = Owed::Kind::pubrel});
}

bool Worker::is_memory_full() const {
  if (memory_level_ != MemoryLevel::enough) return true;
  const auto retained = static_cast<std::int64_t>(retained_.bytes());
  return Shared::live_bytes() - retained > static_cast<std::int64_t>(config_.storage.memory_bytes);
}

void Worker::leave_memory(journal::Place begin) {
  for (const Leaving& leaving : leaving_) {
    Client* client = clients_.find(leaving.client);
    if (client == nullptr) continue;
    Copy* copy = client->session.outbound.find_sequence(leaving.sequence);
    if (copy == nullptr || (!copy->absent() && copy->state != Copy::State::waiting)) continue;
    copy->make_absent({begin.segment, begin.offset + static_cast<std::uint32_t>(leaving.offset)});
  }
  leaving_.clear();
}

// True: what is next has its message again.
bool Worker::fetch_absent(Client& client) {
  Outbound& outbound = client.session.outbound;
  if (client.connection->socket->output.size() >= config_.limits.output_bytes_high) return false;
  absent_.clear();
  if (outbound.absent_next(absent_, kAhead) == 0) return false;
  bool fetched = false;
  for (Copy* copy : absent_) {
    const journal::Place at{copy->stored_at().segment, copy->stored_at().offset};
    auto message = read_back_.read(at);
    if (message) {
      copy->restore(std::move(*message));
      fetched = true;
      continue;
    }
    if (message.error() == journal::NotRead::not_now) {
      read_later();
      wait_for_tick(client);
    } else if (broker_.journal().durable() <= at) {
      wait_for_tick(client);  // It is not written yet.
    } else if (!fetched) {
      give_up_unreadable(client);
      fetched = true;
    }
    break;
  }
  return fetched;
}

// Nothing is wrong with the journal, but a file of it cannot be opened just now.
void Worker::read_later() { read_again_at_ = now_ + kReadAgain; }

// The next one is lost: the disk does not give it back.
void Worker::give_up_unreadable(Client& client) {
  const Copy lost = client.session.outbound.give_up();
  const auto [segment, offset] = lost.stored_at();
  log(LogLevel::error, "a message for client '" + client.session.client_id +
                           "' cannot be read back from segment " + std::to_string(segment) + ", offset " +
                           std::to_string(offset) + " of the journal; it is dropped");
  metrics.drop(DropReason::unreadable);
  records_.finished(client, lost);
  seat_done(client, lost);
}

}  // namespace gaon::broker
