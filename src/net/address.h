// Where to listen, where to connect to, and who is at the other end.
//
//   url  = ( "mqtt://" | "mqtts://" ) host [ ":" port ] [ "/" ]
//        | ( "ws://" | "wss://" ) host [ ":" port ] [ path ]
//        | ( "unix://" | "mqtt+unix://" ) absolute-path
//   host = name | IPv4 | "[" IPv6 "]"
//
// Plain values; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace gaon::net {

enum class Scheme : std::uint8_t { mqtt, mqtts, ws, wss, local };

inline constexpr std::uint16_t kMqttPort = 1883;
inline constexpr std::string_view kWebSocketPath = "/mqtt";
inline constexpr std::size_t kHostMax = 253;  // what DNS allows
inline constexpr std::size_t kPathMax = 107;  // what sockaddr_un allows
inline constexpr std::size_t kWebSocketPathMax = 1024;

struct Url {
  Scheme scheme = Scheme::mqtt;
  std::string host;  // without brackets; empty for a Unix socket
  std::uint16_t port = kMqttPort;
  std::string path;  // of the Unix socket, or what a WebSocket asks for; else empty

  bool operator==(const Url&) const = default;
};

// Without a port the usual one (1883, 8883, 80, 443) is meant, without a path of a
// WebSocket /mqtt. Port 0 is allowed (the system chooses when it listens). The error names the
// text, what is wrong with it and what to write instead.
Result<Url> parse_url(std::string_view text);

std::string to_string(const Url& url);

inline bool has_tls(const Url& url) { return url.scheme == Scheme::mqtts || url.scheme == Scheme::wss; }
inline bool has_websocket(const Url& url) { return url.scheme == Scheme::ws || url.scheme == Scheme::wss; }

// Nobody outside this machine can reach it: 127/8, ::1, localhost, Unix sockets.
bool is_loopback(const Url& url);

// The remote address of a connection, small enough to be passed by value.
struct Peer {
  enum class Family : std::uint8_t { unknown, ipv4, ipv6, local };

  Family family = Family::unknown;
  std::uint16_t port = 0;
  std::array<std::uint8_t, 16> address{};  // IPv4 uses the first four

  bool operator==(const Peer&) const = default;
};
static_assert(sizeof(Peer) <= 24);

// "192.0.2.1:4711", "[2001:db8::1]:4711", "unix" or "unknown".
std::string to_string(const Peer& peer);

}  // namespace gaon::net
