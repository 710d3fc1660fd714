// A server or a client endpoint whose peer is the test itself, byte by byte.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "session/side_test.h"

namespace gaon {

inline const char* dotted(mqtt::Version version) {
  return version == mqtt::Version::v5 ? "5.0" : version == mqtt::Version::v311 ? "3.1.1" : "3.1";
}

struct Raw {
  Raw(Endpoint::Role role, mqtt::Version version_of_it) : side(role), version(version_of_it) { side.open(); }

  // A server that has accepted a CONNECT.
  static Raw server(mqtt::Version version, EndpointOptions options = {}) {
    return Raw(Endpoint::Role::server, version, options, mqtt::Connect{.version = version, .client_id = "c"});
  }
  // A client whose CONNECT was accepted.
  static Raw client(mqtt::Version version, EndpointOptions options = {}) {
    return Raw(Endpoint::Role::client, version, options, mqtt::Connack{});
  }

  void receive(const mqtt::Packet& packet) { side.receive(as_bytes_of(packet, version), now); }
  void receive_bytes(const std::string& bytes) { side.receive(bytes, now); }

  Texts say() { return side.say(); }
  Endpoint& endpoint() { return *side.endpoint; }

  Side side;
  mqtt::Version version;
  Time now{seconds(1'000)};

 private:
  Raw(Endpoint::Role role, mqtt::Version version_of_it, EndpointOptions options, const mqtt::Packet& first)
      : side(role), version(version_of_it) {
    side.options = options;
    side.open();
    if (role == Endpoint::Role::client) {
      side.endpoint->connect(side.session, {.version = version, .clean_start = true, .client_id = "c"}, now);
    }
    receive(first);
    side.take_output();
    side.others.clear();
  }
};

}  // namespace gaon
