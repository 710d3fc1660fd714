// One core's share of the broker: the connections whose sessions live here, those
// sessions, and the part of every message's way that crosses neither. One thread; the
// mailbox, the metrics and stopped() are for others too.
//
// A tick: take mail, handle what was read, fire timers, hand the tick's records to the
// journal, release the acknowledgements whose records are durable, post mail to other
// workers, flush sockets. Each packet's handler is in a file of its own (on_*.cc); the
// members below are grouped by the file that defines them.
#pragma once

#include <atomic>
#include <random>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/ring.h"
#include "broker/bans.h"
#include "broker/broker.h"
#include "broker/clean.h"
#include "broker/client.h"
#include "broker/connection.h"
#include "broker/group.h"
#include "broker/image.h"
#include "broker/interest.h"
#include "broker/mail.h"
#include "broker/metrics.h"
#include "broker/read_back.h"
#include "broker/records.h"
#include "broker/retained_store.h"
#include "broker/sys_topics.h"
#include "net/backend.h"
#include "net/mailbox.h"
#include "net/timer_wheel.h"

namespace gaon::broker {

class Worker {
 public:
  Worker(Broker& broker, WorkerId id, net::Backend& backend, std::uint64_t random_seed, Time now);

  void tick(Time now);
  // How long the next wait may take.
  Duration may_wait(Time now) const;
  // All said goodbye and everything was flushed. Any thread.
  bool stopped() const { return stopped_.load(std::memory_order_acquire); }
  // More of the journal is durable. Any thread.
  void journal_moved();
  // Something that is looked at in each tick has changed. Any thread.
  void wake() { backend_.waker().wake(); }

  net::Mailbox<Mail>& mailbox() { return mailbox_; }
  Metrics metrics;
  const net::Traffic& net_traffic() const { return backend_.traffic; }

  // Publishes in the broker's own name. On its thread.
  void publish_own(std::string_view topic, std::string_view payload, bool retain);
  Broker& broker() { return broker_; }
  const Config& config() const { return config_; }

  // restore.cc: before the first tick, on one thread for all workers.
  void begin_restore();
  std::size_t restore(std::uint64_t number, SessionImage& image, const GroupImages& groups);
  std::size_t restore_group(std::uint64_t number, const GroupImage& image, const SessionImages& sessions);
  void end_groups_of_nobody();
  void restore(const Message& retained) { retained_.put(retained, now_); }
  void announce_restored();
  // A message that was accepted and may not have come to everybody here: to those who
  // did not have it.
  void route_again(const Message& message, const std::unordered_set<std::uint64_t>& had);
  void routed_again(MessageId message);
  std::expected<Message, journal::NotRead> read_back(journal::Place at) { return read_back_.read(at); }
  // Takes and posts mail, and appends the records. False: there was no mail.
  bool exchange_mail();

  enum class TimerKind : std::uint8_t {
    connection,
    client,
    sys,
    sweep,
    authentication,
    identity,
    pace,
    listener
  };

  static constexpr journal::Place kNotAppended{~std::uint32_t{0}, ~std::uint32_t{0}};

  // A queued copy whose message leaves memory once its record has a place; or an absent
  // one that was written again.
  struct Leaving {
    Ref client;
    std::uint32_t sequence = 0;
    std::size_t offset = 0;  // of the message's record in records_.bytes()
  };

  // What waits for the journal: an acknowledgement (here or to another worker), or the
  // going out of what must be recorded first.
  struct Owed {
    enum class Kind : std::uint8_t {
      ack,
      stored,
      send,      // copies up to a sequence number may go out
      pubrel,    // a PUBREC was recorded
      suback,    // subscriptions of a kept session were
      connack,   // a kept session was opened, resumed or ended
      hand_out,  // that a group's message is let go of; the first of hand_outs_
    };
    journal::Place place;
    // All but stored and hand_out; suback: the pending one instead; connack: the connection.
    Ref client;
    std::uint32_t number = 0;      // stored: receipt; send: sequence
    std::uint16_t packet_id = 0;   // ack, pubrel
    std::uint16_t connection = 0;  // ack: which of the client's connections
    Kind kind = Kind::ack;
    mqtt::PacketType type{};            // ack
    mqtt::Reason reason{};              // ack
    WorkerId to = 0;                    // stored
    Outcome outcome = Outcome::nobody;  // ack, stored
    std::uint64_t behind = 0;           // ack, stored: so many copies were put off before it
  };

  // A copy that was sent and whose record waits.
  struct Unwritten {
    Ref client;
    std::uint32_t sequence = 0;
    Time since{};
  };

  // What waits for other workers to have a message: an acknowledgement, or the record
  // that says so.
  struct Receipt {
    Ref ref;
    std::optional<Owed> owed;  // none: a will
    std::uint32_t waits = 0;   // workers that have not answered
    Outcome outcome = Outcome::nobody;
    MessageId routing;  // recorded as on its way
  };

  // A SUBACK that waits for other workers.
  struct PendingSuback {
    bool recorded = false;                             // its records are durable, or there are none
    mqtt::PacketType type = mqtt::PacketType::suback;  // or unsuback
    struct Wanted {
      std::string filter;
      Subscriber options;
    };
    Ref ref;
    Ref client;
    std::uint16_t connection = 0;
    std::uint16_t packet_id = 0;
    std::uint32_t joins = 0;  // shared groups that have not answered
    std::uint32_t round = 0;  // of interest; must be complete
    std::vector<std::uint8_t> reasons;
    std::vector<Wanted> retained;  // what to replay afterwards
  };

  // worker.cc
  void take_mail();
  void take_own_mail();
  void take_completions();
  void fire_timers();
  void settle();
  void append();
  void release_durable();
  void release(const Owed& owed);
  void release_ack(Client& client, const Owed& owed);
  void post();
  void send_mail(WorkerId to, decltype(Mail::body) body);
  bool throttled() const;
  bool journal_has_room() const { return broker_.journal().health() == journal::Health::good; }
  void publish_traffic();
  void begin_sys_topics();
  net::TimerId schedule(TimerKind kind, Ref ref, Time deadline);
  void stop();

  // mail.cc: one for each kind of mail.
  void handle(WorkerId from, mail::Deliver& deliver);
  void handle(WorkerId from, mail::Stored& stored);
  void handle(WorkerId from, mail::Interest& interest);
  void handle(WorkerId from, mail::Known& known);
  void handle(WorkerId from, mail::Arrival& arrival);
  void handle(WorkerId from, mail::Join& join);
  void handle(WorkerId from, mail::Leave& leave);
  void handle(WorkerId from, mail::Presence& presence);
  void handle(WorkerId from, mail::Done& done);
  void handle(WorkerId from, mail::Return& returned);
  void handle(WorkerId from, mail::Joined& joined);
  void handle(WorkerId from, mail::HandOut& hand_out);
  void handle(WorkerId from, mail::Verdict& verdict);
  void handle(WorkerId from, mail::Clean& clean);
  void handle(WorkerId from, mail::Cleaned& cleaned);
  void handle(WorkerId from, mail::Rules& rules);
  void handle(WorkerId from, mail::Reload& reload);
  void handle(WorkerId from, mail::Stop& stop);

  // change.cc: what was reloaded.
  void take_over(Change& change);
  void take_limits();
  const char* objection(const Objections& objections, const Connection& connection, bool late);
  bool bans_one(const Bans& bans, const Connection& connection) const;  // that is connected
  bool loses_subscription(const Client& client, const auth::AclRules& rules) const;

  // connection.cc
  void on_accepted(net::Socket& socket, std::uint32_t listener);
  Connection& add_connection(net::Socket& socket, std::uint32_t listener);
  void on_received(Connection& connection, ByteView bytes);
  void handle_events(Connection& connection);
  bool handle_event(Connection& connection, Event& event);  // false: the connection is gone
  void on_violation(Connection& connection, const Violation& violation);
  void on_connection_timer(Connection& connection);
  void mark(Connection& connection);
  void hold_back(Connection& connection);
  void resume(Connection& connection);
  // The client goes as if its connection broke (its will is sent); reason for a v5 DISCONNECT.
  void drop_connection(Connection& connection, mqtt::Reason reason);
  void watch_keep_alive(Connection& connection);
  void close_connection(Connection& connection);

  // admission_checks.cc: who is not taken, by limits, bans and memory.
  std::optional<Refusal> cannot_come_in(net::Socket& socket, std::uint32_t listener,
                                        Admission::Places& places);
  bool told_address(Connection& connection);  // false: the connection is gone
  std::optional<Refusal> cannot_enter(const Connection& connection, std::string_view client_id);
  std::optional<Refusal> cannot_stay(Connection& connection, const Client* client, const ClientLimits& limits,
                                     bool resumes);
  bool refuse(Connection& connection, const mqtt::Connect& packet, Refusal refusal);
  void tell_refused(Refusal refusal, std::string_view who);
  void pace_listener(std::uint32_t listener);

  // pace.cc: a PUBLISH that has to wait in its socket.
  void set_pace(Connection& connection);
  bool publish_must_wait(Connection& connection);
  void wait_to_publish(Connection& connection);
  void forget_wait(Connection& connection);
  void publish_again(Connection& connection);
  void take_memory_level();
  bool memory_forbids(const Connection& connection, bool at_most_once) const;

  // on_connect.cc
  bool on_connect(Connection& connection, const mqtt::Connect& packet);
  std::optional<mqtt::Fault> check_connect(const mqtt::Connect& packet) const;
  bool refuse(Connection& connection, const mqtt::Connect& packet, mqtt::Reason reason, std::string_view why);
  bool authenticate(Connection& connection, const mqtt::Connect& packet);
  auth::Reply ask_authenticator(Connection& connection, const mqtt::Connect& packet);
  auth::Credentials credentials_of(const Connection& connection, std::string_view client_id);
  void identify(Connection& connection, auth::Identity identity);
  auth::Ticket ticket_of(const Connection& connection) const;
  void wait_for_answer(Connection& connection);
  void put_back_connect();
  void move(Connection& connection, WorkerId to);
  std::string assign_client_id();

  // open_session.cc
  // What a CONNECT comes to.
  struct Terms {
    std::uint32_t asked_expiry_interval = 0;
    std::uint32_t session_expiry_interval = 0;
    std::uint16_t keep_alive_s = 0;
  };
  bool open_session(Connection& connection, const mqtt::Connect& packet, const std::string& client_id);
  Terms terms_of(const mqtt::Connect& packet) const;
  void write_connack(Connection& connection, const mqtt::Connect& packet, std::string_view client_id,
                     const Terms& terms, const EndpointOptions& granted, Buffer& to) const;
  std::optional<mqtt::Fault> cannot_open(const mqtt::Connect& packet, const mqtt::Connack& connack,
                                         const Client* client, const Terms& terms) const;
  void take_over(Client& client, bool clean_start);
  void begin_session(Client& client, const mqtt::Connect& packet, const Terms& terms);
  void uncork(Connection& connection);

  // access.cc: who a client is, and what it may.
  void take_rules(auth::AclRules rules);
  void restore_access(Client& client, std::string user);
  bool belongs_to_another(const Client& client, const Connection& connection) const;
  bool allowed_will(const Connection& connection, std::string_view client_id, std::string_view topic) const;
  void grant_access(Client& client, std::unique_ptr<auth::Identity> identity);
  const auth::AclSet& rights_of(Access& access, const Client& client) const;
  const auth::AclSet& rights_of(Client& client) { return rights_of(*client.access, client); }
  bool may_publish(Client& client, std::string_view topic);
  bool may_publish_will(Client& client);
  bool may_subscribe(Client& client, std::string_view filter);
  bool may_receive(Client& client, std::string_view topic) {
    return client.access == nullptr || client.access->subscriptions_of == rules_generation_ ||
           still_receives(client, topic);
  }
  bool still_receives(Client& client, std::string_view topic);
  Endpoint::Refuses refuses(Client& client);
  bool may_not_have(Client& client, const Copy& copy);
  void tell_not_received(Client& client, std::string_view topic);
  void tell_denied(Client& client, std::string_view what, std::string_view topic);
  void watch_identity(Connection& connection, Time ends);
  void on_identity_timer(Connection& connection);

  // on_auth.cc: the steps of an authentication method. False: not read on.
  bool begin_exchange(Connection& connection, const mqtt::Connect& packet, std::string_view method);
  bool on_auth(Connection& connection, const mqtt::Auth& packet);
  bool take_step(Connection& connection, auth::Reply reply);
  bool answer_connect(Connection& connection, auth::Reply reply);
  bool answer_again(Connection& connection, auth::Reply reply);
  bool send_auth(Connection& connection, mqtt::Reason reason, std::string_view data);
  void on_authentication_timer(Connection& connection);
  static void write_method(const Authentication& authentication, std::string_view data,
                           mqtt::PropertyWriter& to);
  // restore.cc
  void restore_subscriptions(Client& client, const SessionImage& image);
  std::size_t restore_copies(Client& client, SessionImage& image, const GroupImages& groups);
  ShareTag restore_share(Client& client, const SessionImage::Handed& handed, const GroupImages& groups);

  // clean.cc
  void start_cleaning();
  bool worth_cleaning(std::uint32_t dropped) const;
  void ask_to_clean(std::uint32_t segment);
  bool may_clean() const;
  void clean();
  std::expected<void, journal::NotRead> next_batch_to_clean();
  bool clean(Record record);
  Client* find_kept(std::uint64_t number);
  bool is_on_its_way(MessageId message) const;
  void record_again(const QueuedRecord& queued);
  void retained_again();
  void state_again(std::uint64_t number);
  void group_again(std::uint64_t number);

  // on_disconnect.cc
  void on_disconnect(Connection& connection, const mqtt::Disconnect& packet);
  void connection_lost(Connection& connection, bool send_will);

  // client.cc: the life of a session.
  Client* find_client(std::string_view client_id);
  Client& add_client(std::string client_id);
  void end_session(Client& client, DropReason reason);
  void keep(Client& client);
  void end_record(Client& client);
  bool is_ending(std::uint64_t hash) const {
    return ended_before_.contains(hash) || ended_now_.contains(hash);
  }
  void forget_ended(journal::Place durable);
  void set_client_timer(Client& client);
  bool is_due(const Client& client) const;
  void on_client_timer(Client& client);
  void publish_will(Client& client);
  void publish(const Will& will, bool kept);

  // on_publish.cc
  bool on_publish(Connection& connection, const mqtt::Publish& packet);
  std::optional<mqtt::Fault> forbidden(const mqtt::Publish& packet) const;
  std::optional<mqtt::Reason> not_taken(Client& client, const mqtt::Publish& packet);
  Message make_message(const Client& client, const mqtt::Publish& packet);
  MessageId next_message_id();
  void retain(const Message& message);
  bool must_be_kept(const Message& message, std::span<const Subscriber> here, WorkerSet others) const;
  // Sends a message all ways; when it is safe, owed is released with the outcome. One that is
  // recorded goes on after a crash, if some have not got it.
  void route(const Message& message, Owed* owed, bool recorded);
  void answer(Owed& owed);  // by its outcome
  void owe(Owed owed);

  // deliver.cc: on this worker. may_put_off: somebody's acknowledgement waits for it.
  Outcome take_in(const Message& message, std::span<const Subscriber> subscribers, bool may_put_off);
  Outcome deliver(Client& client, const Delivery& delivery, bool may_put_off);
  Outcome enqueue(Client& client, const Delivery& delivery);
  std::optional<Outcome> no_memory_for(mqtt::QoS qos);
  void add_to_queue(Client& client, const Delivery& delivery);
  void pump(Client& client);
  bool feed_replays(Client& client);
  void handle_gone(Client& client);
  void on_finished(Client& client, const Finished& finished);
  void on_received(Client& client, const Received& received);

  // send.cc: what a kept session sends, its record comes first.
  void touch(Client& client);
  void ask_to_send();
  bool is_memory_full() const;
  void leave_memory(journal::Place begin);
  bool fetch_absent(Client& client);
  void read_later();
  void give_up_unreadable(Client& client);
  void continue_later(Client& client);
  void wait_for_tick(Client& client);
  void go_on();

  // unwritten.cc: records of copies that are put off.
  void record_sent(Client& client, const Delivery& delivery, bool may_put_off);
  void settle_unwritten();
  Time write_due() const;  // of the oldest
  bool waits_for_unwritten(const Owed& owed) const;
  void write_unwritten(Client& client);
  void write_last(Client& client);
  // Of the copy that was numbered last. Returns where in records_.bytes() its message is.
  std::size_t record_queued(Client& client, const Delivery& delivery, CopyState state);
  void record_finished(Client& client, const Copy& copy);

  // on_subscribe.cc
  bool on_subscribe(Connection& connection, const mqtt::Subscribe& packet);
  std::optional<mqtt::Fault> forbidden(const mqtt::Subscribe& packet, mqtt::Version version) const;
  mqtt::Reason subscribe(Client& client, const mqtt::Subscription& wanted, std::uint32_t subscription_id,
                         PendingSuback& suback, std::vector<std::string>& news);
  bool has_subscription(Client& client, std::string_view filter);
  void announce(std::vector<std::string> filters, PendingSuback* suback);
  void finish_suback(PendingSuback& suback);

  // on_unsubscribe.cc
  bool on_unsubscribe(Connection& connection, const mqtt::Unsubscribe& packet);
  bool unsubscribe(Client& client, std::string_view filter, std::vector<std::string>& lost);
  void withdraw(std::vector<std::string> filters);
  void remove_subscriptions(Client& client);

  // share.cc: seats of our clients ...
  mqtt::Reason join(Client& client, const mqtt::Subscription& wanted, std::uint32_t subscription_id,
                    PendingSuback& suback);
  Seat* find_seat(Client& client, std::string_view share_name, std::string_view filter);
  Seat& take_seat(Client& client, std::string_view share_name, std::string_view filter);
  void adopt(Seat& seat, Ref group);
  void ask_to_join(const Client& client, const Seat& seat, std::uint32_t suback);
  void leave(Client& client, Ref seat, bool session_ended);
  void leave_for_good(Client& client, Seat& seat);
  void tell_presence(Client& client);
  void tell_presence_gone(Client& client);
  void give_back(Client& client, Seat& seat, bool and_unacknowledged);
  void give_back(const Client& client, Seat& seat, const Copy& copy, mail::Return::Load& load);
  void give_back_refused(Client& client, const Copy& copy);
  bool load_message(Copy& copy);
  std::uint64_t group_number_of(ShareTag share) const;
  void seat_done(const Delivery& delivery);  // that was not recorded
  void seat_done(const Client& client, const Copy& copy);
  void seat_done(ShareTag share, mail::Done::Copy done);
  void tell_done();
  void tell_done(Seat& seat);
  std::uint32_t window_of(const Client& client) const;
  WorkerId home_of(std::string_view share_name, std::string_view filter) const;
  // share_home.cc: groups that live here.
  Group& add_group(std::string_view share_name, std::string_view filter, bool& first);
  Outcome offer(Group& group, const Message& message);
  void dispatch(Group& group);
  void hand_out(Group& group, Group::Member& member, Message message);
  void post_hand_out(const Group& group, const Group::Member& member, Message message, mqtt::QoS qos);
  void release_hand_out();
  void members_changed(Group& group);
  void keep_group(Group& group);
  void record_again(const Group& group);
  void record_done(const Group& group, const Message& message);
  void remove_group(Group& group);

  Broker& broker_;
  Config config_;  // its rules are in rules_
  std::unique_ptr<const LimitTable> limits_;
  Bans bans_;
  const WorkerId id_;
  net::Backend& backend_;
  net::Mailbox<Mail> mailbox_;
  Time now_;
  std::mt19937_64 random_;

  std::vector<Mail> mail_;                   // taken, being handled
  std::vector<std::vector<Mail>> outgoing_;  // by worker; our own among them

  Table<Connection> connections_;
  RetainedStore retained_;  // before the clients, whose replays walk it
  Table<Client> clients_;
  std::unordered_map<std::string_view, Client*> clients_by_id_;
  std::unordered_map<std::uint64_t, Client*> kept_;  // by number
  // Whose kept session ended, by the hash of the client id, and that may not be durable
  // yet: before_ until ended_until_ is, now_ since then.
  std::unordered_set<std::uint64_t> ended_before_;
  std::unordered_set<std::uint64_t> ended_now_;
  journal::Place ended_until_;
  Table<Seat> seats_;
  Table<Group> groups_;
  std::unordered_map<std::string, Group*> groups_by_key_;
  Interest interest_;
  net::TimerWheel timers_;
  Traffic traffic_;
  std::unique_ptr<SysTopics> sys_topics_;  // on the first worker

  Records records_;
  std::vector<Leaving> leaving_;  // in this batch
  bool memory_full_ = false;      // in this tick
  MemoryLevel memory_level_ = MemoryLevel::enough;
  std::vector<Ref> wait_for_memory_;  // connections whose next PUBLISH does
  Ring<Unwritten> unwritten_;         // oldest first
  std::uint64_t put_off_ = 0;         // all that ever were in it
  Ring<Owed> held_acks_;              // owed behind what is in it
  Ring<Owed> owed_;
  journal::Place appended_;  // the end of our last batch
  std::atomic<bool> waits_for_journal_{false};
  std::vector<Ref> touched_;  // clients whose queue grew in this tick
  std::vector<Copy*> absent_;
  std::vector<std::string> restored_filters_;               // that the other workers must hear of
  const std::unordered_set<std::uint64_t>* had_ = nullptr;  // sessions that take_in() passes over
  ReadBack read_back_;
  Cleaning cleaning_;
  Cleaner cleaner_;
  Table<Receipt> receipts_;
  Table<PendingSuback> subacks_;
  struct Round {
    std::uint32_t number = 0;
    std::uint32_t waits = 0;
  };
  Ring<Round> rounds_;  // of interest, not complete
  struct AtRound {
    std::uint32_t round = 0;
    Ref suback;
  };
  struct JoinedAtRound {
    std::uint32_t round = 0;
    WorkerId to = 0;
    mail::Joined joined{};
  };
  Ring<AtRound> subacks_at_round_;
  Ring<JoinedAtRound> joins_at_round_;
  std::uint32_t last_round_ = 0;

  std::uint64_t sequence_ = 0;  // of messages; a Lamport clock, so that newer is larger everywhere
  std::uint64_t pass_ = 0;      // routing passes, to see a client twice
  struct Hit {
    Client* client;
    std::uint32_t subscription_id;
    mqtt::QoS qos;
    bool retain;
    bool more_ids;
  };
  struct MoreIds {
    std::uint32_t hit;
    std::uint32_t subscription_id;
  };
  std::vector<Hit> hits_;
  std::vector<MoreIds> more_ids_;
  std::vector<std::uint32_t> ids_;
  std::vector<Gone> gone_;
  std::array<Time, kRefusalNames.size()> told_refused_{};  // when each had its line in the log
  std::vector<Ref> marked_;                                // connections with something to write
  std::vector<Ref> go_on_;                                 // clients with a replay that was cut
  Time read_again_at_{};                                   // not before is the journal read, nor gone on
  std::vector<Ref> seats_done_;
  struct PendingHandOut {
    Ref group;
    SeatRef seat;
    Message message;
    mqtt::QoS qos;
  };
  Ring<PendingHandOut> hand_outs_;  // wait for the record that lets go of them
  Buffer scratch_;
  auth::Peer peer_;  // of the credentials that are looked at
  auth::AclRules rules_;
  std::uint32_t rules_generation_ = 1;
  Objections objections_;
  std::uint32_t objections_generation_ = 1;

  bool stopping_ = false;
  std::atomic<bool> stopped_{false};
};

}  // namespace gaon::broker
