#include "client/client.h"

#include <poll.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "net/connect.h"
#include "net/tls_context.h"
#include "net/tls_filter.h"
#include "net/websocket_filter.h"

namespace gaon::client {
namespace {

constexpr std::size_t kInputBytes = std::size_t{64} << 10;
// Beyond this publish() tries to write at once.
constexpr std::size_t kFlushBytes = std::size_t{64} << 10;
constexpr Duration kGoodbyeTimeout = seconds(1);

int poll_timeout(Time now, Time until) {
  if (until == kNever) return -1;
  return static_cast<int>(
      std::clamp<Duration::rep>((until - now).count(), 0, std::numeric_limits<int>::max()));
}

// The end of a timeout that may be as long as there is.
Time end_of(Time now, Duration timeout) { return timeout > kNever - now ? kNever : now + timeout; }

Result<net::FilterChain> filters_to(const net::Url& url, const net::TlsClientOptions& options) {
  net::FilterChain filters;
  if (net::has_tls(url)) {
    std::vector<net::TlsProblem> problems;
    const auto context =
        net::TlsContext::client(options, net::has_websocket(url) ? "http/1.1" : "mqtt", problems);
    if (!context) return failure(problems.back().what + "; " + problems.back().fix);
    filters.add(std::make_unique<net::TlsFilter>(*context, url.host, options.insecure ? "" : url.host));
  }
  if (net::has_websocket(url)) {
    const bool ipv6 = url.host.find(':') != std::string::npos;
    const std::string host = (ipv6 ? "[" + url.host + "]" : url.host) + ":" + std::to_string(url.port);
    auto web = std::make_shared<net::WebSocketOptions>();
    web->path = url.path;
    filters.add(std::make_unique<net::WebSocketFilter>(std::move(web), host));
  }
  return filters;
}

}  // namespace

Client::Client(ConnectOptions options)
    : conversation_(options),
      url_(options.url),
      tls_(options.tls),
      version_(options.version),
      input_(kInputBytes) {}

Result<std::unique_ptr<Client>> Client::connect(ConnectOptions options, Duration timeout) {
  auto client = std::make_unique<Client>(std::move(options));
  TRY(client->open(timeout));
  return client;
}

Result<void> Client::open(Duration timeout) {
  CHECK(conversation_.state() == Conversation::State::closed);
  const Time until = end_of(ticker_.now(), timeout);
  TRY(conversation_.open(ticker_.now()));
  auto filters = filters_to(url_, tls_);
  if (!filters) {
    lose(filters.error().what);
    return std::unexpected(filters.error());
  }
  const auto descriptor = net::connect_to(url_, timeout);
  if (!descriptor) {
    lose(descriptor.error().what);
    return std::unexpected(descriptor.error());
  }
  stream_ = Stream(*descriptor, std::move(*filters));
  trace_.reset();
  trace_sent_ = nullptr;
  if (trace_sink_) {
    trace_.emplace(version_, trace_sink_);
    trace_sent_ = [this](ByteView bytes) { trace_->add(Direction::sending, bytes); };
  }
  while (conversation_.state() == Conversation::State::opening) {
    if (ticker_.now() >= until) lose("the broker does not answer CONNECT");
    step(until, {});
  }
  if (!is_open()) return std::unexpected(Error{conversation_.ended().what});
  return {};
}

// --- out

Result<void> Client::publish(const Publication& publication) {
  TRY(conversation_.publish(publication, ticker_.now()));
  if (conversation_.output().size() >= kFlushBytes) flush();
  return {};
}

Result<bool> Client::wait_until_sent(Duration timeout, std::span<const int> watched) {
  const Time until = end_of(ticker_.now(), timeout);
  for (;;) {
    if (!is_open()) return std::unexpected(Error{conversation_.ended().what});
    flush();
    if (conversation_.idle()) return true;
    if (!conversation_.wants_input()) return failure("too many messages wait to be taken");
    if (ticker_.now() >= until || step(until, watched)) return conversation_.idle();
  }
}

Result<std::uint16_t> Client::subscribe(std::span<const mqtt::Subscription> subscriptions,
                                        ByteView properties) {
  return conversation_.subscribe(subscriptions, properties);
}

Result<std::uint16_t> Client::unsubscribe(std::span<const std::string_view> filters, ByteView properties) {
  return conversation_.unsubscribe(filters, properties);
}

// --- in

Result<std::optional<Incoming>> Client::next(Duration timeout, std::span<const int> watched) {
  const Time until = end_of(ticker_.now(), timeout);
  for (;;) {
    if (auto incoming = conversation_.poll_incoming()) return incoming;
    if (!is_open()) return failure("there is no connection");
    const bool seen = step(until, watched);
    if (conversation_.waiting() > 0) continue;
    if (seen || ticker_.now() >= until) return std::nullopt;
  }
}

// --- the loop

bool Client::step(Time until, std::span<const int> watched) {
  CHECK(watched.size() <= kWatchedMax);
  flush();
  if (!stream_) return false;
  pollfd waiting[1 + kWatchedMax] = {};
  waiting[0].fd = stream_.descriptor();
  if (conversation_.wants_input()) waiting[0].events |= POLLIN;
  if (stream_.wants_to_write(conversation_.output())) waiting[0].events |= POLLOUT;
  for (std::size_t i = 0; i < watched.size(); ++i) waiting[1 + i] = {watched[i], POLLIN, 0};
  const Time wake = std::min(until, conversation_.deadline());
  const int ready = ::poll(waiting, 1 + watched.size(), poll_timeout(ticker_.now(), wake));
  if (ready > 0 && (waiting[0].revents & (POLLIN | POLLHUP | POLLERR)) != 0) read();
  conversation_.handle_timeout(ticker_.now());
  flush();
  close_when_over();
  return ready > 0 && std::any_of(waiting + 1, waiting + 1 + watched.size(),
                                  [](const pollfd& one) { return one.revents != 0; });
}

bool Client::read() {
  const auto got = stream_.read(input_.data(), input_.size());
  if (!got) lose(got.error().what);
  if (!got || *got == 0) return false;
  const ByteView bytes(input_.data(), *got);
  if (trace_) trace_->add(Direction::received, bytes);
  conversation_.receive(bytes, ticker_.now());
  return true;
}

// Writing makes room for more, until the system takes no more.
void Client::flush() {
  while (stream_ && !conversation_.output().empty()) {
    if (const auto written = stream_.write(conversation_.output(), trace_sent_); !written) {
      // The broker may have told why.
      while (stream_ && conversation_.state() != Conversation::State::closed && read()) {
      }
      lose(written.error().what);
      return;
    }
    if (!conversation_.output().empty()) return;
    conversation_.pump(ticker_.now());
  }
}

void Client::lose(std::string why) {
  stream_.close();
  conversation_.transport_closed(std::move(why));
}

// The conversation ended by itself; its last word was flushed if that was possible.
void Client::close_when_over() {
  if (stream_ && conversation_.state() == Conversation::State::closed) stream_.close();
}

Result<void> Client::disconnect(mqtt::Reason reason, ByteView properties) {
  TRY(conversation_.disconnect(reason, properties));
  if (!stream_) return {};
  const Time until = ticker_.now() + kGoodbyeTimeout;
  bool finished = false;
  for (Time now = ticker_.now(); now < until; now = ticker_.now()) {
    if (!stream_.write(conversation_.output(), trace_sent_)) break;
    if (conversation_.output().empty() && !std::exchange(finished, true)) stream_.finish();
    // Closing with bytes unread would make the system throw away those unsent.
    pollfd waiting{.fd = stream_.descriptor(), .events = POLLIN, .revents = 0};
    if (!finished) waiting.events |= POLLOUT;
    if (::poll(&waiting, 1, poll_timeout(now, until)) <= 0) continue;
    if (waiting.revents != POLLOUT && !stream_.read(input_.data(), input_.size())) break;
  }
  stream_.close();
  return {};
}

}  // namespace gaon::client
