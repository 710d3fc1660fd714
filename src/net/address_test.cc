#include "net/address.h"

#include <gtest/gtest.h>

namespace gaon::net {
namespace {

Url mqtt(std::string host, std::uint16_t port) {
  return {.scheme = Scheme::mqtt, .host = std::move(host), .port = port, .path = {}};
}

Url local(std::string path) {
  return {.scheme = Scheme::local, .host = {}, .port = 0, .path = std::move(path)};
}

struct Good {
  const char* text;
  Url url;
  bool loopback;
};

const Good kGood[] = {
    {"mqtt://127.0.0.1:1883", mqtt("127.0.0.1", 1883), true},
    {"mqtt://127.8.9.10:1", mqtt("127.8.9.10", 1), true},
    {"mqtt://[::1]:1884", mqtt("::1", 1884), true},
    {"mqtt://[::]", mqtt("::", 1883), false},
    {"mqtt://[fe80::1%eth0]:1", mqtt("fe80::1%eth0", 1), false},
    {"mqtt://0.0.0.0", mqtt("0.0.0.0", 1883), false},
    {"mqtt://128.0.0.1", mqtt("128.0.0.1", 1883), false},
    {"mqtt://localhost:1883", mqtt("localhost", 1883), true},
    {"mqtt://LocalHost", mqtt("LocalHost", 1883), true},
    {"mqtt://localhost.example.org/", mqtt("localhost.example.org", 1883), false},
    {"mqtt://my_broker-2:65535/", mqtt("my_broker-2", 65535), false},
    {"mqtt://127.0.0.1:0", mqtt("127.0.0.1", 0), true},
    {"mqtts://localhost", {Scheme::mqtts, "localhost", 8883, ""}, true},
    {"mqtts://10.0.0.1:1", {Scheme::mqtts, "10.0.0.1", 1, ""}, false},
    {"ws://localhost", {Scheme::ws, "localhost", 80, "/mqtt"}, true},
    {"ws://localhost:8080/", {Scheme::ws, "localhost", 8080, "/mqtt"}, true},
    {"wss://[::1]/a/b", {Scheme::wss, "::1", 443, "/a/b"}, true},
    {"unix:///run/gaon.sock", local("/run/gaon.sock"), true},
    {"mqtt+unix:///run/gaon.sock", local("/run/gaon.sock"), true},
};

TEST(Address, parses_what_it_knows) {
  for (const Good& good : kGood) {
    const Result<Url> url = parse_url(good.text);
    ASSERT_TRUE(url) << good.text << ": " << url.error().what;
    EXPECT_EQ(*url, good.url) << good.text;
    EXPECT_EQ(is_loopback(*url), good.loopback) << good.text;
  }
}

TEST(Address, prints_what_it_parses_again) {
  for (const Good& good : kGood) EXPECT_EQ(parse_url(to_string(good.url)).value(), good.url) << good.text;
}

struct Bad {
  const char* text;
  const char* cause;  // a part of the error
};

constexpr Bad kBad[] = {
    {"", "lacks a scheme"},
    {"localhost:1883", "lacks a scheme"},
    {"ws://localhost/a?b=c", "path with a character"},
    {"ws://localhost/a b", "path with a character"},
    {"mqtts://localhost/mqtt", "has a path"},
    {"wss://a@localhost/mqtt", "user name"},
    {"tcp://localhost", "unknown scheme"},
    {"://localhost", "unknown scheme"},
    {"mqtt://", "lacks a host"},
    {"mqtt://:1883", "lacks a host"},
    {"mqtt://::1:1883", "lacks a host"},
    {"mqtt://fe80::1", "without brackets"},
    {"mqtt://[::1", "lacks the ]"},
    {"mqtt://[localhost]:1883", "no IPv6 address"},
    {"mqtt://[]", "no IPv6 address"},
    {"mqtt://[::1]1883", "no port"},
    {"mqtt://localhost:", "no port"},
    {"mqtt://localhost:65536", "no port"},
    {"mqtt://localhost:-1", "no port"},
    {"mqtt://localhost:1883x", "no port"},
    {"mqtt://local host", "character"},
    {"mqtt://localhost/mqtt", "has a path"},
    {"mqtt://localhost?x", "has a path"},
    {"mqtt://user:secret@localhost", "user name"},
    {"unix://run/gaon.sock", "absolute path"},
    {"unix://", "absolute path"},
};

TEST(Address, refuses_the_rest_and_says_why) {
  for (const Bad& bad : kBad) {
    const Result<Url> url = parse_url(bad.text);
    ASSERT_FALSE(url) << bad.text;
    EXPECT_NE(url.error().what.find(bad.cause), std::string::npos) << bad.text << ": " << url.error().what;
  }
}

TEST(Address, refuses_what_is_too_long) {
  EXPECT_TRUE(parse_url("mqtt://" + std::string(kHostMax, 'a')));
  EXPECT_FALSE(parse_url("mqtt://" + std::string(kHostMax + 1, 'a')));
  EXPECT_TRUE(parse_url("unix:///" + std::string(kPathMax - 1, 'a')));
  EXPECT_FALSE(parse_url("unix:///" + std::string(kPathMax, 'a')));
}

TEST(Address, prints_peers) {
  Peer peer{.family = Peer::Family::ipv4, .port = 4711, .address = {192, 0, 2, 1}};
  EXPECT_EQ(to_string(peer), "192.0.2.1:4711");
  peer = {.family = Peer::Family::ipv6, .port = 1, .address = {0x20, 0x01, 0x0d, 0xb8}};
  EXPECT_EQ(to_string(peer), "[2001:db8::]:1");
  EXPECT_EQ(to_string(Peer{.family = Peer::Family::local}), "unix");
  EXPECT_EQ(to_string(Peer{}), "unknown");
}

}  // namespace
}  // namespace gaon::net
