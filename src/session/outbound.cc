#include "session/outbound.h"

#include <algorithm>
#include <utility>

namespace gaon {

using mqtt::QoS;
using State = Copy::State;

void Outbound::connected(std::uint16_t receive_maximum) {
  receive_maximum_ = receive_maximum;
  in_window_ = 0;
  flight_.erase_if(
      [](const Copy& copy) { return copy.state == State::done || copy.state == State::reserved; });
  done_ = 0;
  for (std::size_t i = 0; i < flight_.size(); ++i) flight_[i].in_window = false;
  resend_ = 0;
}

void Outbound::session_lost() {
  if (!queue_.empty()) queue_.front().packet_id = 0;  // next() may have given it one.
  for (std::size_t i = flight_.size(); i-- > 0;) {
    Copy& copy = flight_[i];
    if (copy.state != State::publish_sent) continue;
    copy.state = State::waiting;
    copy.packet_id = 0;
    copy.in_window = false;
    waiting_bytes_ += copy.message().size();
    queue_.push_front(std::move(copy));
  }
  flight_.clear();
  resend_ = done_ = in_window_ = 0;
}

void Outbound::enqueue(const Delivery& delivery) {
  waiting_bytes_ += delivery.message.size();
  queue_.push_back(Copy(delivery));
}

std::optional<Outbound::Due> Outbound::next() {
  skip_finished_resends();
  if (resend_ < flight_.size()) {
    const Copy& copy = flight_[resend_];
    // [MQTT-4.3.3-5] [MQTT-4.3.3-6]
    if (copy.state == State::pubrel_sent) return Due{Due::Kind::pubrel, false, copy.packet_id, &copy};
    if (!window_open()) return std::nullopt;
    return Due{Due::Kind::publish, true, copy.packet_id, &copy};  // [MQTT-3.3.1-1]
  }
  if (queue_.empty()) return std::nullopt;
  Copy& copy = queue_.front();
  if (copy.qos() != QoS::at_most_once) {
    if (!window_open()) return std::nullopt;  // [MQTT-4.9.0-2] [MQTT-3.3.4-7]
    if (copy.packet_id == 0) copy.packet_id = free_packet_id();
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
  Copy copy = queue_.pop_front();
  waiting_bytes_ -= copy.message().size();
  if (copy.qos() == QoS::at_most_once) return;
  copy.state = State::publish_sent;  // [MQTT-4.3.2-3] [MQTT-4.3.3-3]
  copy.in_window = true;
  ++in_window_;
  flight_.push_back(std::move(copy));
  resend_ = static_cast<std::uint32_t>(flight_.size());
}

Copy Outbound::give_up() {
  if (resend_ < flight_.size()) return finish(resend_).copy;
  Copy copy = queue_.pop_front();
  waiting_bytes_ -= copy.message().size();
  return copy;
}

bool Outbound::may_send_now(QoS qos) const {
  return queue_.empty() && resend_ == flight_.size() && (qos == QoS::at_most_once || window_open());
}

std::uint16_t Outbound::send_now(const Delivery& delivery) {
  if (delivery.qos == QoS::at_most_once) return 0;
  Copy copy(delivery);
  copy.packet_id = free_packet_id();  // [MQTT-4.3.2-1] [MQTT-4.3.3-1]
  copy.state = State::publish_sent;
  copy.in_window = true;
  ++in_window_;
  const std::uint16_t packet_id = copy.packet_id;
  flight_.push_back(std::move(copy));
  resend_ = static_cast<std::uint32_t>(flight_.size());
  return packet_id;
}

Outbound::Answer Outbound::handle_puback(std::uint16_t packet_id) {
  const std::size_t at = find(packet_id);
  if (at == kNotThere) return {Answer::Kind::unknown};
  const Copy& copy = flight_[at];
  if (copy.state != State::publish_sent || copy.qos() != QoS::at_least_once) return {Answer::Kind::wrong};
  return finish(at);
}

Outbound::Answer Outbound::handle_pubrec(std::uint16_t packet_id, mqtt::Reason reason) {
  const std::size_t at = find(packet_id);
  if (at == kNotThere) return {Answer::Kind::unknown};
  Copy& copy = flight_[at];
  if (copy.qos() != QoS::exactly_once || copy.state == State::reserved) return {Answer::Kind::wrong};
  // [MQTT-4.3.3-4] [MQTT-4.4.0-2]
  if (copy.state == State::publish_sent && is_error(reason)) return finish(at);
  copy.state = State::pubrel_sent;
  return {Answer::Kind::pubrel};
}

Outbound::Answer Outbound::handle_pubcomp(std::uint16_t packet_id) {
  const std::size_t at = find(packet_id);
  if (at == kNotThere) return {Answer::Kind::unknown};
  if (flight_[at].state != State::pubrel_sent) return {Answer::Kind::wrong};
  return finish(at);
}

Copy Outbound::drop_oldest_waiting() {
  Copy copy = queue_.pop_front();
  waiting_bytes_ -= copy.message().size();
  return copy;
}

std::vector<Message> Outbound::take_share(ShareTag share, bool and_unacknowledged) {
  std::vector<Message> taken;
  if (and_unacknowledged) {
    for (std::size_t i = 0; i < flight_.size(); ++i) {
      Copy& copy = flight_[i];
      if (copy.state != State::publish_sent || copy.share() != share) continue;
      if (copy.qos() != QoS::at_least_once) continue;  // [MQTT-4.8.2-4]
      taken.push_back(copy.message());
      end(i);
    }
    forget_done();
  }
  queue_.erase_if([&](const Copy& copy) {
    if (copy.share() != share) return false;
    taken.push_back(copy.message());
    waiting_bytes_ -= copy.message().size();
    return true;
  });
  return taken;
}

std::optional<std::uint16_t> Outbound::reserve_packet_id() {
  if (flight_.size() - done_ >= 65'535) return std::nullopt;
  Copy copy;
  copy.packet_id = free_packet_id();
  copy.state = State::reserved;
  const std::uint16_t packet_id = copy.packet_id;
  const bool all_sent = resend_ == flight_.size();
  flight_.push_back(std::move(copy));
  if (all_sent) resend_ = static_cast<std::uint32_t>(flight_.size());
  return packet_id;
}

bool Outbound::release_packet_id(std::uint16_t packet_id) {
  const std::size_t at = find(packet_id);
  if (at == kNotThere || flight_[at].state != State::reserved) return false;
  finish(at);
  return true;
}

// Ids rise, so an id's distance from the first one is mostly its place.
std::size_t Outbound::find(std::uint16_t packet_id) const {
  if (flight_.empty()) return kNotThere;
  const auto holds = [&](std::size_t i) {
    return flight_[i].packet_id == packet_id && flight_[i].state != State::done;
  };
  const std::uint16_t first = flight_[0].packet_id;
  const auto guess = static_cast<std::uint16_t>(packet_id - first - (packet_id < first ? 1 : 0));
  if (guess < flight_.size() && holds(guess)) return guess;
  for (std::size_t i = 0; i < flight_.size(); ++i) {
    if (holds(i)) return i;
  }
  return kNotThere;
}

// [MQTT-2.2.1-3] [MQTT-2.2.1-4]: never zero, never one in use. A rising counter;
// only after it has met an id still in use must the others be asked.
std::uint16_t Outbound::free_packet_id() {
  if (flight_.empty()) wrapped_ = false;
  for (;;) {
    if (++last_packet_id_ == 0) continue;
    if (flight_.empty()) return last_packet_id_;
    if (last_packet_id_ == flight_[0].packet_id) wrapped_ = true;
    if (!wrapped_ || find(last_packet_id_) == kNotThere) return last_packet_id_;
  }
}

void Outbound::skip_finished_resends() {
  while (resend_ < flight_.size() &&
         (flight_[resend_].state == State::done || flight_[resend_].state == State::reserved)) {
    ++resend_;
  }
}

Outbound::Answer Outbound::finish(std::size_t at) {
  Answer answer{Answer::Kind::finished, end(at)};
  forget_done();
  return answer;
}

Copy Outbound::end(std::size_t at) {
  Copy& place = flight_[at];
  if (place.in_window) --in_window_;  // [MQTT-4.9.0-2], U5-4.9-a
  const std::uint16_t packet_id = place.packet_id;
  Copy copy = std::move(place);
  place = Copy{};
  place.packet_id = packet_id;
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
