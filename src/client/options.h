// What a client of a broker is told: plain values. Properties are encoded items of
// MQTT 5 as mqtt::PropertyWriter writes them, without their length; before MQTT 5
// they must be empty.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "auth/exchange.h"
#include "base/bytes.h"
#include "mqtt/framer.h"
#include "mqtt/version.h"
#include "net/address.h"
#include "net/tls_options.h"

namespace gaon::client {

struct WillOptions {
  std::string topic;
  std::string payload;  // at most 65,535 bytes
  mqtt::QoS qos = mqtt::QoS::at_most_once;
  bool retain = false;
  std::string properties = {};
};

// An authentication method of MQTT 5. begin makes the client's side of an exchange, for
// each connection and each time that it authenticates again; not null.
struct AuthenticationOptions {
  std::string method;
  std::function<std::unique_ptr<auth::Exchange>()> begin;
};

struct ConnectOptions {
  net::Url url;
  net::TlsClientOptions tls = {};  // of mqtts:// and wss://
  mqtt::Version version = mqtt::Version::v5;
  std::string client_id = {};  // empty: the broker chooses one (not in 3.1)
  bool clean_start = true;     // clean session before MQTT 5
  std::uint16_t keep_alive_s = 60;
  std::optional<std::string> user_name = {};
  std::optional<std::string> password = {};
  std::optional<WillOptions> will = {};

  // MQTT 5 only: announced to the broker where they differ from what it assumes.
  std::uint32_t session_expiry_interval_s = 0;  // 0xFFFFFFFF: never
  std::uint16_t receive_maximum = 1'000;        // 1 … 65,535
  std::uint32_t maximum_packet_size = mqtt::kPacketSizeMax;
  std::uint16_t topic_alias_maximum = 32;
  std::optional<AuthenticationOptions> authentication = {};
  std::string properties = {};  // further ones

  // How much may wait here. Messages that were not sent; what arrived and was not
  // taken, beyond which nothing is read until some is taken.
  std::size_t outbound_messages_max = 100'000;
  std::size_t outbound_bytes_max = std::size_t{64} << 20;
  std::size_t inbox_bytes_max = std::size_t{16} << 20;
};

// A message to publish; the views need to live for the call only. A Message Expiry
// Interval counts from the call; a Topic Alias is left out, because the connection gives
// its own.
struct Publication {
  std::string_view topic;
  ByteView payload = {};
  mqtt::QoS qos = mqtt::QoS::at_most_once;
  bool retain = false;
  ByteView properties = {};
};

}  // namespace gaon::client
