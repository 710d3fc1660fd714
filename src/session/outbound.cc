#include "session/outbound.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace gaon {

using mqtt::QoS;
using State = Copy::State;

namespace {

// The place of the first copy with this number or a later one; size() if there is none.
std::size_t place_of(const Ring<Copy>& ring, std::uint32_t sequence) {
  if (ring.empty()) return 0;
  const std::uint32_t first = ring[0].sequence;
  std::size_t low = 0;
  std::size_t high = ring.size();
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    if (ring[middle].sequence - first < sequence - first) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

// Numbers wrap: which of two is later is told by the shorter way.
bool is_after(std::uint32_t a, std::uint32_t b) { return static_cast<std::int32_t>(a - b) > 0; }

}  // namespace

void Outbound::connected(std::uint16_t receive_maximum) {
  receive_maximum_ = receive_maximum;
  in_window_ = 0;
  reserved_.reset();
  flight_.erase_if([](const Copy& copy) { return copy.state == State::done; });
  done_ = 0;
  for (std::size_t i = 0; i < flight_.size(); ++i) flight_[i].in_window = false;
  resend_ = 0;
}

void Outbound::session_lost() {
  for (std::size_t i = flight_.size(); i-- > 0;) {
    Copy& copy = flight_[i];
    if (copy.state != State::publish_sent) continue;
    copy.state = State::waiting;
    copy.in_window = false;
    if (!copy.absent()) waiting_bytes_ += copy.message().size();
    queue_.push_front(std::move(copy));
  }
  flight_.clear();
  reserved_.reset();
  resend_ = done_ = in_window_ = other_ids_ = 0;
}

void Outbound::enqueue(const Delivery& delivery) {
  Copy copy(delivery);
  copy.sequence = delivery.qos == QoS::at_most_once ? last_sequence_ : next_sequence();
  waiting_bytes_ += delivery.message.size();
  queue_.push_back(std::move(copy));
}

std::optional<Outbound::Due> Outbound::next() {
  resend_ = static_cast<std::uint32_t>(next_resend(resend_));
  if (resend_ < flight_.size()) {
    const Copy& copy = flight_[resend_];
    // [MQTT-4.3.3-5] [MQTT-4.3.3-6]
    if (copy.state == State::pubrel_sent) return Due{Due::Kind::pubrel, false, copy.packet_id, &copy};
    if (!window_open() || copy.absent()) return std::nullopt;
    return Due{Due::Kind::publish, true, copy.packet_id, &copy};  // [MQTT-3.3.1-1]
  }
  if (queue_.empty()) return std::nullopt;
  Copy& copy = queue_.front();
  if (copy.absent()) return std::nullopt;
  if (copy.qos() != QoS::at_most_once) {
    if (!window_open() || !gate_open(copy)) return std::nullopt;  // [MQTT-4.9.0-2] [MQTT-3.3.4-7]
    copy.packet_id = packet_id_for(copy);
    if (copy.packet_id == 0) return std::nullopt;
  }
  return Due{Due::Kind::publish, false, copy.packet_id, &copy};
}

void Outbound::sent() {
  if (resend_ < flight_.size()) {
    Copy& copy = flight_[resend_++];
    if (copy.state == State::publish_sent) {
      copy.in_window = true;
      ++in_window_;
    }
    return;
  }
  Copy copy = take_waiting();
  if (copy.qos() == QoS::at_most_once) return;
  copy.in_window = true;
  ++in_window_;
  copy.state = State::publish_sent;  // [MQTT-4.3.2-3] [MQTT-4.3.3-3]
  into_flight(std::move(copy));
  resend_ = static_cast<std::uint32_t>(flight_.size());
}

Copy Outbound::give_up() {
  if (resend_ < flight_.size()) return finish(resend_).copy;
  return take_waiting();
}

bool Outbound::may_send_now(QoS qos) const {
  if (!queue_.empty() || resend_ != flight_.size()) return false;
  if (qos == QoS::at_most_once) return true;
  return window_open() && id_left() && !(hold_ && qos == QoS::exactly_once);
}

std::uint16_t Outbound::send_now(const Delivery& delivery) {
  if (delivery.qos == QoS::at_most_once) return 0;
  Copy copy(delivery);
  copy.sequence = free_sequence();
  copy.packet_id = packet_id_of(copy.sequence);  // [MQTT-4.3.2-1] [MQTT-4.3.3-1]
  copy.state = State::publish_sent;
  copy.in_window = true;
  ++in_window_;
  const std::uint16_t packet_id = copy.packet_id;
  into_flight(std::move(copy));
  resend_ = static_cast<std::uint32_t>(flight_.size());
  return packet_id;
}

Outbound::Answer Outbound::handle_puback(std::uint16_t packet_id) {
  const std::size_t at = find(packet_id);
  if (at == kNotThere) return not_there(packet_id);
  const Copy& copy = flight_[at];
  if (copy.state != State::publish_sent || copy.qos() != QoS::at_least_once) return {Answer::Kind::wrong};
  return finish(at);
}

Outbound::Answer Outbound::handle_pubrec(std::uint16_t packet_id, mqtt::Reason reason) {
  const std::size_t at = find(packet_id);
  if (at == kNotThere) return not_there(packet_id);
  Copy& copy = flight_[at];
  if (copy.qos() != QoS::exactly_once) return {Answer::Kind::wrong};
  if (copy.state == State::received) return {Answer::Kind::repeat};
  if (copy.state == State::pubrel_sent) return {Answer::Kind::pubrel};
  if (is_error(reason)) return finish(at);  // [MQTT-4.3.3-4] [MQTT-4.4.0-2]
  if (hold_) {
    copy.state = State::received;
    return {.kind = Answer::Kind::received, .sequence = copy.sequence};
  }
  copy.state = State::pubrel_sent;
  return {Answer::Kind::pubrel};
}

Outbound::Answer Outbound::handle_pubcomp(std::uint16_t packet_id) {
  const std::size_t at = find(packet_id);
  if (at == kNotThere) return not_there(packet_id);
  if (flight_[at].state != State::pubrel_sent) return {Answer::Kind::wrong};
  return finish(at);
}

bool Outbound::release(std::uint16_t packet_id) {
  const std::size_t at = find(packet_id);
  if (at == kNotThere || flight_[at].state != State::received) return false;
  flight_[at].state = State::pubrel_sent;
  return at < resend_;
}

Copy Outbound::drop_oldest_waiting() { return take_waiting(); }

std::vector<Copy> Outbound::take_share(ShareTag share, bool and_unacknowledged) {
  std::vector<Copy> taken;
  if (and_unacknowledged) {
    for (std::size_t i = 0; i < flight_.size(); ++i) {
      const Copy& copy = flight_[i];
      if (copy.state != State::publish_sent || copy.share() != share) continue;
      if (copy.qos() != QoS::at_least_once) continue;  // [MQTT-4.8.2-4]
      taken.push_back(end(i));
    }
    forget_done();
  }
  if (queue_.empty()) return taken;
  const std::size_t average = waiting_bytes_ / queue_.size();
  queue_.erase_if([&](Copy& copy) {
    if (copy.share() != share) return false;
    count_gone(copy, average);
    taken.push_back(std::move(copy));
    return true;
  });
  if (queue_.empty()) waiting_bytes_ = 0;
  return taken;
}

std::optional<std::uint16_t> Outbound::reserve_packet_id() {
  if (!id_left()) return std::nullopt;
  const std::uint16_t packet_id = packet_id_of(free_sequence());
  if (!reserved_) reserved_ = std::make_unique<PacketIdSet>();
  reserved_->insert(packet_id);
  return packet_id;
}

bool Outbound::release_packet_id(std::uint16_t packet_id) { return reserved_ && reserved_->erase(packet_id); }

// --- the gate

bool Outbound::gate_open(const Copy& waiting) const {
  return !hold_ || !is_after(waiting.sequence, open_to_);
}

void Outbound::open_to(std::uint32_t sequence) {
  if (is_after(sequence, open_to_)) open_to_ = sequence;
}

std::optional<std::uint32_t> Outbound::gate_wants(std::size_t ahead) const {
  if (queue_.empty() || next_resend(resend_) < flight_.size()) return std::nullopt;
  const Copy& first = queue_[0];
  if (first.qos() == QoS::at_most_once || gate_open(first)) return std::nullopt;
  if (!window_open() || packet_id_for(first) == 0) return std::nullopt;
  return queue_[std::min(std::max<std::size_t>(ahead, 1), queue_.size()) - 1].sequence;
}

// --- messages that are not in memory

std::size_t Outbound::absent_next(std::vector<Copy*>& out, std::size_t max) {
  if (!window_open()) return 0;
  std::size_t found = 0;
  const auto add = [&](Copy& copy) {  // False: here it ends.
    if (!copy.absent() || found == max) return false;
    out.push_back(&copy);
    ++found;
    return true;
  };
  for (std::size_t i = next_resend(resend_); i < flight_.size(); i = next_resend(i + 1)) {
    if (flight_[i].state == State::publish_sent && !add(flight_[i])) return found;
  }
  for (std::size_t i = 0; i < queue_.size(); ++i) {
    Copy& copy = queue_[i];
    if (!gate_open(copy) || packet_id_for(copy) == 0 || !add(copy)) return found;
  }
  return found;
}

Copy* Outbound::find_sequence(std::uint32_t sequence) {
  if (const std::size_t at = place_of(flight_, sequence); at < flight_.size()) {
    Copy& copy = flight_[at];
    if (copy.sequence == sequence) return copy.state == State::done ? nullptr : &copy;
  }
  if (const std::size_t at = place_of(queue_, sequence); at < queue_.size()) {
    // The copies of QoS 0 with the same number stand behind it.
    Copy& copy = queue_[at];
    if (copy.sequence == sequence && copy.qos() != QoS::at_most_once) return &copy;
  }
  return nullptr;
}

// --- restoring

void Outbound::restore_numbers(std::uint32_t last_sequence, std::uint32_t open_to) {
  CHECK(empty());
  last_sequence_ = last_sequence;
  open_to_ = open_to;
}

void Outbound::restore(const RestoredCopy& restored) {
  CHECK(restored.qos != QoS::at_most_once && restored.state != State::done);
  Copy copy(restored);
  if (is_after(copy.sequence, last_sequence_)) last_sequence_ = copy.sequence;
  if (copy.state == State::waiting) {
    waiting_bytes_ += restored.size;
    queue_.push_back(std::move(copy));
    return;
  }
  // Copies are sent in their order: what is before one that was sent was sent too.
  while (!queue_.empty()) {
    Copy earlier = take_waiting();
    earlier.state = State::publish_sent;
    restore_into_flight(std::move(earlier), 0);
  }
  restore_into_flight(std::move(copy), restored.packet_id);
}

void Outbound::restore_into_flight(Copy&& copy, std::uint16_t packet_id) {
  copy.packet_id = packet_id != 0 ? packet_id : packet_id_of(copy.sequence);
  // In use: the crash came before the other id of this one was recorded.
  if (find(copy.packet_id) != kNotThere) copy.packet_id = other_packet_id(copy.sequence);
  into_flight(std::move(copy));
}

// --- numbers and packet ids

// Ids follow from numbers, and numbers rise: counted from the last one, the id says which
// number and mostly which place it is.
std::size_t Outbound::find(std::uint16_t packet_id) const {
  if (flight_.empty()) return kNotThere;
  const auto holds = [&](std::size_t i) {
    return i < flight_.size() && flight_[i].packet_id == packet_id && flight_[i].state != State::done;
  };
  const std::size_t last = flight_.size() - 1;
  const std::uint32_t last_number = flight_[last].sequence;
  std::uint32_t before = (packet_id_of(last_number) + 65'535u - packet_id) % 65'535;
  if (before <= last && holds(last - before)) return last - before;
  // Else a number of one of the rounds that the ids have made since the oldest.
  const std::uint32_t span = last_number - flight_[0].sequence;
  if (other_ids_ == 0 && span / 65'535 <= flight_.size() / 16) {
    for (; before <= span; before += 65'535) {
      // No copy has number 0.
      const std::uint32_t sequence = last_number - before - (last_number <= before ? 1 : 0);
      if (const std::size_t at = place_of(flight_, sequence); holds(at)) return at;
    }
    return kNotThere;
  }
  // Rare: the oldest is stuck and there are few, or one has the id of no other.
  for (std::size_t i = 0; i < flight_.size(); ++i) {
    if (holds(i)) return i;
  }
  return kNotThere;
}

Outbound::Answer Outbound::not_there(std::uint16_t packet_id) const {
  return {reserved_ && reserved_->contains(packet_id) ? Answer::Kind::wrong : Answer::Kind::unknown};
}

// [MQTT-2.2.1-3] [MQTT-2.2.1-4]: never one in use. Only when the ids have gone round
// since the oldest in flight must the others be asked.
bool Outbound::in_use(std::uint16_t packet_id, std::uint32_t sequence) const {
  if (reserved_ && reserved_->contains(packet_id)) return true;
  if (flight_.empty()) return false;
  if (other_ids_ == 0 && sequence - flight_[0].sequence < 65'535) return false;
  return find(packet_id) != kNotThere;
}

// A free one for a copy whose own is not: of those numbered just before it, which are
// the last that will be needed again.
std::uint16_t Outbound::other_packet_id(std::uint32_t sequence) const {
  std::uint16_t packet_id = packet_id_of(sequence);
  do {
    packet_id = packet_id == 1 ? std::uint16_t{65'535} : static_cast<std::uint16_t>(packet_id - 1);
  } while (find(packet_id) != kNotThere || (reserved_ && reserved_->contains(packet_id)));
  return packet_id;
}

// 0: it has to wait. A copy of QoS 2 keeps its own id, since what the peer knows of it
// after a crash is the id alone.
std::uint16_t Outbound::packet_id_for(const Copy& waiting) const {
  if (!id_left()) return 0;
  const std::uint16_t own = packet_id_of(waiting.sequence);
  if (!in_use(own, waiting.sequence)) return own;
  return waiting.qos() == QoS::exactly_once ? std::uint16_t{0} : other_packet_id(waiting.sequence);
}

std::uint32_t Outbound::next_sequence() {
  // Nothing waits, so everything until now may be said to have passed the gate; it must
  // not fall behind so far that what is after it seems to be before.
  if (queue_.empty() && last_sequence_ - open_to_ > (1u << 30)) open_to_ = last_sequence_;
  if (++last_sequence_ == 0) ++last_sequence_;
  return last_sequence_;
}

std::uint32_t Outbound::free_sequence() {
  for (;;) {
    const std::uint32_t sequence = next_sequence();
    if (!in_use(packet_id_of(sequence), sequence)) return sequence;
  }
}

// --- the rings

std::size_t Outbound::next_resend(std::size_t from) const {
  while (from < flight_.size() &&
         (flight_[from].state == State::done || flight_[from].state == State::received)) {
    ++from;
  }
  return from;
}

void Outbound::into_flight(Copy&& copy) {
  if (copy.packet_id != packet_id_of(copy.sequence)) ++other_ids_;
  flight_.push_back(std::move(copy));
}

Copy Outbound::take_waiting() {
  CHECK(!queue_.empty());
  count_gone(queue_.front(), waiting_bytes_ / queue_.size());
  Copy copy = queue_.pop_front();
  if (queue_.empty()) waiting_bytes_ = 0;
  return copy;
}

void Outbound::count_gone(const Copy& waiting, std::size_t average) {
  waiting_bytes_ -= std::min(waiting_bytes_, waiting.absent() ? average : waiting.message().size());
}

Outbound::Answer Outbound::finish(std::size_t at) {
  Answer answer{Answer::Kind::finished, end(at)};
  forget_done();
  return answer;
}

Copy Outbound::end(std::size_t at) {
  Copy& place = flight_[at];
  if (place.in_window) --in_window_;  // [MQTT-4.9.0-2], U5-4.9-a
  if (place.packet_id != packet_id_of(place.sequence)) --other_ids_;
  Copy copy = std::move(place);
  place = Copy();
  place.sequence = copy.sequence;
  place.state = State::done;  // U5-2.2.1-a
  ++done_;
  return copy;
}

// Places of finished copies go when they reach the front, or all at once when
// they outnumber the others, so that one that is stuck does not hold the rest.
void Outbound::forget_done() {
  while (!flight_.empty() && flight_[0].state == State::done) {
    flight_.pop_front();
    --done_;
    if (resend_ > 0) --resend_;
  }
  if (done_ < 64 || done_ < flight_.size() / 2) return;
  std::uint32_t i = 0;
  std::uint32_t sent = 0;
  flight_.erase_if([&](const Copy& copy) {
    const bool gone = copy.state == State::done;
    if (!gone && i < resend_) ++sent;
    ++i;
    return gone;
  });
  resend_ = sent;
  done_ = 0;
}

}  // namespace gaon
