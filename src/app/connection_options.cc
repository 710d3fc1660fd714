#include "app/connection_options.h"

#include <charconv>

namespace gaon::app {
namespace {

constexpr Word kVersions[] = {
    {"5", 5}, {"mqttv5", 5}, {"311", 4}, {"3.1.1", 4}, {"mqttv311", 4}, {"31", 3}, {"3.1", 3}, {"mqttv31", 3},
};

std::unexpected<std::string> mistake(std::string what) { return std::unexpected(std::move(what)); }

template <class T>
bool read_number(std::string_view text, T& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size();
}

constexpr std::string_view kUrlForm =
    "-L takes mqtt://[user[:password]@]host[:port][/topic], mqtts:// the same, or ws:// and wss:// with a "
    "path";

// What follows the host is a topic, of a WebSocket its path.
std::expected<void, std::string> read_url(std::string_view url, ConnectionOptions& to, std::string& topic) {
  const std::size_t colons = url.find("://");
  if (colons == std::string_view::npos) return mistake(std::string(kUrlForm));
  std::string_view rest = url.substr(colons + 3);
  const auto usual = net::parse_url(std::string(url.substr(0, colons)) + "://host");
  if (!usual || usual->scheme == net::Scheme::local) return mistake(std::string(kUrlForm));
  to.scheme = usual->scheme;
  to.port = usual->port;
  to.path = usual->path;
  if (const std::size_t slash = rest.find('/'); slash != std::string_view::npos) {
    if (!net::has_websocket(*usual)) {
      topic = rest.substr(slash + 1);
    } else if (slash + 1 < rest.size()) {
      const auto whole = net::parse_url("ws://host" + std::string(rest.substr(slash)));
      if (!whole) return mistake("-L: " + whole.error().what);
      to.path = whole->path;
    }
    rest = rest.substr(0, slash);
  }
  if (const std::size_t at = rest.rfind('@'); at != std::string_view::npos) {
    const std::string_view user = rest.substr(0, at);
    const std::size_t colon = user.find(':');
    to.user = std::string(user.substr(0, colon));
    if (colon != std::string_view::npos) to.password = std::string(user.substr(colon + 1));
    rest = rest.substr(at + 1);
  }
  const std::size_t bracket = rest.find(']');
  const std::size_t colon = rest.find(':', bracket == std::string_view::npos ? 0 : bracket);
  if (colon != std::string_view::npos) {
    if (!read_number(rest.substr(colon + 1), to.port) || to.port == 0)
      return mistake("-L: the port is a number from 1 to 65535");
    rest = rest.substr(0, colon);
  }
  if (rest.starts_with('[') && rest.ends_with(']')) rest = rest.substr(1, rest.size() - 2);
  if (rest.empty()) return mistake("-L names no host");
  to.host = rest;
  return {};
}

std::expected<void, std::string> read_expiry(const std::string& text, bool persistent,
                                             std::uint32_t& expiry) {
  expiry = persistent ? kSessionNeverExpires : 0;
  if (text.empty()) return {};
  if (text == "-1" || text == "∞" || text == "never") {
    expiry = kSessionNeverExpires;
  } else if (!read_number(text, expiry)) {
    return mistake("-x takes seconds from 0 to 4294967295, or never");
  }
  return {};
}

}  // namespace

std::vector<Option> connection_rows(ConnectionArguments& arguments) {
  ConnectionOptions& to = arguments.to;
  return {
      {"-h,--host", "HOST", "The broker's host; 127.0.0.1 if not given.", &to.host},
      {"-p,--port", "PORT", "Its port; 1883 if not given.", Number(to.port, 1, 65'535)},
      {"-L,--url", "URL", "mqtt(s)://[user[:password]@]host[:port][/topic] or ws(s)://…/path instead.",
       &arguments.url},
      {"--ca-file", "FILE", "TLS: believe brokers with a certificate by this CA; the system's if not given.",
       &to.tls.ca_file},
      {"--certificate", "FILE", "TLS: show this certificate.", &to.tls.certificate.certificate_file},
      {"--key", "FILE", "Its key.", &to.tls.certificate.key_file},
      {"--insecure", "", "TLS: believe everybody.", &to.tls.insecure},
      {"-i,--id", "ID", "The client identifier.", &to.client_id},
      {"-u,--username", "NAME", "The user's name.", &to.user},
      {"-P,--pw", "PASSWORD", "The user's password.", &to.password},
      {"-V,--protocol-version", "VERSION", "mqttv5 (if not given), mqttv311 or mqttv31.",
       Choice{&to.version, kVersions}},
      {"-k,--keepalive", "SECONDS", "Keep alive; 60 if not given, 0 for none.",
       Number(to.keep_alive_s, 0, 65'535)},
      {"-c,--disable-clean-session", "", "Go on with the session of this -i, and leave it behind.",
       &arguments.persistent},
      {"-x,--session-expiry-interval", "SECONDS", "How long it stays; never expires with -c if not given.",
       &arguments.expiry},
      {"--will-topic", "TOPIC", "Leave a will there.", &arguments.will_topic},
      {"--will-payload", "PAYLOAD", "What it says.", &arguments.will_payload},
      {"--will-qos", "QOS", "Its QoS.", Number(arguments.will_qos, 0, 2)},
      {"--will-retain", "", "Whether it is retained.", &arguments.will_retain},
      {"-d,--debug", "", "Tell what is sent and received.", &to.debug},
  };
}

std::expected<ConnectionOptions, std::string> connection_options(ConnectionArguments arguments,
                                                                 std::string& url_topic) {
  ConnectionOptions& to = arguments.to;
  if (!arguments.url.empty()) {
    if (auto read = read_url(arguments.url, to, url_topic); !read) return mistake(std::move(read).error());
  }
  if (to.host.size() > 1 && to.host.front() == '[' && to.host.back() == ']') {
    to.host = to.host.substr(1, to.host.size() - 2);
  }
  to.clean_start = !arguments.persistent;
  auto read = read_expiry(arguments.expiry, arguments.persistent, to.session_expiry_s);
  if (!read) return mistake(std::move(read).error());
  if (arguments.persistent && to.client_id.empty()) return mistake("-c needs an identifier: -i");
  if (to.password && !to.user && to.version < 5) return mistake("-P needs -u before MQTT 5");
  if (!to.properties.empty() && to.version < 5) return mistake("-D needs MQTT 5");
  if (arguments.will_topic) {
    to.will =
        WillOption{*arguments.will_topic, arguments.will_payload, arguments.will_qos, arguments.will_retain};
  } else if (!arguments.will_payload.empty() || arguments.will_qos != 0 || arguments.will_retain) {
    return mistake("a will needs --will-topic");
  }
  return std::move(to);
}

}  // namespace gaon::app
