#include "net/proxy_filter.h"

#include <gtest/gtest.h>

#include "net/filter_pair.h"

namespace gaon::net {
namespace {

using State = Filter::State;
using namespace std::string_literals;

std::string u16(std::size_t value) { return {static_cast<char>(value >> 8), static_cast<char>(value & 255)}; }
std::string field(int type, const std::string& value) {
  return std::string(1, static_cast<char>(type)) + u16(value.size()) + value;
}
std::string header(int command, int family, const std::string& body) {
  return "\r\n\r\n\0\r\nQUIT\n"s + static_cast<char>(command) + static_cast<char>(family) + u16(body.size()) +
         body;
}
const std::string kIpv4 = "\xC0\x00\x02\x01\x0A\x00\x00\x01"s + u16(4711) + u16(8883);
const std::string kIpv6 =
    "\x20\x01\x0d\xb8"s + std::string(11, '\0') + "\1" + std::string(15, '\0') + "\1" + u16(4711) + u16(8883);

struct ProxyFilterTest : testing::Test {
  FilterSide side;

  void receive(const std::string& bytes, std::size_t chunk = 65536) {
    side = FilterSide{};
    side.filters.add(std::make_unique<ProxyFilter>());
    for (ByteView left = as_bytes(bytes); !left.empty(); left = left.subspan(std::min(chunk, left.size()))) {
      side.receive(left.first(std::min(chunk, left.size())));
    }
  }
  std::string address() {
    const auto told = side.filters.facts().address;
    return told ? to_string(*told) : "nobody";
  }
};

TEST_F(ProxyFilterTest, tells_whose_connection_it_is) {
  const std::pair<std::string, const char*> good[] = {
      {"PROXY TCP4 192.0.2.1 10.0.0.1 4711 1883\r\n", "192.0.2.1:4711"},
      {"PROXY TCP6 2001:db8::1 ::1 4711 1883\r\n", "[2001:db8::1]:4711"},
      {"PROXY UNKNOWN\r\n", "nobody"},
      {"PROXY UNKNOWN ffff:f:f::1 ::1 1 2\r\n", "nobody"},
      {header(0x21, 0x11, kIpv4), "192.0.2.1:4711"},
      {header(0x21, 0x21, kIpv6), "[2001:db8::1]:4711"},
      {header(0x21, 0x31, std::string(216, 'x')), "unix"},
      {header(0x21, 0x00, ""), "nobody"},
      {header(0x20, 0x11, kIpv4), "nobody"},
      {header(0x20, 0x00, "\xff"), "nobody"},
      {header(0x21, 0x11, kIpv4 + field(0x04, "")), "192.0.2.1:4711"},
  };
  for (const auto& [bytes, expected] : good) {
    for (const std::size_t chunk : {std::size_t{65536}, std::size_t{1}}) {
      receive(bytes + "\x10rest", chunk);
      EXPECT_EQ(side.state(), State::open) << bytes << ": " << side.why();
      EXPECT_EQ(address(), expected) << bytes;
      EXPECT_EQ(side.got, "\x10rest") << bytes;
    }
  }
  side.say("answer");
  EXPECT_EQ(as_text(side.out.view()), "answer");
}

TEST_F(ProxyFilterTest, tells_what_the_proxy_knows_of_tls) {
  const std::string inner = field(0x21, "TLSv1.3") + field(0x22, "pump-7") + field(0x23, "AES");
  receive(header(0x21, 0x11, kIpv4 + field(0x02, "plant.example") + field(0x20, "\x03\0\0\0\0"s + inner)));
  auto tls = side.filters.facts().tls;
  ASSERT_TRUE(tls);
  EXPECT_EQ(tls->protocol, "TLSv1.3");
  EXPECT_EQ(tls->cipher, "AES");
  EXPECT_EQ(tls->server_name, "plant.example");
  ASSERT_TRUE(tls->certificate);
  EXPECT_EQ(tls->certificate->common_name, "pump-7");
  // Not verified, or no certificate at all: whatever name is told is worth nothing.
  for (const std::string& worthless : {"\x03\0\0\0\1"s, "\x01\0\0\0\0"s}) {
    receive(header(0x21, 0x11, kIpv4 + field(0x20, worthless + inner)));
    tls = side.filters.facts().tls;
    ASSERT_TRUE(tls);
    EXPECT_FALSE(tls->certificate);
  }
  receive(header(0x21, 0x11, kIpv4 + field(0x20, "\x00\0\0\0\0"s + inner)));
  EXPECT_FALSE(side.filters.facts().tls);
}

TEST_F(ProxyFilterTest, a_wrong_header_is_the_end) {
  const std::string bad[] = {
      "\x10\x0c",
      "GET / HTTP/1.1\r\n",
      "PROXY TCP4 192.0.2.1 10.0.0.1 4711\r\n",
      "PROXY TCP4 192.0.2 10.0.0.1 1 2\r\n",
      "PROXY TCP4 ::1 ::1 1 2\r\n",
      "PROXY TCP4 192.0.2.1 10.0.0.1 65536 2\r\n",
      "PROXY TCP4 192.0.2.1 10.0.0.1 1 2 \r\n",
      "PROXY UDP4 192.0.2.1 10.0.0.1 1 2\r\n",
      "PROXY " + std::string(107, 'x'),
      header(0x31, 0x11, kIpv4),
      header(0x22, 0x11, kIpv4),
      header(0x21, 0x11, kIpv4.substr(1)),
      header(0x21, 0x11, kIpv4 + "\x04"),
      header(0x21, 0x11, kIpv4 + field(0x20, "\x01\0\0"s)),
      header(0x21, 0x11, kIpv4 + field(0x20, "\x01\0\0\0\0\x21\0\xff"s)),
      header(0x21, 0x11, std::string(ProxyHeader::kSizeMax, '\0')),
  };
  for (const std::string& bytes : bad) {
    receive(bytes);
    EXPECT_EQ(side.state(), State::failed) << bytes;
    EXPECT_EQ(side.got, "") << bytes;
  }
}

}  // namespace
}  // namespace gaon::net
