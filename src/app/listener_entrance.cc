#include "app/listener_entrance.h"

#include "net/http_upgrade.h"

namespace gaon::app {
namespace {

// Names of ALPN for what is inside TLS.
std::string_view protocol_of(const net::Url& url) { return net::has_websocket(url) ? "http/1.1" : "mqtt"; }

// Further certificates are numbered: "listener.certificate.1.key_file".
std::string key_of(const net::TlsProblem& problem) {
  if (problem.certificate == 0) return "listener." + std::string(problem.key);
  return "listener.certificate." + std::to_string(problem.certificate) +
         std::string(problem.key.substr(problem.key.rfind('.')));
}

bool open_proxies(const broker::ListenerConfig& listener, net::Entrance& entrance,
                  std::vector<Problem>& problems) {
  auto networks = net::Networks::parse(listener.proxy_trusted);
  Problem problem{.what = "", .fix = "write the addresses of your proxies", .key = "listener.proxy_trusted"};
  if (!networks) {
    problem.what = networks.error().what;
  } else if (listener.proxy_protocol && networks->empty() && listener.url.scheme != net::Scheme::local) {
    problem.what = "the PROXY protocol needs to know who may speak it: whoever may can claim any address";
  } else if (!listener.proxy_protocol && !networks->empty()) {
    problem.what = "this is without effect";
    problem.fix = "write proxy_protocol = true, or leave it out";
  }
  if (!problem.what.empty()) {
    problems.push_back(std::move(problem));
    return false;
  }
  if (listener.proxy_protocol) entrance.proxies = std::move(*networks);
  return true;
}

bool open_websocket(const broker::ListenerConfig& listener, net::Entrance& entrance,
                    std::vector<Problem>& problems) {
  auto origins = net::parse_origins(listener.origins);
  Problem problem{.what = "",
                  .fix = "write for example origins = \"https://console.example\"",
                  .key = "listener.origins"};
  if (!origins) {
    problem.what = origins.error().what;
  } else if (!net::has_websocket(listener.url) && !origins->empty()) {
    problem.what = "this is for WebSocket, and " + net::to_string(listener.url) + " has none";
    problem.fix = "write ws:// or wss://, or leave it out";
  }
  if (!problem.what.empty()) {
    problems.push_back(std::move(problem));
    return false;
  }
  if (!net::has_websocket(listener.url)) return true;
  auto options = std::make_shared<net::WebSocketOptions>();
  options->path = listener.url.path;
  options->origins = std::move(*origins);
  entrance.websocket = std::move(options);
  return true;
}

}  // namespace

std::optional<net::Entrance> open_entrance(const broker::ListenerConfig& listener,
                                           std::vector<Problem>& problems, const net::TlsContext* before) {
  net::Entrance entrance;
  if (!open_proxies(listener, entrance, problems)) return std::nullopt;
  if (net::has_tls(listener.url)) {
    std::vector<net::TlsProblem> found;
    entrance.tls = net::TlsContext::server(listener.tls, protocol_of(listener.url), found, before);
    for (net::TlsProblem& problem : found) {
      problems.push_back({.what = std::move(problem.what),
                          .fix = std::move(problem.fix),
                          .key = key_of(problem),
                          .warning = problem.warning,
                          .denied = problem.denied});
    }
    if (!entrance.tls) return std::nullopt;
  }
  if (!open_websocket(listener, entrance, problems)) return std::nullopt;
  return entrance;
}

}  // namespace gaon::app
