#include "app/broker_link.h"

#include <algorithm>
#include <cstdio>
#include <random>
#include <thread>
#include <vector>

#include "app/client_options.h"
#include "app/log.h"

namespace gaon::app {

using client::Disconnected;
using mqtt::Reason;

namespace {

constexpr Duration kConnectTimeout = seconds(10);
constexpr Duration kPauseMax = seconds(30);

constexpr Reason kPassing[] = {
    Reason::unspecified_error,     Reason::implementation_specific_error,
    Reason::server_unavailable,    Reason::server_busy,
    Reason::server_shutting_down,  Reason::keep_alive_timeout,
    Reason::message_rate_too_high, Reason::quota_exceeded,
    Reason::administrative_action, Reason::connection_rate_exceeded,
    Reason::maximum_connect_time,  Reason::normal_disconnection,
};

std::uint64_t random_number() {
  std::random_device device;
  return (std::uint64_t{device()} << 32) | device();
}

}  // namespace

bool worth_retrying(const Disconnected& ended) {
  using Kind = Disconnected::Kind;
  if (ended.kind == Kind::lost || ended.kind == Kind::silent) return true;
  if (ended.kind == Kind::violation) return false;
  return std::ranges::find(kPassing, ended.reason) != std::end(kPassing);
}

Duration pause_before(unsigned attempt) {
  return std::min<Duration>(kPauseMax, seconds(1) * (1 << std::min(attempt, 5U)));
}

BrokerLink::BrokerLink(std::string command, const ConnectionOptions& options)
    : command_(std::move(command)), client_(client_options(options, random_number())) {
  if (!options.debug) return;
  client_.trace([this, id = options.client_id](const std::string& line) {
    const std::string& assigned = client_.connected().client_id;
    const std::string shown = !id.empty() ? id : assigned.empty() ? "(no id)" : assigned;
    std::fprintf(stderr, "Client %s %s\n", plain(shown).c_str(), plain(line).c_str());
  });
}

Result<void> BrokerLink::open() {
  stop_.let_go();
  TRY(client_.open(kConnectTimeout));
  stop_.hold();
  return {};
}

Result<void> BrokerLink::open_within(Duration timeout) {
  const net::Ticker ticker;
  const Time start = ticker.now();
  for (unsigned attempt = 0;; ++attempt) {
    auto opened = open();
    if (opened || !worth_retrying(client_.ended())) return opened;
    const Duration left = timeout - (ticker.now() - start);
    if (left <= Duration(0)) return opened;
    if (attempt == 0) tell(opened.error().what + "; trying again");
    std::this_thread::sleep_for(std::min(left, pause_before(attempt)));
  }
}

Result<std::optional<client::Incoming>> BrokerLink::next(Duration timeout, std::span<const int> inputs) {
  std::vector<int> watched(inputs.begin(), inputs.end());
  watched.push_back(stop_.descriptor());
  return client_.next(timeout, watched);
}

Result<bool> BrokerLink::wait_until_sent(Duration timeout) {
  const int watched[] = {stop_.descriptor()};
  return client_.wait_until_sent(timeout, watched);
}

void BrokerLink::tell(const std::string& what) const {
  std::fprintf(stderr, "%s: %s\n", command_.c_str(), plain(what).c_str());
}

int BrokerLink::fail(const std::string& what) const {
  tell(what);
  return kFailed;
}

}  // namespace gaon::app
