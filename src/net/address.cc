#include "net/address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

namespace gaon::net {
namespace {

struct SchemeRow {
  std::string_view name;
  Scheme scheme;
  std::uint16_t port;  // when none is written
};

// The first row of a scheme is how it is printed.
constexpr SchemeRow kSchemes[] = {
    {"mqtt", Scheme::mqtt, kMqttPort}, {"mqtts", Scheme::mqtts, 8883}, {"ws", Scheme::ws, 80},
    {"wss", Scheme::wss, 443},         {"unix", Scheme::local, 0},     {"mqtt+unix", Scheme::local, 0},
};

constexpr std::string_view kForm = "write mqtt://host:port, mqtts://, ws://, wss:// or unix:///path";

std::unexpected<Error> wrong(std::string_view text, std::string_view why) {
  return failure("the address \"" + std::string(text.substr(0, 300)) + "\" " + std::string(why));
}

bool is_host_character(char c) {
  const bool alphanumeric = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  return alphanumeric || c == '.' || c == '-' || c == '_';
}

bool is_ipv6(const std::string& host) {
  in6_addr address;
  // What follows % names an interface of this machine and is not for inet_pton.
  return inet_pton(AF_INET6, host.substr(0, host.find('%')).c_str(), &address) == 1;
}

Result<Url> parse_local(std::string_view text, std::string_view path) {
  if (!path.starts_with('/')) return wrong(text, "needs an absolute path: write unix:///path");
  if (path.size() > kPathMax)
    return wrong(text, "has a path of more than 107 bytes, which no Unix socket can have");
  if (path.find('\0') != std::string_view::npos) return wrong(text, "has a zero byte in its path");
  return Url{.scheme = Scheme::local, .host = {}, .port = 0, .path = std::string(path)};
}

bool parse_port(std::string_view text, std::uint16_t& port) {
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, port);
  return error == std::errc() && stop == end;
}

// What is printed into an HTTP request as it is.
bool is_path_character(char c) { return c > ' ' && c < 0x7F && c != '"' && c != '#' && c != '?'; }

Result<Url> parse_network(std::string_view text, const SchemeRow& row, std::string_view rest) {
  Url url{.scheme = row.scheme, .host = {}, .port = row.port, .path = {}};
  if (has_websocket(url)) {
    const std::size_t slash = std::min(rest.find('/'), rest.size());
    url.path = rest.substr(slash);
    rest = rest.substr(0, slash);
    if (url.path.size() <= 1) url.path = kWebSocketPath;
    if (url.path.size() > kWebSocketPathMax) return wrong(text, "has a path of more than 1024 bytes");
    if (!std::ranges::all_of(url.path, is_path_character)) {
      return wrong(text, "has a path with a character that does not belong there");
    }
  }
  if (rest.ends_with('/')) rest.remove_suffix(1);
  if (rest.find('@') != std::string_view::npos) {
    return wrong(text, "contains a user name; name and password are given separately");
  }
  if (rest.find_first_of("/?#") != std::string_view::npos) {
    return wrong(text, "has a path, which MQTT without WebSocket does not know; remove it");
  }

  std::string_view after;
  if (rest.starts_with('[')) {
    const std::size_t end = rest.find(']');
    if (end == std::string_view::npos) return wrong(text, "lacks the ] after its IPv6 address");
    url.host = rest.substr(1, end - 1);
    after = rest.substr(end + 1);
    if (!is_ipv6(url.host)) return wrong(text, "has no IPv6 address between its brackets");
  } else {
    const std::size_t end = std::min(rest.find(':'), rest.size());
    url.host = rest.substr(0, end);
    after = rest.substr(end);
    if (url.host.empty()) return wrong(text, "lacks a host; 0.0.0.0 stands for all of this machine");
    if (after.find(':', 1) != std::string_view::npos) {
      return wrong(text, "has an IPv6 address without brackets; write mqtt://[address]:port");
    }
    if (!std::ranges::all_of(url.host, is_host_character)) {
      return wrong(text, "has a host with a character other than letters, digits, '.', '-' and '_'");
    }
  }
  if (url.host.size() > kHostMax) return wrong(text, "has a host of more than 253 bytes");
  if (after.empty()) return url;
  if (!after.starts_with(':') || !parse_port(after.substr(1), url.port)) {
    return wrong(text, "has something after its host that is no port from 0 to 65535");
  }
  return url;
}

std::string print(int family, const void* address) {
  char text[INET6_ADDRSTRLEN];
  return inet_ntop(family, address, text, sizeof(text)) != nullptr ? text : "?";
}

}  // namespace

Result<Url> parse_url(std::string_view text) {
  const std::size_t end = text.find("://");
  if (end == std::string_view::npos) return wrong(text, "lacks a scheme; " + std::string(kForm));
  const std::string_view name = text.substr(0, end);
  const std::string_view rest = text.substr(end + 3);
  const auto* row = std::ranges::find(kSchemes, name, &SchemeRow::name);
  if (row == std::end(kSchemes)) return wrong(text, "has an unknown scheme; " + std::string(kForm));
  return row->scheme == Scheme::local ? parse_local(text, rest) : parse_network(text, *row, rest);
}

std::string to_string(const Url& url) {
  if (url.scheme == Scheme::local) return "unix://" + url.path;
  const bool ipv6 = url.host.find(':') != std::string::npos;
  const std::string scheme(std::ranges::find(kSchemes, url.scheme, &SchemeRow::scheme)->name);
  return scheme + "://" + (ipv6 ? "[" + url.host + "]" : url.host) + ":" + std::to_string(url.port) +
         url.path;
}

bool is_loopback(const Url& url) {
  if (url.scheme == Scheme::local) return true;
  std::string name = url.host;
  std::ranges::transform(name, name.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  if (name == "localhost") return true;
  in_addr ipv4;
  if (inet_pton(AF_INET, name.c_str(), &ipv4) == 1) return (ntohl(ipv4.s_addr) >> 24) == 127;
  in6_addr ipv6;
  return inet_pton(AF_INET6, name.c_str(), &ipv6) == 1 && IN6_IS_ADDR_LOOPBACK(&ipv6);
}

std::string to_string(const Peer& peer) {
  const std::string port = ":" + std::to_string(peer.port);
  switch (peer.family) {
    case Peer::Family::ipv4:
      return print(AF_INET, peer.address.data()) + port;
    case Peer::Family::ipv6:
      return "[" + print(AF_INET6, peer.address.data()) + "]" + port;
    case Peer::Family::local:
      return "unix";
    case Peer::Family::unknown:
      break;
  }
  return "unknown";
}

}  // namespace gaon::net
