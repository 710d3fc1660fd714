// How a client of ours reaches a broker: what pub, sub and simulate have in common,
// by mosquitto's letters.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "app/command_line.h"
#include "app/property_option.h"
#include "net/address.h"
#include "net/tls_options.h"

namespace gaon::app {

inline constexpr std::uint32_t kSessionNeverExpires = 0xFFFFFFFF;

struct WillOption {
  std::string topic;
  std::string payload;
  std::uint8_t qos = 0;
  bool retain = false;
};

struct ConnectionOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 1883;
  net::Scheme scheme = net::Scheme::mqtt;
  std::string path;  // of a WebSocket
  net::TlsClientOptions tls;
  std::string client_id;  // empty: the broker (3.x: we) choose one
  std::optional<std::string> user;
  std::optional<std::string> password;
  std::uint8_t version = 5;  // MQTT's protocol version: 3, 4 or 5
  std::uint16_t keep_alive_s = 60;
  bool clean_start = true;
  std::uint32_t session_expiry_s = 0;  // version 5 only
  std::optional<WillOption> will;
  std::vector<PropertyOption> properties;
  bool debug = false;
};

// As read, before they are looked over.
struct ConnectionArguments {
  ConnectionOptions to;
  std::string url;
  bool persistent = false;  // -c
  std::string expiry;       // -x
  std::optional<std::string> will_topic;
  std::string will_payload;
  std::uint8_t will_qos = 0;
  bool will_retain = false;
};

// Rows for read_arguments that fill arguments; it must outlive the reading.
std::vector<Option> connection_rows(ConnectionArguments& arguments);

// A mistake is told in words. The topic of the URL, if it has one, goes into url_topic.
std::expected<ConnectionOptions, std::string> connection_options(ConnectionArguments arguments,
                                                                 std::string& url_topic);

}  // namespace gaon::app
