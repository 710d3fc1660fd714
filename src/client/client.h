// A blocking client of a broker: a Conversation, a socket and a clock. Time passes only
// inside its calls, so whoever stays away longer than the keep alive is dropped by the
// broker. Used by one thread.
//
//   TRY_SET(auto client, Client::connect({.url = url}, seconds(10)));
//   TRY(client->publish({.topic = "a/b", .payload = bytes, .qos = mqtt::QoS::at_least_once}));
//   TRY(client->wait_until_sent(seconds(10)));
//   client->disconnect();
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "client/conversation.h"
#include "client/stream.h"
#include "client/trace.h"
#include "net/loop.h"

namespace gaon::client {

class Client {
 public:
  static constexpr std::size_t kWatchedMax = 4;

  explicit Client(ConnectOptions options);
  // Without disconnect() the broker publishes the will.
  ~Client() = default;

  // Made and opened.
  static Result<std::unique_ptr<Client>> connect(ConnectOptions options, Duration timeout);

  // Connects, the first time or again: the session, and what waits to be sent, goes on.
  // A refusal is an error that names the reason; ended() has it too, for who wants to
  // know whether to try again. Looking up a name comes on top of timeout.
  Result<void> open(Duration timeout);
  bool is_open() const { return conversation_.state() == Conversation::State::open; }
  const Connected& connected() const { return conversation_.connected(); }
  const Disconnected& ended() const { return conversation_.ended(); }

  // Each packet as a line of text, from the next open() on.
  void trace(Trace::Sink sink) { trace_sink_ = std::move(sink); }

  // Sends it, or queues it until the broker's window has room; see room(). Does not wait.
  Result<void> publish(const Publication& publication);
  bool room() const { return conversation_.room(); }
  // Everything is sent, and QoS 1 and 2 are finished.
  bool idle() const { return conversation_.idle(); }
  std::uint64_t acknowledged() const { return conversation_.acknowledged(); }
  // False: not idle when the time was up, or when a watched descriptor was readable, as
  // with next(). What arrives meanwhile waits for next(); NotDelivered is among it.
  // Fails when the connection ends, or when too much waits.
  Result<bool> wait_until_sent(Duration timeout, std::span<const int> watched = {});

  // The packet id that Subscribed or Unsubscribed will carry.
  Result<std::uint16_t> subscribe(std::span<const mqtt::Subscription> subscriptions,
                                  ByteView properties = {});
  Result<std::uint16_t> unsubscribe(std::span<const std::string_view> filters, ByteView properties = {});

  // Lets the broker make sure again who we are; next() will tell AuthenticatedAgain.
  Result<void> authenticate_again() { return conversation_.authenticate_again(); }

  // The next thing that happened; a message of QoS 1 or 2 is acknowledged with it.
  // Nothing when the time is up, or when one of the watched descriptors (at most
  // kWatchedMax) is readable or closed. Fails when there is no connection and nothing
  // is left: once Disconnected was told.
  Result<std::optional<Incoming>> next(Duration timeout, std::span<const int> watched = {});
  // How many things next() can tell at once.
  std::size_t waiting() const { return conversation_.waiting(); }

  // Writes what is to be written and says goodbye; waits a second for that at most.
  Result<void> disconnect(mqtt::Reason reason = mqtt::Reason::normal_disconnection, ByteView properties = {});

 private:
  // Waits until something happens, at most until then; true: something watched did.
  bool step(Time until, std::span<const int> watched);
  void flush();
  // False: nothing came, or the connection is lost.
  bool read();
  void lose(std::string why);
  void close_when_over();

  Conversation conversation_;
  const net::Url url_;
  const net::TlsClientOptions tls_;
  const mqtt::Version version_;
  Stream stream_;
  std::vector<std::uint8_t> input_;
  net::Ticker ticker_;
  Trace::Sink trace_sink_;
  std::optional<Trace> trace_;
  std::function<void(ByteView)> trace_sent_;
};

}  // namespace gaon::client
