#include <algorithm>

#include "model.h"

namespace gaon::simulation {

namespace {

// The broker's timers run with its ticks; what falls due so close to another event may
// have gone either way.
constexpr Duration kSlack = seconds(2);

}  // namespace

void Model::perhaps(MessageNo number, Time not_before) {
  Message& will = messages_[number];
  will.will = WillState::perhaps;
  will.not_before = std::min(will.not_before, not_before);
  for (const ClientNo client : will.owed_to) clients_[client].owed.erase(number);
  will.owed_to.clear();
  will.owed_to_groups.clear();
}

// The connection is over, as the client or as the broker sees it first.
void Model::will_lost(ClientNo number, bool withdrawn, Time now) {
  const Client& client = clients_[number];
  if (!client.dial.will) return;
  const MessageNo no = *client.dial.will;
  Message& will = messages_[no];
  if (will.will != WillState::armed) return;
  if (withdrawn) {
    will.will = WillState::withdrawn;
    return;
  }
  will.not_before = after(now, std::min(client.dial.will_delay_s, client.dial.expiry_s));
  if (!client.open) return perhaps(no, will.not_before);
  will.will = WillState::waits;
  will.begun = moment_;
  make_duties(no);
}

void Model::will_dialled(Client& client, bool clean_start, Time now) {
  if (!client.dial.will) return;
  const Message& will = messages_[*client.dial.will];
  if (will.will == WillState::waits || will.will == WillState::perhaps) {
    // A clean start ends the session, and with it the delay.
    perhaps(*client.dial.will, clean_start ? now : will.not_before);
  } else if (will.will == WillState::withdrawn && !client.gone_at) {
    perhaps(*client.dial.will, now);  // The new connection may come before the DISCONNECT of the old one.
  }
}

// The session of those before is over, or may be: so are their delays.
void Model::release_wills(ClientNo number, Time now) {
  for (MessageNo no = 0; no < messages_.size(); ++no) {
    const Message& will = messages_[no];
    if (will.what.publisher == number && will.will == WillState::perhaps) perhaps(no, now);
  }
}

void Model::will_opened(Client& client, bool session_present, Time now) {
  if (!client.will_before) return;
  Message& will = messages_[*client.will_before];
  if (will.will != WillState::perhaps) return;
  if (session_present && now < will.not_before) will.will = WillState::withdrawn;  // [MQTT-3.1.3-9]
  if (!session_present) will.not_before = std::min(will.not_before, now);
}

// What changed a will may be forgotten.
void Model::will_died(Client& client, Time now) {
  if (client.dial.will) {
    const Message& will = messages_[*client.dial.will];
    const bool kept = client.dial.expiry_s > 0;
    const bool coming =
        will.will == WillState::armed || will.will == WillState::waits || will.will == WillState::due;
    if (coming && !kept) {
      perhaps(*client.dial.will, now);
    } else if (will.will == WillState::withdrawn) {
      perhaps(*client.dial.will, now);
    }
  }
  if (client.confirmed) return;
  for (const MessageNo number : client.wills_before) {
    Message& before = messages_[number];
    if (before.will != WillState::withdrawn && before.will != WillState::due) continue;
    before.accepted = false;
    perhaps(number, now);
  }
}

void Model::will_passes(ClientNo number, Time now) {
  const Client& client = clients_[number];
  if (!client.dial.will || client.connected || !client.gone_at) return;
  Message& will = messages_[*client.dial.will];
  if (will.will != WillState::waits) return;
  if (now <= after(*client.gone_at, std::min(client.dial.will_delay_s, client.dial.expiry_s)) + kSlack)
    return;
  will.will = WillState::due;
  will.accepted = true;
}

void Model::check_will(MessageNo number, Time now) {
  const Message& will = messages_[number];
  if (will.will == WillState::armed) fail(tell(number) + " came while its connection lives");
  if (will.will == WillState::withdrawn) fail(tell(number) + " came after it was withdrawn");
  if ((will.will == WillState::waits || will.will == WillState::perhaps) && now < will.not_before) {
    fail(tell(number) + " came before its delay was over");
  }
}

}  // namespace gaon::simulation
