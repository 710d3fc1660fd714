// What MQTT promises, held against what clients saw. It knows nothing of the broker: it is
// told what clients sent and got, in the order in which that happened, and says what is
// wrong. Where a crash or a cut leaves both outcomes right, it allows both.
//
// A message published with QoS 1 or 2 makes a duty for every session that was told of its
// matching subscription (SUBACK) before the message was handed to its publisher's session.
// The duty counts when the publisher has its acknowledgement. It ends when the message
// comes, or when the subscriber's session or subscription may have ended, or the message
// expired. What is left at the end of the run was lost.
//
// model.cc: sessions and subscriptions; model_messages.cc: messages; model_wills.cc: wills;
// model_retained.cc: retained messages.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "mqtt/version.h"

namespace gaon::simulation {

using ClientNo = std::size_t;
using MessageNo = std::size_t;
// Counts what the model was told: an order finer than the clock.
using Moment = std::uint64_t;

inline constexpr std::uint32_t kExpiryNever = ~std::uint32_t{0};

struct Publication {
  ClientNo publisher = 0;
  std::string topic;
  mqtt::QoS qos{};
  bool retain = false;
  bool clears = false;  // an empty payload
  std::optional<std::uint32_t> expiry_s{};
};

struct Dial {
  bool clean_start = false;
  std::uint32_t expiry_s = 0;  // 0: the session ends with its connection
  std::optional<MessageNo> will{};
  std::uint32_t will_delay_s = 0;
  bool refusal_ends = false;  // before MQTT 5
};

// A PUBLISH as it came, repeats included.
struct Arrival {
  MessageNo message = 0;
  std::uint16_t packet_id = 0;
  mqtt::QoS qos{};
  bool dup = false;
  bool retain = false;
};

class Model {
 public:
  // The first thing that was wrong.
  const std::optional<std::string>& failure() const { return failure_; }
  void fail(std::string what);

  // --- connections, as their client sees them
  ClientNo add_client(std::string name);
  void dialled(ClientNo client, const Dial& dial, Time now);
  void opened(ClientNo client, bool session_present, Time now);
  // The client's end of the connection; withdrawn: it sent DISCONNECT, so no will.
  void lost(ClientNo client, bool withdrawn, Time now);
  // The broker knows of it, too, and of no other connection of this client.
  void gone(ClientNo client, Time now);
  void died(Time now);
  // The broker is back. What was gone after `quiet` may have been forgotten.
  void back(Time now, Moment quiet);
  Moment moment() const { return moment_; }

  // --- subscriptions; filters as in SUBSCRIBE, $share/ included
  void subscribing(ClientNo client, const std::string& filter);
  void subscribed(ClientNo client, const std::string& filter, mqtt::QoS granted);
  void unsubscribing(ClientNo client, const std::string& filter);
  void unsubscribed(ClientNo client, const std::string& filter);

  // --- messages
  MessageNo publishing(const Publication& publication, Time now);
  void sent(MessageNo message);  // each time
  // PUBACK or PUBREC.
  void acknowledged(MessageNo message, bool accepted, Time now);
  void arrived(ClientNo client, const Arrival& arrival, Time now);
  // To the application: once where arrivals are repeats of QoS 2.
  void handed(ClientNo client, const Arrival& arrival);

  // The journal has no room: what is under way may be refused, and come again as new. Before
  // MQTT 5 that ends the connection [MQTT-3.3.5-2@311], and its will is due before the client
  // may know.
  void may_refuse();

  // Lets time do its part.
  void pass(Time now);
  // Everybody came back and has what there is.
  void end();
  // What a new subscriber to everything got at the end, by topic.
  void check_retained(const std::map<std::string, MessageNo>& found, Time now);

  const std::string& topic(MessageNo message) const { return messages_[message].what.topic; }
  std::size_t messages() const { return messages_.size(); }
  std::size_t duties() const { return duties_made_; }

 private:
  struct Filter {
    bool wanted = false;          // the last that was said about it is SUBSCRIBE
    std::optional<Moment> since;  // SUBACK, and still wanted
    std::optional<Moment> until;  // UNSUBACK
    mqtt::QoS granted{};
    bool was_qos0 = false;    // granted once
    std::size_t answers = 0;  // SUBACKs that are due on this connection; the last one counts
  };
  // What one session saw of one message.
  struct Seen {
    std::size_t handed = 0;
    bool only_qos0 = false;  // nobody kept that it was
    std::uint16_t packet_id = 0;
    std::size_t fresh = 0;  // times it came without DUP
  };
  // Whether the broker has the session.
  enum class Existence : std::uint8_t { none, maybe, sure };
  struct Client {
    std::string name;
    std::map<std::string, Filter> filters;
    std::map<MessageNo, Seen> seen;
    std::map<std::string, MessageNo> latest;  // publisher, topic, QoS -> the last that came
    std::set<MessageNo> owed;
    Existence session = Existence::none;
    Dial dial;
    std::optional<MessageNo> will_before;  // of the connection before
    std::vector<MessageNo> wills_before;   // of all since one that was confirmed
    bool connected = false;                // dialled and not lost
    bool open = false;
    bool confirmed = false;  // CONNACK came for a session that is kept
    Moment opened_at = 0;
    Time dialled_time{};
    Time lost_at{};
    std::optional<Moment> may_be_over;  // its session, while CONNACK is waited for
    std::optional<Time> gone_at;
    Moment gone_moment = 0;
  };
  enum class WillState : std::uint8_t {
    none,       // not a will
    armed,      // its connection lives
    withdrawn,  // must not be sent any more
    perhaps,    // both is right
    waits,      // will be due
    due,        // must have been sent
  };
  struct Message {
    Publication what;
    Moment begun = 0;
    Time begun_at{};
    std::size_t sent = 0;
    bool once = true;  // its publisher's session was never lost under it
    bool may_be_refused = false;
    std::optional<Moment> ended;  // acknowledged
    Time ended_at{};
    bool accepted = false;
    std::set<ClientNo> owed_to;
    std::set<std::string> owed_to_groups;             // by filter
    std::map<std::string, std::size_t> group_handed;  // by filter
    WillState will = WillState::none;
    Time not_before = kNever;
  };

  // model.cc
  void session_over(ClientNo number);
  void sent_is_open(ClientNo number);
  void check_present(const Client& client, bool session_present, Time now);

  // model_messages.cc
  bool matches(const std::string& filter, const Message& message) const;
  const std::string* group_of(const Client& client, const Message& message) const;
  bool asked(const Client& client, const Message& message) const;
  bool covered(const Client& client, const Message& message) const;
  void make_duties(MessageNo number);
  void forget_duties(ClientNo client, const std::string* filter);
  void forget_duty(ClientNo client, MessageNo message);
  void forget_group(const std::string& filter, ClientNo leaving, Moment at);
  void check_dup(const Client& client, const Message& message, const Arrival& arrival);
  void check_order(Client& client, const Message& message, const Arrival& arrival);
  void handed_shared(const std::string& filter, Message& message, const Arrival& arrival);
  std::string tell(MessageNo number) const;

  // model_wills.cc
  void will_lost(ClientNo client, bool withdrawn, Time now);
  void will_dialled(Client& client, bool clean_start, Time now);
  void release_wills(ClientNo client, Time now);
  void will_opened(Client& client, bool session_present, Time now);
  void will_died(Client& client, Time now);
  void will_passes(ClientNo client, Time now);
  void perhaps(MessageNo will, Time not_before);
  void check_will(MessageNo number, Time now);

  bool stale(MessageNo number) const;

  std::optional<std::string> failure_;
  std::vector<Client> clients_;
  std::vector<Message> messages_;
  Moment moment_ = 0;
  std::size_t duties_made_ = 0;
};

}  // namespace gaon::simulation
