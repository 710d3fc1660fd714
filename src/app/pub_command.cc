// gaon pub
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>

#include "app/broker_link.h"
#include "app/client_options.h"
#include "app/command.h"
#include "app/pub_options.h"
#include "net/descriptor.h"
#include "net/loop.h"
#include "net/system_error.h"

namespace gaon::app {
namespace {

using client::NotDelivered;

constexpr std::size_t kReadBytes = std::size_t{64} << 10;
constexpr Duration kNoLimit = Duration::max();

// Appends what can be read at once; false at the end.
Result<bool> read_some(int from, const std::string& name, Buffer& to) {
  if (to.size() > mqtt::kPacketSizeMax) return failure(name + ": larger than MQTT allows");
  const ssize_t got = ::read(from, to.reserve(kReadBytes), kReadBytes);
  if (got < 0 && errno != EINTR && errno != EAGAIN) return failure(name + ": " + net::system_error(errno));
  if (got > 0) to.commit(static_cast<std::size_t>(got));
  return got != 0;
}

Result<Buffer> read_all(int from, const std::string& name) {
  Buffer content;
  for (bool more = true; more;) {
    TRY_SET(more, read_some(from, name, content));
  }
  return content;
}

// The message, unless lines of standard input are.
Result<Buffer> payload_of(const PubOptions& options) {
  if (options.source == PubSource::standard_input) return read_all(STDIN_FILENO, "standard input");
  if (options.source == PubSource::file) {
    const net::Descriptor file(::open(options.text.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) return failure(options.text + ": " + net::system_error(errno));
    return read_all(file.get(), options.text);
  }
  Buffer payload;
  payload.append(as_bytes(options.text));
  return payload;
}

bool readable(int descriptor) {
  pollfd one{.fd = descriptor, .events = POLLIN, .revents = 0};
  return ::poll(&one, 1, 0) > 0;
}

class Publisher {
 public:
  Publisher(const PubOptions& options, BrokerLink& link)
      : options_(options),
        link_(link),
        properties_(encoded_properties(options.connection.properties, PropertyPlace::publish)) {}

  Result<void> publish_lines();
  Result<void> publish_repeatedly(ByteView payload);
  // Until the broker has taken everything, or a signal says to go.
  Result<void> finish();

  bool all_delivered() const { return all_delivered_; }

 private:
  Result<void> publish(ByteView payload);
  Result<void> publish_complete_lines(Buffer& input);
  Result<void> wait(Duration timeout, std::span<const int> inputs);
  Result<void> look(const client::Incoming& incoming);

  const PubOptions& options_;
  BrokerLink& link_;
  const std::string properties_;
  bool all_delivered_ = true;
};

Result<void> Publisher::publish(ByteView payload) {
  while (!link_.client().room() && !link_.stopped()) TRY(finish());
  return link_.client().publish({.topic = options_.topic,
                                 .payload = payload,
                                 .qos = static_cast<mqtt::QoS>(options_.qos),
                                 .retain = options_.retain,
                                 .properties = as_bytes(properties_)});
}

Result<void> Publisher::publish_lines() {
  const int input = STDIN_FILENO;
  Buffer unread;
  while (!link_.stopped()) {
    TRY(wait(kNoLimit, {&input, 1}));
    if (!readable(input)) continue;
    TRY_SET(const bool more, read_some(input, "standard input", unread));
    TRY(publish_complete_lines(unread));
    if (more) continue;
    return unread.empty() ? Result<void>() : publish(unread.view());
  }
  return {};
}

Result<void> Publisher::publish_complete_lines(Buffer& input) {
  while (!link_.stopped()) {
    const std::string_view text = as_text(input.view());
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) break;
    TRY(publish(as_bytes(text.substr(0, end))));
    input.consume(end + 1);
  }
  return {};
}

Result<void> Publisher::publish_repeatedly(ByteView payload) {
  const net::Ticker ticker;
  const auto delay = std::chrono::ceil<Duration>(std::chrono::duration<double>(options_.repeat_delay_s));
  Time due = ticker.now();
  for (std::uint32_t i = 0; i < options_.repeat && !link_.stopped(); ++i) {
    if (i > 0) due += delay;
    for (Time now = ticker.now(); now < due && !link_.stopped(); now = ticker.now()) {
      TRY(wait(due - now, {}));
    }
    if (!link_.stopped()) TRY(publish(payload));
  }
  return {};
}

Result<void> Publisher::finish() {
  for (bool sent = false; !sent && !link_.stopped();) {
    // Now and then, because a session may have messages for us that nobody wants.
    auto waited = link_.wait_until_sent(seconds(1));
    while (link_.client().waiting() > 0) TRY(wait(Duration(0), {}));
    TRY_SET(sent, std::move(waited));
  }
  return {};
}

Result<void> Publisher::wait(Duration timeout, std::span<const int> inputs) {
  TRY_SET(const auto incoming, link_.next(timeout, inputs));
  return incoming ? look(*incoming) : Result<void>();
}

Result<void> Publisher::look(const client::Incoming& incoming) {
  if (const auto* ended = std::get_if<client::Disconnected>(&incoming)) return failure(ended->what);
  if (const auto* not_delivered = std::get_if<NotDelivered>(&incoming)) {
    link_.tell(not_delivered->topic + ": " + not_delivered->what);
    all_delivered_ = false;
  }
  return {};
}

Result<bool> run(const PubOptions& options, BrokerLink& link) {
  Buffer payload;
  if (options.source != PubSource::lines) {
    TRY_SET(payload, payload_of(options));
  }
  TRY(link.open());
  Publisher publisher(options, link);
  TRY(options.source == PubSource::lines ? publisher.publish_lines()
                                         : publisher.publish_repeatedly(payload.view()));
  TRY(publisher.finish());
  const bool all_sent = link.client().idle();
  TRY(link.client().disconnect(
      mqtt::Reason::normal_disconnection,
      as_bytes(encoded_properties(options.connection.properties, PropertyPlace::disconnect))));
  return all_sent && publisher.all_delivered();
}

}  // namespace

int pub_command(const Arguments& arguments) {
  const auto options = read_pub_options(arguments);
  if (!options) return finish(options.error());
  BrokerLink link("gaon pub", options->connection);
  const auto delivered = run(*options, link);
  if (!delivered) return link.fail(delivered.error().what);
  return *delivered ? kDone : kFailed;
}

}  // namespace gaon::app
