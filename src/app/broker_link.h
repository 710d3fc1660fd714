// What pub, sub and simulate have in common: a client, the signals that end it, and
// coming back after a connection was lost. Used by the main thread.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "app/connection_options.h"
#include "app/stop_signal.h"
#include "client/client.h"

namespace gaon::app {

// Whether a broker that ended a connection so may take another one.
bool worth_retrying(const client::Disconnected& ended);

// How long to wait before the next attempt: one second, then twice as long each time, up
// to half a minute.
Duration pause_before(unsigned attempt);

class BrokerLink {
 public:
  // command goes in front of what is told on standard error: "gaon sub".
  BrokerLink(std::string command, const ConnectionOptions& options);

  client::Client& client() { return client_; }

  // One attempt.
  Result<void> open();
  // As many as it takes within that time, telling the first failure; the last one is the
  // error.
  Result<void> open_within(Duration timeout);

  // next() and wait_until_sent(), ended early by a signal or when input is readable.
  Result<std::optional<client::Incoming>> next(Duration timeout, std::span<const int> inputs = {});
  Result<bool> wait_until_sent(Duration timeout);
  bool stopped() { return stop_.raised(); }

  // A line on standard error.
  void tell(const std::string& what) const;
  // Tells it; the exit code.
  int fail(const std::string& what) const;

 private:
  const std::string command_;
  client::Client client_;
  StopSignal stop_;
};

}  // namespace gaon::app
