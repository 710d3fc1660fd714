#include "model.h"

#include <algorithm>

namespace gaon::simulation {

void Model::fail(std::string what) {
  if (!failure_) failure_ = std::move(what);
}

ClientNo Model::add_client(std::string name) {
  clients_.emplace_back().name = std::move(name);
  return clients_.size() - 1;
}

void Model::dialled(ClientNo number, const Dial& dial, Time now) {
  Client& client = clients_[number];
  ++moment_;
  will_dialled(client, dial.clean_start, now);
  if (dial.clean_start) {
    session_over(number);
    sent_is_open(number);
    release_wills(number, now);
    if (client.session == Existence::sure) client.session = Existence::maybe;
  }
  client.dialled_time = now;
  client.will_before = client.dial.will;
  if (client.confirmed) client.wills_before.clear();
  if (client.dial.will) client.wills_before.push_back(*client.dial.will);
  client.dial = dial;
  client.connected = true;
  client.open = client.confirmed = false;
  client.gone_at.reset();
  for (auto& [filter, state] : client.filters) state.answers = 0;
  if (dial.will) messages_[*dial.will].will = WillState::armed;
}

void Model::opened(ClientNo number, bool session_present, Time now) {
  Client& client = clients_[number];
  ++moment_;
  check_present(client, session_present, now);
  will_opened(client, session_present, now);
  if (!session_present) {
    session_over(number);
    release_wills(number, now);
    client.filters.clear();
    client.seen.clear();
    client.latest.clear();
    sent_is_open(number);
    client.session = Existence::maybe;  // it ends with its connection
  }
  client.may_be_over.reset();
  client.open = true;
  client.confirmed = client.dial.expiry_s > 0;
  if (client.confirmed) client.session = Existence::sure;
  client.opened_at = moment_;
}

void Model::check_present(const Client& client, bool session_present, Time now) {
  const Dial& dial = client.dial;
  if (session_present && dial.clean_start) fail(client.name + ": Session Present after a clean start");
  if (session_present && client.session == Existence::none) {
    fail(client.name + ": Session Present, but there cannot be one");
  }
  if (session_present || dial.clean_start || client.session != Existence::sure) return;
  if (now < after(client.lost_at, dial.expiry_s)) {
    fail(client.name + ": its session is gone (Session Present 0) before it expired");
  }
}

void Model::lost(ClientNo number, bool withdrawn, Time now) {
  Client& client = clients_[number];
  if (!client.connected) return;
  ++moment_;
  will_lost(number, withdrawn, client.gone_at.value_or(now));
  if (client.open) client.lost_at = std::min(client.gone_at.value_or(now), now);
  client.connected = client.open = false;
  client.may_be_over.reset();
  if (client.session == Existence::none) client.session = Existence::maybe;
  if (client.dial.expiry_s > 0) return;
  session_over(number);
  for (auto& [filter, state] : client.filters) state.since.reset();
}

void Model::gone(ClientNo number, Time now) {
  Client& client = clients_[number];
  ++moment_;
  client.gone_at = now;
  client.gone_moment = moment_;
  if (client.connected) will_lost(number, false, now);
}

void Model::died(Time now) {
  ++moment_;
  for (Client& client : clients_) {
    for (auto& [number, seen] : client.seen) {
      // It may come with the QoS of another subscription, if its publisher sends it again.
      if (seen.only_qos0 && messages_[number].what.qos != mqtt::QoS::at_most_once) {
        seen.handed = seen.fresh = 0;
      }
    }
    will_died(client, now);
    if (client.dial.expiry_s == 0) client.session = Existence::maybe;
  }
}

void Model::back(Time now, Moment quiet) {
  ++moment_;
  for (Client& client : clients_) {
    if (client.gone_at && client.gone_moment <= quiet) continue;
    client.gone_at = now;
    client.gone_moment = moment_;
    client.session = std::max(client.session, Existence::maybe);
    // That it was published, too.
    if (client.dial.will && messages_[*client.dial.will].will == WillState::due) {
      messages_[*client.dial.will].will = WillState::waits;
      messages_[*client.dial.will].accepted = false;
    }
  }
}

void Model::session_over(ClientNo number) {
  forget_duties(number, nullptr);
  for (auto& [filter, state] : clients_[number].filters) state.since.reset();
}

// The broker may have forgotten which QoS 2 ids this publisher used.
void Model::sent_is_open(ClientNo number) {
  for (Message& message : messages_) {
    if (message.what.publisher == number && !message.ended && message.sent > 0) message.once = false;
  }
}

void Model::subscribing(ClientNo number, const std::string& filter) {
  ++moment_;
  Filter& one = clients_[number].filters[filter];
  one.wanted = true;
  ++one.answers;
  one.since.reset();
  one.until.reset();
}

void Model::subscribed(ClientNo number, const std::string& filter, mqtt::QoS granted) {
  ++moment_;
  Client& client = clients_[number];
  Filter& one = client.filters[filter];
  if (one.answers > 0) --one.answers;
  if (one.wanted && one.answers == 0) one.since = moment_;
  one.granted = granted;
  one.was_qos0 = one.was_qos0 || granted == mqtt::QoS::at_most_once;
}

void Model::unsubscribing(ClientNo number, const std::string& filter) {
  ++moment_;
  Client& client = clients_[number];
  const auto found = client.filters.find(filter);
  if (found == client.filters.end()) return;
  forget_duties(number, &filter);
  found->second.wanted = false;
  found->second.since.reset();
}

void Model::unsubscribed(ClientNo number, const std::string& filter) {
  ++moment_;
  const auto found = clients_[number].filters.find(filter);
  // A newer SUBSCRIBE may be under way.
  if (found != clients_[number].filters.end() && !found->second.wanted) found->second.until = moment_;
}

void Model::pass(Time now) {
  for (ClientNo number = 0; number < clients_.size(); ++number) {
    will_passes(number, now);
    Client& client = clients_[number];
    if (!client.connected && now >= after(client.lost_at, client.dial.expiry_s)) {
      // It may be gone, and another one there by a CONNECT whose answer never came.
      session_over(number);
      sent_is_open(number);
      client.session = std::min(client.session, Existence::maybe);
      // A second more than the broker's sweep of its timers may take.
      if (client.gone_at && now > after(*client.gone_at, client.dial.expiry_s) + seconds(2)) {
        client.session = Existence::none;
      }
    }
    const bool waits = client.connected && !client.open;
    if (waits && !client.may_be_over && now >= after(client.lost_at, client.dial.expiry_s)) {
      client.may_be_over = moment_;
    }
    std::vector<MessageNo> expired;
    for (const MessageNo owed : client.owed) {
      const Message& message = messages_[owed];
      if (message.what.expiry_s && now >= after(message.begun_at, *message.what.expiry_s)) {
        expired.push_back(owed);
      }
    }
    for (const MessageNo message : expired) forget_duty(number, message);
  }
  for (Message& message : messages_) {
    if (message.what.expiry_s && now >= after(message.begun_at, *message.what.expiry_s)) {
      message.owed_to_groups.clear();
    }
  }
}

}  // namespace gaon::simulation
