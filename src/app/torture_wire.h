// A client whose session outlives its connections, with a socket of its own that is never
// waited for: it is looked after again and again by tick(). Unlike client::Client it shows
// every event, so that acknowledgements and DUP can be judged. Used by one thread.
#pragma once

#include <functional>
#include <vector>

#include "app/random.h"
#include "client/options.h"
#include "client/stream.h"
#include "session/endpoint.h"

namespace gaon::app {

class TortureWire {
 public:
  // Of what output may hold before publishing is held back.
  static constexpr std::size_t kOutputHigh = std::size_t{256} << 10;

  // Everything received is told. Options and random must outlive it.
  TortureWire(client::ConnectOptions options, Random& random, std::function<void(const Event&)> told);
  TortureWire(const TortureWire&) = delete;
  TortureWire& operator=(const TortureWire&) = delete;

  // Whether there shall be a connection: opened by the next tick() after `not_before`, and
  // opened again, after a pause, when it is lost.
  void go_online(Time not_before) {
    wanted_ = true;
    retry_at_ = not_before;
  }
  // politely: with DISCONNECT.
  void go_offline(bool politely);
  bool wants_connection() const { return wanted_; }

  // Opens, reads at most read_max bytes, writes, keeps alive.
  void tick(Time now, std::size_t read_max = std::size_t{64} << 10);
  // What is written from now on goes out at once, as far as the system takes it.
  void flush();

  bool is_open() const { return endpoint_ && endpoint_->state() == Endpoint::State::open; }
  bool is_closed() const { return !stream_; }
  // Only when is_open().
  Endpoint& endpoint() { return *endpoint_; }
  Session& session() { return session_; }
  // For the CONNECT of the next connection.
  client::ConnectOptions& options() { return options_; }
  int descriptor() const { return stream_.descriptor(); }
  bool has_output() const { return !output_.empty(); }

 private:
  void open(Time now);
  void read(Time now, std::size_t read_max);
  void lose();

  client::ConnectOptions options_;
  Random& random_;
  std::function<void(const Event&)> told_;
  EndpointOptions endpoint_options_;
  Session session_;
  Traffic traffic_;
  Output output_;
  std::optional<Endpoint> endpoint_;
  client::Stream stream_;
  std::vector<std::uint8_t> input_;
  std::vector<Gone> gone_;
  Time now_{};
  Time retry_at_{};
  Time answer_by_ = kNever;  // CONNACK
  bool wanted_ = false;
};

}  // namespace gaon::app
