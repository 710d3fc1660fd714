#include <algorithm>

#include "model.h"
#include "topic/name.h"

namespace gaon::simulation {

using mqtt::QoS;

namespace {

bool is_shared(const std::string& filter) { return filter.starts_with("$share/"); }

// $share/name/filter -> filter
std::string_view plain(std::string_view filter) {
  if (!filter.starts_with("$share/")) return filter;
  return filter.substr(filter.find('/', 7) + 1);
}

}  // namespace

bool Model::matches(const std::string& filter, const Message& message) const {
  return topic::matches(plain(filter), message.what.topic);
}

// The shared subscription through which the client gets it, if no other matches.
const std::string* Model::group_of(const Client& client, const Message& message) const {
  const std::string* group = nullptr;
  for (const auto& [filter, state] : client.filters) {
    if (!matches(filter, message)) continue;
    if (!is_shared(filter)) return nullptr;
    group = &filter;
  }
  return group;
}

// Whether the client may get it: it asked, and had no UNSUBACK before the message.
bool Model::asked(const Client& client, const Message& message) const {
  return std::ranges::any_of(client.filters, [&](const auto& one) {
    return matches(one.first, message) &&
           (!one.second.until || message.begun < *one.second.until || is_shared(one.first));
  });
}

// Whether it was subscribed before the message began.
bool Model::covered(const Client& client, const Message& message) const {
  return std::ranges::any_of(client.filters, [&](const auto& one) {
    return !is_shared(one.first) && one.second.since && *one.second.since < message.begun &&
           matches(one.first, message);
  });
}

MessageNo Model::publishing(const Publication& publication, Time now) {
  const MessageNo number = messages_.size();
  messages_.push_back({.what = publication, .begun = ++moment_, .begun_at = now});
  return number;
}

void Model::sent(MessageNo number) {
  if (messages_[number].sent++ == 0) make_duties(number);
}

void Model::make_duties(MessageNo number) {
  Message& message = messages_[number];
  if (message.what.qos == QoS::at_most_once || message.what.clears) return;
  for (ClientNo c = 0; c < clients_.size(); ++c) {
    Client& client = clients_[c];
    for (const auto& [filter, state] : client.filters) {
      if (!state.since || *state.since > message.begun || state.granted == QoS::at_most_once) continue;
      if (!matches(filter, message)) continue;
      // A session that ends with its connection is owed nothing once that is over.
      if (!client.open && client.dial.expiry_s == 0) continue;
      if (is_shared(filter)) {
        message.owed_to_groups.insert(filter);
      } else {
        message.owed_to.insert(c);
        client.owed.insert(number);
      }
      ++duties_made_;
    }
  }
}

void Model::acknowledged(MessageNo number, bool accepted, Time now) {
  Message& message = messages_[number];
  ++moment_;
  if (message.ended) return;
  message.ended = moment_;
  message.ended_at = now;
  message.accepted = accepted;
}

void Model::may_refuse() {
  for (Message& message : messages_) {
    if (message.ended || message.sent == 0) continue;
    message.may_be_refused = true;
    const Dial& dial = clients_[message.what.publisher].dial;
    if (!dial.refusal_ends || !dial.will || messages_[*dial.will].will != WillState::armed) continue;
    perhaps(*dial.will, message.begun_at);
  }
}

void Model::forget_duty(ClientNo client, MessageNo message) {
  clients_[client].owed.erase(message);
  messages_[message].owed_to.erase(client);
}

// Those of this filter, or of all.
void Model::forget_duties(ClientNo number, const std::string* filter) {
  Client& client = clients_[number];
  for (const auto& [one, state] : client.filters) {
    if (!is_shared(one) || (filter != nullptr && *filter != one)) continue;
    forget_group(one, number, client.may_be_over.value_or(moment_));
  }
  const std::set<MessageNo> owed = client.owed;
  for (const MessageNo message : owed) {
    if (filter == nullptr || matches(*filter, messages_[message])) forget_duty(number, message);
  }
}

// Its share of QoS 2 goes with a member, and if it was the only one, everything. at: when it
// left, at the earliest; who joined later may have come to an empty group.
void Model::forget_group(const std::string& filter, ClientNo leaving, Moment at) {
  bool others = false;
  for (ClientNo c = 0; c < clients_.size(); ++c) {
    const auto found = clients_[c].filters.find(filter);
    others = others || (c != leaving && found != clients_[c].filters.end() && found->second.since &&
                        *found->second.since <= at && clients_[c].dial.expiry_s > 0);
  }
  for (Message& message : messages_) {
    if (!others || message.what.qos == QoS::exactly_once) message.owed_to_groups.erase(filter);
  }
}

void Model::arrived(ClientNo number, const Arrival& arrival, Time now) {
  ++moment_;
  Client& client = clients_[number];
  const Message& message = messages_[arrival.message];
  if (!asked(client, message)) {
    fail(client.name + " got " + tell(arrival.message) + " and has no subscription for it");
  }
  if (arrival.qos > message.what.qos) fail(tell(arrival.message) + " came with a higher QoS");
  if (message.will != WillState::none) check_will(arrival.message, now);
  if (message.what.expiry_s && message.ended && !arrival.dup &&
      client.dialled_time > after(message.ended_at, *message.what.expiry_s)) {
    fail(client.name + " got " + tell(arrival.message) + " after it expired");
  }
  if (arrival.retain) return;
  check_dup(client, message, arrival);
  const bool first = !client.seen.contains(arrival.message);
  if (first) check_order(client, message, arrival);
  Seen& seen = client.seen[arrival.message];
  seen.packet_id = arrival.packet_id;
  if (!arrival.dup) ++seen.fresh;
}

// [MQTT-3.3.1-1], and the other way round.
void Model::check_dup(const Client& client, const Message& message, const Arrival& arrival) {
  // Before its CONNACK, an older connection may have been there for the broker.
  if (arrival.dup && client.open && message.begun > client.opened_at) {
    fail(client.name + " got " + tell(arrival.message) + " with DUP, but cannot have got it before");
  }
  const auto seen = client.seen.find(arrival.message);
  if (arrival.dup || arrival.qos == QoS::at_most_once || seen == client.seen.end()) return;
  // What its publisher sent again may be a new message for the broker.
  const std::size_t sent = message.sent + (message.will != WillState::none ? 1 : 0);
  if (seen->second.fresh < sent || group_of(client, message) != nullptr) return;
  fail(client.name + " got " + tell(arrival.message) + " again without DUP, packet id " +
       std::to_string(arrival.packet_id) + ", before " + std::to_string(seen->second.packet_id));
}

// [MQTT-4.6.0-5]
void Model::check_order(Client& client, const Message& message, const Arrival& arrival) {
  if (!message.once || message.may_be_refused || message.will != WillState::none || !covered(client, message))
    return;
  // What expired in the broker, or was lost on its way at QoS 0, may come again as new.
  const bool may_be_lost = std::ranges::any_of(
      client.filters, [&](const auto& one) { return one.second.was_qos0 && matches(one.first, message); });
  if (message.sent > 1 && (message.what.expiry_s || may_be_lost || arrival.qos == QoS::at_most_once)) return;
  const std::string stream = std::to_string(message.what.publisher) + " " + message.what.topic + " " +
                             std::to_string(static_cast<int>(message.what.qos)) + " " +
                             std::to_string(static_cast<int>(arrival.qos));
  const auto [latest, fresh] = client.latest.emplace(stream, arrival.message);
  if (fresh) return;
  if (arrival.message < latest->second) {
    fail(client.name + " got " + tell(arrival.message) + " after " + tell(latest->second));
  }
  latest->second = std::max(latest->second, arrival.message);
}

void Model::handed(ClientNo number, const Arrival& arrival) {
  if (arrival.retain) return;
  Client& client = clients_[number];
  Message& message = messages_[arrival.message];
  forget_duty(number, arrival.message);
  if (const std::string* group = group_of(client, message)) return handed_shared(*group, message, arrival);
  Seen& seen = client.seen[arrival.message];
  if (++seen.handed == 1) seen.only_qos0 = arrival.qos == QoS::at_most_once;
  if (seen.handed == 1 || !message.once) return;
  if (arrival.qos == QoS::exactly_once || message.what.qos == QoS::at_most_once) {
    fail(client.name + " got " + tell(arrival.message) + " twice");
  }
}

void Model::handed_shared(const std::string& filter, Message& message, const Arrival& arrival) {
  message.owed_to_groups.erase(filter);
  // What went to a member of QoS 1 may go to another one, too.
  if (arrival.qos != QoS::exactly_once) return;
  const std::size_t handed = ++message.group_handed[filter];
  if (handed == 1 || !message.once) return;
  fail(filter + " got " + tell(arrival.message) + " twice");
}

void Model::end() {
  for (MessageNo number = 0; number < messages_.size(); ++number) {
    const Message& message = messages_[number];
    if (!message.accepted) continue;
    for (const ClientNo client : message.owed_to) {
      fail(clients_[client].name + " never got " + tell(number) + ": lost");
    }
    for (const std::string& filter : message.owed_to_groups) {
      fail("nobody of " + filter + " got " + tell(number) + ": lost");
    }
  }
}

std::string Model::tell(MessageNo number) const {
  const Message& message = messages_[number];
  std::string text = "#" + std::to_string(number) + " (" + message.what.topic + ", QoS " +
                     std::to_string(static_cast<int>(message.what.qos)) + ", of " +
                     clients_[message.what.publisher].name;
  if (message.will != WillState::none) text += ", a will";
  if (message.accepted) text += ", acknowledged";
  if (message.sent > 1) text += ", sent " + std::to_string(message.sent) + " times";
  return text + ")";
}

}  // namespace gaon::simulation
