#include "net/websocket_filter.h"

#include <gtest/gtest.h>

#include "net/filter_pair.h"
#include "net/http_upgrade.h"

namespace gaon::net {
namespace {

using State = Filter::State;

constexpr std::string_view kRequest =
    "GET /mqtt HTTP/1.1\r\n"
    "Host: localhost\r\n"
    "Upgrade: websocket\r\n"
    "Connection: keep-alive, Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Sec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Protocol: mqttv3.1, mqtt\r\n\r\n";

// A frame as a client sends it, masked with zeros unless told otherwise.
std::string frame(int first, std::string_view payload, bool masked = true) {
  std::string bytes(1, static_cast<char>(first));
  const int mask = masked ? 0x80 : 0;
  if (payload.size() <= 125) {
    bytes += static_cast<char>(mask | static_cast<int>(payload.size()));
  } else {
    bytes += static_cast<char>(mask | 126);
    bytes += static_cast<char>(payload.size() >> 8);
    bytes += static_cast<char>(payload.size() & 255);
  }
  if (masked) bytes += std::string(4, '\0');
  return bytes + std::string(payload);
}
constexpr int kBinary = 0x82, kText = 0x81, kMore = 0x02, kContinued = 0x00, kLast = 0x80, kClose = 0x88,
              kPing = 0x89;

struct WebSocketFilterTest : testing::Test {
  WebSocketOptions options;
  FilterSide server;

  void make() {
    server.filters.add(std::make_unique<WebSocketFilter>(std::make_shared<WebSocketOptions>(options)));
  }
  std::string answer() {
    const std::string text(as_text(server.out.view()));
    server.out.clear();
    return text;
  }
  std::string answer_to(std::string_view request) {
    server = FilterSide{};
    make();
    server.receive(as_bytes(request));
    const std::string text = answer();
    return text.substr(0, text.find("\r\n"));
  }
  void open() {
    make();
    server.receive(as_bytes(kRequest));
    answer();
    ASSERT_EQ(server.state(), State::open) << server.why();
  }
  std::string changed(std::string_view from, std::string_view to) {
    std::string request(kRequest);
    return request.replace(request.find(from), from.size(), to);
  }
};

// [MQTT-6.0.0-4] [MQTT-6.0.0-4@311]
TEST_F(WebSocketFilterTest, the_subprotocol_mqtt_is_chosen) {
  make();
  server.receive(as_bytes(kRequest));
  const std::string text = answer();
  EXPECT_TRUE(text.starts_with("HTTP/1.1 101 Switching Protocols\r\n")) << text;
  EXPECT_NE(text.find("\r\nSec-WebSocket-Protocol: mqtt\r\n"), std::string::npos) << text;
  // The example of RFC 6455, section 1.3.
  EXPECT_NE(text.find("\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"), std::string::npos)
      << text;
}

// [MQTT-6.0.0-3] [MQTT-6.0.0-3@311]
TEST_F(WebSocketFilterTest, our_client_offers_mqtt_and_is_understood) {
  FilterPair pair;
  const auto shared = std::make_shared<WebSocketOptions>(options);
  pair.server.filters.add(std::make_unique<WebSocketFilter>(shared));
  pair.client.filters.add(std::make_unique<WebSocketFilter>(shared, "localhost:8080"));
  FilterChain::Scratch scratch;
  pair.client.filters.begin(pair.client.out, scratch);
  EXPECT_NE(as_text(pair.client.out.view()).find("\r\nSec-WebSocket-Protocol: mqtt\r\n"), std::string::npos);
  pair.chunk = 1;
  pair.exchange();
  ASSERT_EQ(pair.server.state(), State::open) << pair.server.why();
  ASSERT_EQ(pair.client.state(), State::open) << pair.client.why();
  const std::string large(70'000, 'x');
  pair.client.say("hello");
  pair.server.say(large);
  pair.exchange();
  EXPECT_EQ(pair.server.got, "hello");
  EXPECT_EQ(pair.client.got, large);
  pair.server.end();
  pair.exchange();
  EXPECT_EQ(pair.client.state(), State::ended);
}

TEST_F(WebSocketFilterTest, pages_of_other_origins_are_refused_and_who_is_no_page_is_not) {
  const auto of = [this](const std::string& origin) {
    return answer_to(changed("Host: localhost", "Host: localhost\r\nOrigin: " + origin));
  };
  EXPECT_EQ(of("https://anything.example"), "HTTP/1.1 101 Switching Protocols");
  options.origins = *parse_origins("https://Console.example, http://localhost:5173 ,");
  EXPECT_EQ(of("https://console.example"), "HTTP/1.1 101 Switching Protocols");
  EXPECT_EQ(of("HTTP://localhost:5173"), "HTTP/1.1 101 Switching Protocols");
  EXPECT_EQ(of("http://console.example"), "HTTP/1.1 403 Forbidden");
  EXPECT_EQ(of("https://console.example.net"), "HTTP/1.1 403 Forbidden");
  EXPECT_EQ(of("null"), "HTTP/1.1 403 Forbidden");
  EXPECT_EQ(of(""), "HTTP/1.1 403 Forbidden");
  EXPECT_EQ(of("https://console.example\r\nOrigin: https://eve.example"), "HTTP/1.1 403 Forbidden");
  EXPECT_EQ(of("https://eve.example"), "HTTP/1.1 403 Forbidden");
  EXPECT_EQ(
      server.why(),
      "WebSocket failed: answered 403: pages of https://eve.example may not connect (listener.origins)");
  EXPECT_EQ(answer_to(kRequest), "HTTP/1.1 101 Switching Protocols");
}

TEST_F(WebSocketFilterTest, origins_are_a_scheme_and_a_host) {
  EXPECT_EQ(parse_origins("")->size(), 0U);
  EXPECT_EQ(*parse_origins("https://[::1]:8080"), std::vector<std::string>{"https://[::1]:8080"});
  for (const char* text :
       {"console.example", "https://", "://x", "https://x/", "https://*.x", "https://a b", "*"})
    EXPECT_FALSE(parse_origins(text)) << text;
}

TEST_F(WebSocketFilterTest, what_is_no_upgrade_is_answered_as_http_does) {
  EXPECT_EQ(answer_to("garbage\r\n\r\n"), "HTTP/1.1 400 Bad Request");
  EXPECT_EQ(answer_to(changed("GET", "PUT")), "HTTP/1.1 405 Method Not Allowed");
  EXPECT_EQ(answer_to(changed("GET /mqtt HTTP/1.1", "GET /mqtt HTTP/1.0")),
            "HTTP/1.1 405 Method Not Allowed");
  EXPECT_EQ(answer_to(changed("/mqtt", "/other")), "HTTP/1.1 404 Not Found");
  EXPECT_EQ(answer_to("GET /mqtt HTTP/1.1\r\nHost: x\r\n\r\n"), "HTTP/1.1 426 Upgrade Required");
  EXPECT_EQ(answer_to(changed("Version: 13", "Version: 8")), "HTTP/1.1 426 Upgrade Required");
  EXPECT_EQ(answer_to(changed("dGhlIHNhbXBsZSBub25jZQ==", "short")), "HTTP/1.1 400 Bad Request");
  EXPECT_EQ(answer_to(changed("dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25jZ!==")),
            "HTTP/1.1 400 Bad Request");
  EXPECT_EQ(answer_to(changed("mqttv3.1, mqtt", "chat")), "HTTP/1.1 400 Bad Request");
  EXPECT_EQ(server.why(), "WebSocket failed: answered 400: the subprotocol mqtt is not among those offered");
  EXPECT_EQ(answer_to("GET /mqtt HTTP/1.1\r\nX: " + std::string(kHttpHeadMax, 'x') + "\r\n\r\n"),
            "HTTP/1.1 431 Request Header Fields Too Large");
  EXPECT_EQ(server.state(), State::failed);
}

TEST_F(WebSocketFilterTest, a_query_is_passed_over) {
  EXPECT_EQ(answer_to(changed("/mqtt", "/mqtt?token=1")), "HTTP/1.1 101 Switching Protocols");
}

TEST_F(WebSocketFilterTest, says_that_somebody_speaks_something_else) {
  EXPECT_EQ(answer_to("\x10\x0c"), "");
  EXPECT_EQ(server.why(), "WebSocket failed: it speaks MQTT without WebSocket");
  EXPECT_EQ(answer_to("\x16\x03\x01"), "");
  EXPECT_EQ(server.why(), "WebSocket failed: it speaks TLS on a port without");
}

// [MQTT-6.0.0-2] [MQTT-6.0.0-2@311]
TEST_F(WebSocketFilterTest, packets_need_not_align_with_frames) {
  const std::string bytes = std::string(kRequest) + frame(kBinary, "two packets") +
                            frame(kMore, "one over ") + frame(kContinued, "") + frame(kPing, "between") +
                            frame(kContinued, "three") + frame(kLast, " frames") +
                            frame(kBinary, std::string(300, 'x'));
  const std::string expected = "two packetsone over three frames" + std::string(300, 'x');
  for (const std::size_t chunk : {bytes.size(), std::size_t{1}, std::size_t{7}}) {
    server = FilterSide{};
    make();
    for (ByteView left = as_bytes(bytes); !left.empty(); left = left.subspan(std::min(chunk, left.size()))) {
      server.receive(left.first(std::min(chunk, left.size())));
    }
    EXPECT_EQ(server.got, expected);
    EXPECT_EQ(server.state(), State::open) << server.why();
    EXPECT_TRUE(answer().ends_with(frame(0x8A, "between", false)));
  }
}

TEST_F(WebSocketFilterTest, masks_are_taken_off) {
  open();
  server.receive(
      as_bytes(std::string_view("\x82\x83\x01\x02\x03\x04"
                                "`be",
                                9)));
  EXPECT_EQ(server.got, "a`f");
}

// [MQTT-6.0.0-1] [MQTT-6.0.0-1@311]
TEST_F(WebSocketFilterTest, a_text_frame_is_the_end) {
  open();
  server.receive(as_bytes(frame(kBinary, "a") + frame(kText, "b") + frame(kBinary, "c")));
  EXPECT_EQ(server.got, "a");
  EXPECT_EQ(server.state(), State::failed);
  EXPECT_EQ(answer(), frame(0x88, "\x03\xEBMQTT is in binary frames", false));
}

TEST_F(WebSocketFilterTest, a_close_is_answered_with_its_code) {
  open();
  server.receive(as_bytes(frame(kBinary, "last") + frame(kClose, "\x03\xE8")));
  EXPECT_EQ(server.got, "last");
  EXPECT_EQ(server.state(), State::ended);
  EXPECT_EQ(answer(), frame(0x88, "\x03\xE8", false));
  server.say("nothing follows");
  server.end();
  EXPECT_EQ(answer(), "");
}

TEST_F(WebSocketFilterTest, we_close_with_1000) {
  open();
  server.say("last");
  server.end();
  EXPECT_EQ(answer(), frame(0x82, "last", false) + frame(0x88, "\x03\xE8", false));
}

TEST_F(WebSocketFilterTest, what_breaks_the_rules_of_frames_is_the_end) {
  const std::string_view wrong[] = {
      "not masked", "no message to continue", "a message in a message", "a reserved bit", "a long ping",
  };
  const std::string bytes[] = {
      frame(kBinary, "a", false),
      frame(kLast, "a"),
      frame(kMore, "a") + frame(kBinary, "b"),
      frame(0xC2, "a"),
      frame(kPing, std::string(126, 'x')),
  };
  for (std::size_t i = 0; i < std::size(bytes); ++i) {
    server = FilterSide{};
    open();
    server.receive(as_bytes(bytes[i]));
    EXPECT_EQ(server.state(), State::failed) << wrong[i];
    EXPECT_TRUE(answer().starts_with("\x88")) << wrong[i];
  }
}

TEST_F(WebSocketFilterTest, a_message_has_a_largest_size) {
  options.message_bytes_max = 1000;
  open();
  server.receive(as_bytes(frame(kMore, std::string(600, 'x')) + frame(kContinued, std::string(600, 'x'))));
  EXPECT_EQ(server.state(), State::failed);
  EXPECT_EQ(server.why(), "WebSocket failed: a message is too long");
  EXPECT_EQ(answer(), frame(0x88,
                            "\x03\xF1"
                            "a message is too long",
                            false));
}

}  // namespace
}  // namespace gaon::net
