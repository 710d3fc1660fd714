// A CONNECT that is held while an authentication method takes its steps.
#include <gtest/gtest.h>

#include "session/raw_test.h"

namespace gaon {
namespace {

using mqtt::Property;
using mqtt::Reason;
using mqtt::Version;
using State = Endpoint::State;

std::string auth_bytes() {
  Buffer properties;
  mqtt::PropertyWriter(properties).text(Property::authentication_method, "m");
  return as_bytes_of(mqtt::Auth{Reason::continue_authentication, mqtt::Properties(properties.view())},
                     Version::v5);
}

std::string connect_bytes() {
  return as_bytes_of(mqtt::Connect{.clean_start = true, .client_id = "c"}, Version::v5);
}

// A server that polls by hand and holds the first CONNECT it is shown, until an AUTH comes.
struct Holding {
  void receive(const std::string& bytes) {
    endpoint.receive(as_bytes(bytes), raw.now);
    while (const auto event = endpoint.poll_event()) {
      if (const auto* connect = std::get_if<mqtt::Connect>(&*event)) {
        seen += "CONNECT " + std::string(connect->client_id) + "; ";
        if (hold) {
          endpoint.hold_connect(*connect);
        } else {
          endpoint.accept(session, *connect, {});
        }
      } else if (std::holds_alternative<mqtt::Auth>(*event)) {
        seen += "AUTH; ";
        hold = false;
        endpoint.show_connect();
      } else if (const auto* violation = std::get_if<Violation>(&*event)) {
        seen += std::string(violation->what) + "; ";
      } else if (std::holds_alternative<mqtt::Disconnect>(*event)) {
        seen += "DISCONNECT; ";
      }
    }
  }

  Raw raw{Endpoint::Role::server, Version::v5};
  Endpoint& endpoint = raw.endpoint();
  Session session;
  std::string seen;
  bool hold = true;
};

TEST(HeldConnect, is_shown_again_in_front_of_what_came_behind_however_the_bytes_are_cut) {
  const std::string bytes = connect_bytes() + auth_bytes() + as_bytes_of(mqtt::Pingreq{}, Version::v5);
  for (std::size_t split = 0; split <= bytes.size(); ++split) {
    Holding server;
    server.receive(bytes.substr(0, split));
    server.receive(bytes.substr(split));
    EXPECT_EQ(server.seen, "CONNECT c; AUTH; CONNECT c; ") << split;
    EXPECT_EQ(server.raw.say(), (Texts{"CONNACK", "PINGRESP"})) << split;
  }
}

TEST(HeldConnect, is_followed_by_auth_and_disconnect_only) {  // [MQTT-3.1.2-30]
  for (const mqtt::Packet& packet : {mqtt::Packet(mqtt::Publish{.topic = "t"}), mqtt::Packet(mqtt::Pingreq{}),
                                     mqtt::Packet(mqtt::Connect{.client_id = "c"})}) {
    Holding server;
    server.receive(connect_bytes() + as_bytes_of(packet, Version::v5));
    EXPECT_EQ(server.seen, "CONNECT c; packet before CONNACK; ");
    EXPECT_EQ(server.raw.say().size(), 1U);  // the CONNACK that refuses
    EXPECT_EQ(server.endpoint.state(), State::closed);
  }
  Holding server;
  server.receive(connect_bytes() + as_bytes_of(mqtt::Disconnect{}, Version::v5));
  EXPECT_EQ(server.seen, "CONNECT c; DISCONNECT; ");
  EXPECT_EQ(server.raw.say(), Texts{});
}

TEST(HeldConnect, tells_how_large_an_auth_may_be) {
  Buffer small;
  mqtt::PropertyWriter(small).number(Property::maximum_packet_size, 10);
  Buffer method;
  mqtt::PropertyWriter(method).text(Property::authentication_method, "longer");
  Holding server;
  server.receive(as_bytes_of(mqtt::Connect{.client_id = "c", .properties = mqtt::Properties(small.view())},
                             Version::v5));
  EXPECT_FALSE(
      server.endpoint.send(mqtt::Auth{Reason::continue_authentication, mqtt::Properties(method.view())}));
  EXPECT_EQ(server.raw.say(), Texts{});
}

}  // namespace
}  // namespace gaon
