// gaon sub
#include <algorithm>
#include <cstdio>

#include "app/broker_link.h"
#include "app/client_options.h"
#include "app/command.h"
#include "app/message_format.h"
#include "app/received_message.h"
#include "app/sub_options.h"
#include "client/reason_text.h"
#include "net/loop.h"
#include "topic/name.h"

namespace gaon::app {
namespace {

// What mosquitto_sub says when -W is over.
constexpr int kTimedOut = 27;

class Subscriber {
 public:
  Subscriber(const SubOptions& options, BrokerLink& link) : options_(options), link_(link) {}

  // The exit code.
  Result<int> run();

 private:
  Result<void> ask();
  Result<void> handle(const client::Received& message);
  Result<void> handle(const client::Subscribed& answer);
  Result<void> handle(const client::Unsubscribed& answer);
  Result<void> handle(const client::AuthenticatedAgain&) { return {}; }
  Result<void> handle(const client::NotDelivered&) { return {}; }
  Result<void> handle(const client::Disconnected& ended);
  bool wanted(const client::Received& message) const;
  Result<void> print(const client::Received& message);
  Duration left() const;
  void end(int code) { code_ = code; }

  const SubOptions& options_;
  BrokerLink& link_;
  const net::Ticker ticker_;
  Time deadline_ = kNever;
  std::uint64_t shown_ = 0;
  std::optional<int> code_;
};

Result<int> Subscriber::run() {
  TRY(link_.open());
  if (options_.timeout_s > 0) {
    deadline_ =
        ticker_.now() + std::chrono::ceil<Duration>(std::chrono::duration<double>(options_.timeout_s));
  }
  TRY(ask());
  while (!code_) {
    if (link_.stopped()) end(kDone);
    if (left() <= Duration(0)) {
      link_.tell("timed out");
      end(kTimedOut);
    }
    if (code_) break;
    if (link_.client().waiting() == 0) std::fflush(stdout);
    TRY_SET(const auto incoming, link_.next(left()));
    if (incoming) TRY(std::visit([this](const auto& what) { return handle(what); }, *incoming));
  }
  TRY(link_.client().disconnect(
      mqtt::Reason::normal_disconnection,
      as_bytes(encoded_properties(options_.connection.properties, PropertyPlace::disconnect))));
  if (std::fflush(stdout) != 0) return failure("standard output cannot be written");
  return *code_;
}

Duration Subscriber::left() const {
  return deadline_ == kNever ? Duration::max() : deadline_ - ticker_.now();
}

Result<void> Subscriber::ask() {
  const auto& properties = options_.connection.properties;
  if (!options_.unsubscribes.empty()) {
    const std::vector<std::string_view> filters(options_.unsubscribes.begin(), options_.unsubscribes.end());
    TRY(link_.client().unsubscribe(filters,
                                   as_bytes(encoded_properties(properties, PropertyPlace::unsubscribe))));
  }
  if (options_.filters.empty()) return {};
  std::vector<mqtt::Subscription> subscriptions;
  for (const std::string& filter : options_.filters) {
    subscriptions.push_back({.filter = filter,
                             .qos = static_cast<mqtt::QoS>(options_.qos),
                             .no_local = options_.no_local,
                             .retain_as_published = options_.retain_as_published,
                             .retain_handling = static_cast<mqtt::RetainHandling>(options_.retain_handling)});
  }
  TRY(link_.client().subscribe(subscriptions,
                               as_bytes(encoded_properties(properties, PropertyPlace::subscribe))));
  return {};
}

Result<void> Subscriber::handle(const client::Subscribed& answer) {
  std::size_t denied = 0;
  for (std::size_t i = 0; i < answer.reasons.size(); ++i) {
    if (!is_error(answer.reasons[i])) continue;
    ++denied;
    link_.tell("'" + options_.filters[i] +
               "' was denied: " + client::reason_text(answer.reasons[i], mqtt::Version::v5));
  }
  if (denied == answer.reasons.size()) return failure("all subscriptions were denied");
  if (options_.exit_after_subscribing) end(kDone);
  return {};
}

Result<void> Subscriber::handle(const client::Unsubscribed& answer) {
  for (std::size_t i = 0; i < answer.reasons.size(); ++i) {
    if (!is_error(answer.reasons[i])) continue;
    link_.tell("'" + options_.unsubscribes[i] +
               "' stays: " + client::reason_text(answer.reasons[i], mqtt::Version::v5));
  }
  if (options_.filters.empty() && options_.exit_after_subscribing) end(kDone);
  return {};
}

Result<void> Subscriber::handle(const client::Disconnected& ended) {
  std::fflush(stdout);
  if (!worth_retrying(ended)) return failure(ended.what);
  link_.tell(ended.what + "; connecting again");
  const auto opened = link_.open_within(left());
  if (opened) return ask();
  if (left() > Duration(0)) return opened;
  return {};
}

Result<void> Subscriber::handle(const client::Received& message) {
  if (options_.retained_only && !message.retain) {
    end(kDone);
    return {};
  }
  if (!wanted(message)) return {};
  TRY(print(message));
  ++shown_;
  if (options_.count > 0 && shown_ == options_.count) end(kDone);
  return {};
}

bool Subscriber::wanted(const client::Received& message) const {
  if (message.retain && !options_.show_retained) return false;
  return std::ranges::none_of(options_.filter_outs, [&](const std::string& filter) {
    return topic::valid_filter(filter) && topic::matches(filter, message.topic);
  });
}

Result<void> Subscriber::print(const client::Received& message) {
  std::string text;
  if (options_.format.empty()) {
    if (options_.verbose) text = message.topic + ' ';
    text += message.payload;
  } else {
    text = format_message(options_.format, received_message(message), std::chrono::system_clock::now());
  }
  if (options_.newline) text += '\n';
  if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size()) return {};
  return failure("standard output cannot be written");
}

}  // namespace

int sub_command(const Arguments& arguments) {
  const auto options = read_sub_options(arguments);
  if (!options) return finish(options.error());
  BrokerLink link("gaon sub", options->connection);
  const auto code = Subscriber(*options, link).run();
  return code ? *code : link.fail(code.error().what);
}

}  // namespace gaon::app
