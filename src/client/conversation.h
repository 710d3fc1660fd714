// A client's talk with its broker, without I/O: bytes in by receive(), bytes out into
// output(), what happened by poll_incoming(). The time is a parameter. The session goes
// on from one connection to the next:
//
//   closed --open()--> opening --CONNACK--> open --DISCONNECT, error, transport_closed()--> closed
//
// What is published while closed waits for the next connection. Used by one thread; does
// not move, because its endpoint refers to it.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "base/output.h"
#include "base/result.h"
#include "base/time.h"
#include "client/incoming.h"
#include "client/options.h"
#include "mqtt/entries.h"
#include "session/endpoint.h"

namespace gaon::client {

class Conversation {
 public:
  enum class State : std::uint8_t { closed, opening, open };

  explicit Conversation(ConnectOptions options);
  Conversation(const Conversation&) = delete;
  Conversation& operator=(const Conversation&) = delete;

  State state() const;
  // Of the last good CONNACK.
  const Connected& connected() const { return connected_; }
  // Why the last connection ended.
  const Disconnected& ended() const { return ended_; }

  // --- the transport's side
  // A new transport stands: writes CONNECT. Only when closed. Fails when the options
  // cannot be put into a CONNECT.
  Result<void> open(Time now);
  // False: too much waits in the inbox; give no more until some was taken.
  bool wants_input() const { return inbox_bytes_ < options_.inbox_bytes_max; }
  void receive(ByteView bytes, Time now);
  void transport_closed(std::string why);
  // What waits to be written; also what is left of it when closed.
  Output& output() { return output_; }
  const Output& output() const { return output_; }
  // Writes what waits for the broker's window or for room in output().
  void pump(Time now);
  Time deadline() const;
  void handle_timeout(Time now);

  // --- the user's side
  // Sent, or queued until it can be. The error is the message's own fault, or that
  // there is no room().
  Result<void> publish(const Publication& publication, Time now);
  bool room() const;
  // Nothing of ours waits, is unacknowledged or is unwritten.
  bool idle() const { return session_.outbound.empty() && output_.empty(); }
  // QoS 1 and 2 messages that the broker took.
  std::uint64_t acknowledged() const { return acknowledged_; }

  // The packet id that the answer will carry. Only when open.
  Result<std::uint16_t> subscribe(std::span<const mqtt::Subscription> subscriptions, ByteView properties);
  Result<std::uint16_t> unsubscribe(std::span<const std::string_view> filters, ByteView properties);

  // Lets the broker make sure again who we are; AuthenticatedAgain follows. Only when open,
  // with an authentication method, and not while it is doing so.
  Result<void> authenticate_again();

  // The next thing that happened. A message of QoS 1 or 2 is acknowledged with it.
  std::optional<Incoming> poll_incoming();
  std::size_t waiting() const { return inbox_.size(); }

  // Says goodbye; nothing when not open. A Disconnected does not follow.
  Result<void> disconnect(mqtt::Reason reason, ByteView properties);

 private:
  // output() takes no more messages beyond this.
  static constexpr std::size_t kOutputHigh = std::size_t{1} << 20;

  // A SUBSCRIBE or UNSUBSCRIBE whose answer is due.
  struct Request {
    mqtt::PacketType answer;
    std::uint16_t packet_id;
    std::size_t filters;
  };
  struct Waiting {
    Incoming incoming;
    std::size_t bytes;
    bool owes;  // an acknowledgement, on this connection
  };

  void handle(const mqtt::Connack& packet);
  void handle(const mqtt::Publish& packet);
  void handle(const mqtt::Suback& packet);
  void handle(const mqtt::Unsuback& packet);
  void handle(const mqtt::Disconnect& packet);
  void handle(const mqtt::Auth& packet);
  void handle(const Finished& finished);
  void handle(const Released& released);
  void handle(const Violation& violation);
  // CONNECT, SUBSCRIBE, UNSUBSCRIBE: an endpoint of a client does not show them.
  template <class Packet>
  void handle(const Packet&) {
    CHECK(false);
  }

  void put(Incoming incoming, std::size_t bytes, bool owes = false);
  void settle(const Received& message);
  // The exchange's last step; false: it does not trust the broker, and all is over.
  bool conclude(const mqtt::Properties& properties);
  bool names_our_method(const mqtt::Properties& properties) const;
  bool send_auth(mqtt::Reason reason, std::string_view data);
  void give_up_authentication(const auth::Reply& refusal);
  void end(Disconnected ended);
  void break_off(const char* what);
  bool answered(const Request& answer);
  template <class Packet>
  Result<std::uint16_t> send_request(Packet packet, mqtt::PacketType answer, std::size_t filters);
  Result<void> check(const Publication& publication) const;

  const ConnectOptions options_;
  const EndpointOptions endpoint_options_;
  Session session_;
  Traffic traffic_;
  Output output_;
  std::optional<Endpoint> endpoint_;
  std::unique_ptr<auth::Exchange> exchange_;  // while one goes on
  Connected connected_;
  Disconnected ended_;
  std::deque<Waiting> inbox_;
  std::size_t inbox_bytes_ = 0;
  std::vector<Request> requests_;
  std::vector<Gone> gone_;  // kept for its memory
  std::uint64_t acknowledged_ = 0;
  bool clean_start_ = false;  // as the last CONNECT said
  bool opened_ = false;       // the last connection got a good CONNACK
  bool had_session_ = false;  // some connection did
};

}  // namespace gaon::client
