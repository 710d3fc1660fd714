#include "net/networks.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>

namespace gaon::net {
namespace {

Peer peer(const char* text) {
  Peer peer;
  if (inet_pton(AF_INET, text, peer.address.data()) == 1) {
    peer.family = Peer::Family::ipv4;
  } else if (inet_pton(AF_INET6, text, peer.address.data()) == 1) {
    peer.family = Peer::Family::ipv6;
  }
  return peer;
}

TEST(Networks, contain_what_begins_with_the_same_bits) {
  const auto networks = Networks::parse("10.1.0.0/15, 192.168.1.5,2001:db8::/33 , 0.0.0.0/32").value();
  for (const char* in : {"10.0.0.1", "10.1.255.255", "192.168.1.5", "2001:db8:7fff::1", "::ffff:10.1.2.3"}) {
    EXPECT_TRUE(networks.contain(peer(in))) << in;
  }
  for (const char* out :
       {"10.2.0.1", "192.168.1.4", "2001:db8:8000::1", "::1", "::ffff:11.0.0.1", "no address"}) {
    EXPECT_FALSE(networks.contain(peer(out))) << out;
  }
}

TEST(Networks, none_bits_are_everybody_of_a_family) {
  const auto networks = Networks::parse("0.0.0.0/0").value();
  EXPECT_TRUE(networks.contain(peer("255.1.2.3")));
  EXPECT_FALSE(networks.contain(peer("2001:db8::1")));
  EXPECT_TRUE(Networks::parse("").value().empty());
}

TEST(Networks, what_cannot_be_read_is_named) {
  for (const char* bad :
       {"10.0.0.0/33", "::/129", "10.0.0/8", "host", "10.0.0.1/", "10.0.0.1/8x", "1.2.3.4,,5.6.7.8"}) {
    EXPECT_FALSE(Networks::parse(bad)) << bad;
  }
  EXPECT_EQ(Networks::parse("::1, host").error().what,
            "\"host\" is neither an address nor a network like 10.0.0.0/8");
}

}  // namespace
}  // namespace gaon::net
