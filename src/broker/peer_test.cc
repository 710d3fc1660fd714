// What an authenticator is told of a client beside its CONNECT, and that filters go along
// when a connection moves to another worker.
#include "broker/broker_fixture_test.h"
#include "net/entrance.h"

namespace gaon::broker {
namespace {

using namespace std::string_literals;

class Recorder final : public auth::Authenticator {
 public:
  void start(Answer) override {}
  auth::Reply authenticate(const auth::Credentials& credentials, const auth::Ticket&) override {
    peers.push_back(*credentials.peer);
    names.emplace_back(credentials.certificate.value_or("nobody"));
    return auth::Verdict::granted;
  }
  std::vector<auth::Peer> peers;
  std::vector<std::string> names;  // by their certificates
};

struct Peers : BrokerTest {
  Peers() { authenticator = &recorder; }
  Recorder recorder;
};
INSTANTIATE_TEST_SUITE_P(on, Peers, one_and_two, workers_name);

// From 192.0.2.1:4711, by TLS and with the verified certificate of pump-7.
const std::string kHeader =
    "\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x2a"s
    "\xC0\x00\x02\x01\x0A\x00\x00\x01\x12\x67\x22\xB3"s
    "\x02\0\x05plant"s
    "\x20\0\x13\x03\0\0\0\0"s
    "\x22\0\x06pump-7\x23\0\x02GC"s;

TEST_P(Peers, of_a_plain_connection_have_an_address_only) {
  open("a");
  ASSERT_EQ(recorder.peers.size(), 1U);
  EXPECT_TRUE(recorder.peers[0].address.starts_with("127.0.0.1:")) << recorder.peers[0].address;
  EXPECT_FALSE(recorder.peers[0].encrypted);
  EXPECT_FALSE(recorder.peers[0].certificate);
  EXPECT_EQ(recorder.names[0], "nobody");
}

TEST_P(Peers, are_known_behind_a_proxy_and_their_connections_move) {
  admit = net::admit_by({.proxies = net::Networks::parse("127.0.0.1").value()});
  for (std::size_t home = 0; home < 2; ++home) {
    ScriptedClient& client = call();
    client.send_bytes(as_bytes(kHeader));
    const std::string id = id_at("a", home);
    client.send(mqtt::Connect{.version = Version::v5, .clean_start = true, .client_id = id});
    client.subscribe("t", q1);
    run();
    client.publish("t", "x", {.qos = q1});
    run();
    EXPECT_EQ(in_any_order(client.told()), "CONNACK 00, PUBACK 2 00, SUBACK 1 01, t=x q1");
    client.disconnect();
    run();
    EXPECT_TRUE(client.wire.closed());
  }
  ASSERT_EQ(recorder.peers.size(), 2U);
  const auth::Peer& peer = recorder.peers[0];
  EXPECT_EQ(peer.address, "192.0.2.1:4711");
  EXPECT_TRUE(peer.encrypted);
  EXPECT_EQ(peer.server_name, "plant");
  ASSERT_TRUE(peer.certificate);
  EXPECT_EQ(peer.certificate->common_name, "pump-7");
  EXPECT_EQ(recorder.names[0], "pump-7");
}

TEST_P(Peers, that_are_not_done_with_their_handshake_are_closed_in_time) {
  admit = net::admit_by({.websocket = std::make_shared<net::WebSocketOptions>()});
  config.limits.connect_timeout_s = 5;
  ScriptedClient& client = call();
  client.send_bytes(as_bytes("GET /mqtt HTTP/1.1\r\n"));
  run();
  advance(seconds(4));
  EXPECT_FALSE(client.wire.closed());
  advance(seconds(2));
  EXPECT_TRUE(client.wire.closed());
  EXPECT_TRUE(recorder.peers.empty());
}

}  // namespace
}  // namespace gaon::broker
